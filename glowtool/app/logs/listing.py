"""The sessions and the massages by the button that this computer keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.logs.kept import READERS, kept_massages
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.logs.facts import size_of as bytes_in
from glowtool.store.rollers import massages as files
from glowtool.store.rollers.massages import find_massage, list_massages
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.rollers.massages import KeptMassage, MassageEntry
    from glowtool.store.tables.manifest import Manifest

    #: Tells by an address and a serial number whether something is of a roller.
    IsMeant = Callable[[str, str], bool]

__all__ = ["bytes_in", "duration_s", "massage", "massages", "read_massage", "sessions", "size_of"]


def sessions(place: Place, is_of: IsMeant | None = None) -> Sequence[SessionEntry]:
    """Return the sessions, oldest first, including unreadable ones; with `is_of`, those of one roller alone."""
    entries = list_sessions(place.logs_dir)
    if is_of is None:
        return entries
    return [e for e in entries if e.facts is not None and is_of(e.facts.address, e.facts.serial)]


def size_of(entry: SessionEntry) -> int:
    """Return the bytes that a log takes on the disk, whether it can be read or not."""
    return bytes_in(entry.path) if entry.facts is None else entry.facts.size_bytes


def duration_s(manifest: Manifest) -> float | None:
    """Return the time from the beginning of a session's first step to the end of its last, None without any.

    A free recording has no steps: its time is that of the whole session.
    """
    if manifest.is_free and manifest.ended_utc is not None:
        return (manifest.ended_utc - manifest.started_utc).total_seconds()
    if not manifest.steps:
        return None
    return (manifest.steps[-1].end_us - manifest.steps[0].start_us) / MICROSECONDS_PER_SECOND


def massages(place: Place, is_of: IsMeant | None = None) -> Sequence[MassageEntry]:
    """Return the fetched massages by the button, oldest first; with `is_of`, one roller's alone."""
    entries = list_massages(kept_massages(place))
    if is_of is None:
        return entries
    return [e for e in entries if e.massage is not None and is_of(e.massage.address, e.massage.serial)]


def massage(place: Place, name: str) -> MassageEntry | None:
    """Return the massage by the button with that id or beginning of an id; None when there is none."""
    return find_massage(kept_massages(place), name)


def read_massage(path: Path) -> KeptMassage:
    """Return the massage in a file; raises `LogNotFoundError`, `LogDamagedError` or `StoreError`."""
    return files.read_massage(path, READERS)
