"""The facts that lists show of a log, taken from its manifest; light to import, and as a row of plain values."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from glowtool.model.ending import Ending
from glowtool.store.names import MANIFEST_NAME
from glowtool.store.tables.state import LogState
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.tables.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Facts:
    """What lists, plans and filters need of a log: who, when, what, how it ended, and how large it is.

    `worked_s` is the time in steps, `duration_s` that from the first to the last; `planned_s` is the routine's own.
    `whole` says that no damage is known. `size_bytes` is what all files in the folder take.
    """

    session_id: str
    started_utc: datetime
    ended_utc: datetime | None
    state: LogState
    ending: Ending | None
    person: str | None
    routine: str | None
    device: str
    address: str
    serial: str
    rate_hz: int
    duration_s: float | None
    worked_s: float
    planned_s: float | None
    whole: bool
    order_folder: str | None
    order_number: int
    size_bytes: int
    #: Whether nothing ran: a free recording, whose `duration_s` is that of the session.
    is_free: bool = False

    @property
    def last_utc(self) -> datetime:
        """The time of the end; of a log without one, that of the start."""
        return self.ended_utc or self.started_utc


def facts_of(folder: Path, manifest: Manifest) -> Facts:
    """Return the facts of the log in a folder."""
    spans, name, order = manifest.steps, manifest.routine.get("name"), manifest.order
    duration_s = (spans[-1].end_us - spans[0].start_us) / MICROSECONDS_PER_SECOND if spans else None
    if manifest.is_free and manifest.ended_utc is not None:
        duration_s = (manifest.ended_utc - manifest.started_utc).total_seconds()
    return Facts(
        manifest.session_id,
        manifest.started_utc,
        manifest.ended_utc,
        manifest.state,
        manifest.ending,
        manifest.person,
        str(name) if name else None,
        manifest.device.name,
        manifest.device.address,
        manifest.device.serial,
        manifest.rate_hz,
        duration_s,
        sum(span.end_us - span.start_us for span in spans) / MICROSECONDS_PER_SECOND,
        _planned_s(manifest.routine),
        manifest.damage is None and not manifest.altered,
        None if order is None else order.folder,
        0 if order is None else order.number,
        size_of(folder),
        manifest.is_free,
    )


def row_of(facts: Facts) -> str:
    """Return facts as one line of JSON; `facts_in` reads it again."""
    values = [getattr(facts, name) for name in _FIELDS]
    return json.dumps([each.isoformat() if isinstance(each, datetime) else each for each in values])


def facts_in(row: str) -> Facts:
    """Return the facts in a line of JSON; raises `ValueError` or `TypeError` for one that is not of this version."""
    session_id, started, ended, state, ending, *rest = json.loads(row)
    return Facts(
        session_id,
        datetime.fromisoformat(started),
        None if ended is None else datetime.fromisoformat(ended),
        LogState(state),
        None if ending is None else Ending(ending),
        *rest,
    )


def mark_of(folder: str, within: os.stat_result) -> tuple[str, int] | None:
    """Return what changes whenever a log does, and the latest time in it, ns; None for a folder without a manifest.

    It is made of the manifest's place, size and times, and of the time of the folder, in which files come and go.
    """
    try:
        found = os.stat(f"{folder}/{MANIFEST_NAME}", follow_symlinks=False)  # noqa: PTH116 - ten thousand times
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    times = found.st_mtime_ns, found.st_ctime_ns, within.st_mtime_ns
    return f"{found.st_ino}.{found.st_size}.{times[0]}.{times[1]}.{times[2]}", max(times)


def mark_at(folder: str) -> str | None:
    """Return the mark of a folder; None when it has none."""
    try:
        found = mark_of(folder, os.stat(folder, follow_symlinks=False))  # noqa: PTH116 - as above
    except OSError:
        return None
    return None if found is None else found[0]


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder, as far as they can be seen."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                total += entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
    except OSError:
        return total
    return total


def _planned_s(routine: object) -> float | None:
    """Return the duration of a routine as a log keeps it; logs are read leniently."""
    steps = routine.get("steps") if isinstance(routine, dict) else None
    if not isinstance(steps, list):
        return None
    times = [step.get("duration_s") for step in steps if isinstance(step, dict)]
    return sum(each for each in times if isinstance(each, int | float) and not isinstance(each, bool))


_FIELDS: Final = tuple(Facts.__dataclass_fields__)
