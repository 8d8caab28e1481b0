"""The journal of a running session: samples and events as Arrow IPC streams, on disk within a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from glowtool.store.events import Event
    from glowtool.store.manifest import Manifest
    from glowtool.stream.account import Counters
    from glowtool.stream.block import Columns, Stroke
    from glowtool.stream.clock import ClockModel


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a recovery cannot recompute: written with each sync, so that it is at most a second old."""

    counters: Counters
    clock: ClockModel | None


def new_session_id(now_utc: datetime) -> str:
    """Return an id such as `20261122T154100Z-3f9a1c`."""
    raise NotImplementedError


class Journal:
    """Append-only files of one session. Not thread-safe: call from one thread at a time.

    Every method raises `StoreError` when the disk does not take the data; what was synced before stays readable.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        raise NotImplementedError

    @classmethod
    def create(cls, logs: Path, manifest: Manifest) -> Journal:
        """Make `logs/<session_id>/` (mode 0700) with its manifest in state "recording", and open the journal."""
        raise NotImplementedError

    def append_samples(self, samples: Columns) -> None:
        """Take samples columns as the pipeline gives them; kept in memory until the next sync."""
        raise NotImplementedError

    def append_strokes(self, strokes: tuple[Stroke, ...]) -> None:
        """Take strokes."""
        raise NotImplementedError

    def append_event(self, event: Event) -> None:
        """Take an event."""
        raise NotImplementedError

    def sync(self, now_s: float, checkpoint: Checkpoint | None = None) -> bool:
        """Write and fsync what is pending if the interval has passed on the caller's monotonic clock; True if it did.

        Call it at least twice a second.
        """
        raise NotImplementedError

    def close(self, checkpoint: Checkpoint | None = None) -> None:
        """Write and fsync the rest and close the files. A second call does nothing."""
        raise NotImplementedError
