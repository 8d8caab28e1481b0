"""The journal of a running session: samples and events as Arrow IPC streams, on disk within a second."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import StoreError
from glowtool.kit.privacy import FILE_MODE
from glowtool.store import lock
from glowtool.store.arrow import EVENTS_SCHEMA, batch_of, events_batch, message_of, schema_of_arrays
from glowtool.store.events import Event, EventKind, gap_event, stroke_event, temperature_event
from glowtool.store.files import make_folder, storing, sync_folder
from glowtool.store.manifest import write_manifest

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from glowtool.store.manifest import Manifest
    from glowtool.stream.account import Counters
    from glowtool.stream.block import Columns
    from glowtool.stream.clock import ClockModel
    from glowtool.stream.pipeline import Output

SAMPLES_NAME: Final = "samples.arrows"
EVENTS_NAME: Final = "events.arrows"

#: Short enough that a caller who comes every quarter of a second, a little late at times, syncs every half second.
SYNC_INTERVAL_S: Final = 0.4

_KEPT: Final = "what was written before is kept"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a recovery cannot recompute: written with each sync, so that it is at most a second old."""

    counters: Counters
    clock: ClockModel | None

    def event(self, device_time_us: int) -> Event:
        """Return the journal's event for it."""
        clock = None if self.clock is None else asdict(self.clock)
        return Event(device_time_us, EventKind.CHECKPOINT, {"counters": asdict(self.counters), "clock": clock})


def new_session_id(now_utc: datetime) -> str:
    """Return an id such as `20261122T154100Z-3f9a1c`."""
    return f"{now_utc:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class _Stream:
    """An append-only Arrow IPC stream. A write that fails is taken back, so that the file ends with a whole message."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        self._size = 0
        lock.take(self._descriptor)

    def append(self, message: bytes) -> None:
        """Write and sync one message or several; raises `OSError` and leaves the file as it was."""
        try:
            view = memoryview(message)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(message)

    def close(self) -> None:
        os.close(self._descriptor)


class Journal:
    """Append-only files of one session. Not thread-safe: call from one thread at a time.

    Every method that writes raises `StoreError` when the disk does not take the data; what was synced before stays
    readable, and the journal takes nothing more.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open the journal of a folder in which there is none yet."""
        self.folder = folder
        self.manifest = manifest
        self._schema: pa.Schema | None = None
        self._pending_samples: list[Columns] = []
        self._pending_events: list[Event] = []
        self._synced_s: float | None = None
        self._latest_us = 0
        self._failure: StoreError | None = None
        self._closed = False
        with storing(f"open the journal in {folder}"):
            self._samples = _Stream(folder / SAMPLES_NAME)
            self._events = _Stream(folder / EVENTS_NAME)
            self._events.append(message_of(EVENTS_SCHEMA))
            sync_folder(folder)

    @classmethod
    def create(cls, logs: Path, manifest: Manifest) -> Journal:
        """Make `logs/<session_id>/` (mode 0700) with its manifest in state "recording", and open the journal."""
        folder = logs / manifest.session_id
        with storing(f"make the folder of the log, {folder}"):
            make_folder(logs)
            folder.mkdir(mode=0o700)
            sync_folder(logs)
        try:
            write_manifest(folder, manifest)
            return cls(folder, manifest)
        except StoreError:
            shutil.rmtree(folder, ignore_errors=True)  # nothing was recorded: leave no log that cannot be read
            raise

    def append_samples(self, samples: Columns) -> None:
        """Take samples columns as the pipeline gives them; kept in memory until the next sync."""
        self._check()
        times_us = samples.get("device_time_us")
        if times_us is not None and len(times_us):
            self._pending_samples.append(samples)
            self._latest_us = int(times_us.astype("int64")[-1])

    def append_event(self, event: Event) -> None:
        """Take an event; kept in memory until the next sync."""
        self._check()
        self._pending_events.append(event)

    def append_output(self, output: Output) -> None:
        """Take all that the pipeline made of one frame: samples, strokes, gaps, temperatures."""
        self._check()
        if output.reset:
            self.append_event(Event(self._latest_us, EventKind.RESET, {}))
        for event in (
            *map(gap_event, output.gaps),
            *map(temperature_event, output.temperatures),
            *map(stroke_event, output.strokes),
        ):
            self.append_event(event)
        self.append_samples(output.samples)

    def sync(self, now_s: float, checkpoint: Checkpoint | None = None) -> bool:
        """Write and fsync what is pending if the interval has passed on the caller's monotonic clock; True if it did.

        Call it at least twice a second.
        """
        self._check()
        if self._synced_s is not None and now_s - self._synced_s < SYNC_INTERVAL_S:
            return False
        self._write(checkpoint)
        self._synced_s = now_s
        return True

    def close(self, checkpoint: Checkpoint | None = None) -> None:
        """Write and fsync the rest and close the files. A second call does nothing, nor does one after a failure."""
        if self._closed:
            return
        try:
            if self._failure is None:
                self._write(checkpoint)
        finally:
            self._closed = True
            self._samples.close()
            self._events.close()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise StoreError(f"the journal in {self.folder} is closed")

    def _write(self, checkpoint: Checkpoint | None) -> None:
        events = list(self._pending_events)
        if checkpoint is not None:
            events.append(checkpoint.event(self._latest_us))
        try:
            with storing(f"write the log in {self.folder}", kept=_KEPT):
                if self._pending_samples:
                    self._samples.append(self._samples_message())
                if events:
                    self._events.append(message_of(events_batch(events)))
        except StoreError as error:
            self._failure = error
            raise
        self._pending_samples.clear()
        self._pending_events.clear()

    def _samples_message(self) -> bytes:
        """Return what is pending as one record batch, the first time with the schema before it."""
        head = b""
        if self._schema is None:
            self._schema = schema_of_arrays(self._pending_samples[0])
            head = message_of(self._schema)
        return head + message_of(batch_of(self._pending_samples, self._schema))
