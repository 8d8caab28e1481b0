"""The journal of a running session: samples and events as Arrow IPC streams, on disk within a second."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from glowtool.errors import StoreError
from glowtool.kit.storage import lock
from glowtool.kit.storage.files import make_folder, storing, sync_folder
from glowtool.kit.storage.privacy import FILE_MODE
from glowtool.model.event import Event, EventKind
from glowtool.store.bounds import BATCH_ROWS_MAX
from glowtool.store.erasure.unnamed import without_roller
from glowtool.store.journal.seal import (
    MANIFEST_KEY,
    SCHEMA_NUMBER,
    Seal,
    SealingWriter,
    StreamName,
    columns_crc,
    journal_tag,
)
from glowtool.store.logs.order import next_place
from glowtool.store.names import EVENTS_NAME, SAMPLES_NAME
from glowtool.store.tables.arrow import EVENTS_SCHEMA, batch_of, events_batch, schema_of_arrays
from glowtool.store.tables.entries import DeviceEntry
from glowtool.store.tables.events import cell_event, gap_event, stroke_event, temperature_event
from glowtool.store.tables.manifest import manifest_text, write_manifest

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from glowtool.model.event import JsonValue
    from glowtool.store.tables.manifest import Manifest
    from glowtool.stream.arrivals import Books
    from glowtool.stream.block import Columns
    from glowtool.stream.clock.model import ClockModel
    from glowtool.stream.pipeline import Portion

#: Short enough that a caller that comes about every quarter of a second syncs every half second.
SYNC_INTERVAL_S: Final = 0.4

#: So many settled lines of the clock are written again with each checkpoint.
_LINES_REPEATED: Final = 4

_KEPT: Final = "everything written before that is kept"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The data that a recovery cannot recompute; each sync writes it, so it is at most a second old."""

    counters: Books
    clock: ClockModel | None

    def event(self, device_time_us: int, step: Event | None = None) -> Event:
        """Return the journal's event for it; `step` is the latest event that began or ended a step.

        The event repeats it, so that damage to the original does not put the samples into another step.
        """
        clock = None if self.clock is None else _clock_data(self.clock)
        data = {"counters": asdict(self.counters), "clock": clock}
        if step is not None:
            data["step"] = {"kind": step.kind.value, "device_time_us": step.device_time_us, "data": dict(step.data)}
        return Event(device_time_us, EventKind.CHECKPOINT, data)


def _clock_data(model: ClockModel) -> dict[str, JsonValue]:
    """Return the last line and the latest before it; each of those is in the checkpoints of several minutes."""
    earlier = model.lines[:-1][-_LINES_REPEATED:]
    return {**asdict(model.last), "earlier": [asdict(line) for line in earlier]}


def new_session_id(now_utc: datetime) -> str:
    """Return an id such as `20261122T154100Z-3f9a1c`."""
    return f"{now_utc:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class _Stream:
    """An append-only Arrow IPC stream of sealed messages.

    A failed write is undone, so that the file ends with a whole message.
    """

    def __init__(self, path: Path, name: StreamName, journal: str, manifest: bytes) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        self._name = name
        self._journal = journal
        self._manifest = manifest
        self._writer: SealingWriter | None = None
        self._columns = ""
        self._batches = 0
        self._size = 0
        #: Rows that are on disk.
        self.rows = 0
        lock.take(self._descriptor)

    def begin(self, schema: pa.Schema) -> None:
        """Write the schema, if that was not done yet."""
        if self._writer is None:
            self._columns = columns_crc(schema)
            self._writer = SealingWriter(schema, self._seal(SCHEMA_NUMBER, 0), {MANIFEST_KEY: self._manifest})
            self._append(self._writer.head)

    def append(self, batch: pa.RecordBatch, others: int) -> None:
        """Write and sync a batch; `others` are the rows of the journal's other stream.

        Raises `OSError` and leaves the file as it was.
        """
        self.begin(batch.schema)
        assert self._writer is not None  # noqa: S101 - begun in the line before
        pieces = [batch.slice(at, BATCH_ROWS_MAX) for at in range(0, len(batch), BATCH_ROWS_MAX)]
        for piece in pieces:
            self._append(self._writer.message(piece, self._seal(self._batches, others)))
            self._batches += 1
            self.rows += len(piece)

    def close(self) -> None:
        os.close(self._descriptor)

    def _seal(self, number: int, others: int) -> Seal:
        return Seal(self._journal, self._name, self._columns, number, self.rows, others)

    def _append(self, message: bytes) -> None:
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
        self._step: Event | None = None
        self._pending_samples: list[Columns] = []
        self._pending_events: list[Event] = []
        self._synced_s: float | None = None
        self._latest_us = 0
        self._failure: StoreError | None = None
        self._closed = False
        with storing(f"open the journal in {folder}"):
            tag = journal_tag(manifest.session_id)
            # The copies do not name the roller, so forgetting it has to change only the manifest.
            copy = manifest_text(manifest.model_copy(update={"device": DeviceEntry.unknown()})).encode(errors="replace")
            self._samples = _Stream(folder / SAMPLES_NAME, StreamName.SAMPLES, tag, copy)
            self._events = _Stream(folder / EVENTS_NAME, StreamName.EVENTS, tag, copy)
            self._events.begin(EVENTS_SCHEMA)
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
            manifest = manifest.model_copy(update={"order": next_place(logs, manifest.session_id)})
            write_manifest(folder, manifest)
            return cls(folder, manifest)
        except StoreError:
            shutil.rmtree(folder, ignore_errors=True)  # nothing was recorded: leave no unreadable log
            raise

    def append_samples(self, samples: Columns) -> None:
        """Take sample columns from the pipeline; they stay in memory until the next sync."""
        self._check()
        times_us = samples.get("device_time_us")
        if times_us is not None and len(times_us):
            self._pending_samples.append(samples)
            self._latest_us = int(times_us.astype("int64")[-1])

    def append_event(self, event: Event) -> None:
        """Take an event, without what names the roller; kept in memory until the next sync."""
        self._check()
        event = replace(event, data=without_roller(event.data, self.manifest.device))
        self._pending_events.append(event)
        if event.kind in (EventKind.STEP, EventKind.STOP):
            self._step = event

    def append_output(self, output: Portion) -> None:
        """Take the pipeline's results for one frame: samples, strokes, gaps, temperatures."""
        self._check()
        if output.reset:
            self.append_event(Event(self._latest_us, EventKind.RESET, {}))
        for event in (
            *map(gap_event, output.gaps),
            *map(temperature_event, output.temperatures),
            *map(stroke_event, output.strokes),
            *map(cell_event, output.failed_cells),
        ):
            self.append_event(event)
        self.append_samples(output.samples)

    def sync(self, now_s: float, checkpoint: Checkpoint | None = None) -> bool:
        """Write and fsync pending data if the interval has passed on the caller's monotonic clock; return whether so.

        Call it at least twice a second.
        """
        self._check()
        if self._synced_s is not None and now_s - self._synced_s < SYNC_INTERVAL_S:
            return False
        self._write(checkpoint)
        self._synced_s = now_s
        return True

    def close(self, checkpoint: Checkpoint | None = None) -> None:
        """Write and fsync the rest and close the files. A second call, or one after a failure, does nothing."""
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
            events.append(checkpoint.event(self._latest_us, self._step))
        try:
            with storing(f"write the log in {self.folder}", kept=_KEPT):
                if self._pending_samples:
                    self._samples.append(self._samples_batch(), self._events.rows)
                if events:
                    self._events.append(events_batch(events), self._samples.rows)
        except StoreError as error:
            self._failure = error
            raise
        self._pending_samples.clear()
        self._pending_events.clear()

    def _samples_batch(self) -> pa.RecordBatch:
        """Return the pending rows as one record batch."""
        if self._schema is None:
            self._schema = schema_of_arrays(self._pending_samples[0])
        return batch_of(self._pending_samples, self._schema)
