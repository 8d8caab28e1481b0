"""The export of logs: their tables as files for other programs, one or many."""

from __future__ import annotations

import os
import re
import zoneinfo
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.app.logs.found import log_at
from glowtool.app.logs.kept import kept_massages
from glowtool.errors import GlowtoolError, InputError, LogNotFoundError
from glowtool.kit.storage.files import make_folder, storing
from glowtool.store.exports.export import Job
from glowtool.store.exports.registry import EXPORTS, PLAIN, Decimal, ExportTable, Holds, Style, Wish, told_nobody
from glowtool.store.exports.target import write_to
from glowtool.store.logs.log import SessionLog
from glowtool.store.rollers.massages import find_massage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.app.place import Place
    from glowtool.store.exports.registry import Advance
    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.tables.manifest import Manifest

__all__ = [
    "EXPORTS",
    "PLAIN",
    "Decimal",
    "ExportTable",
    "Exported",
    "Holds",
    "Job",
    "Style",
    "Wish",
    "export_all",
    "open_log",
    "session_folder",
    "told_nobody",
    "write_to",
    "zone_named",
]

#: What may be in the name of a file everywhere.
_STRANGE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LOCAL: Final = "local"


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of one session: its file, or why there is none. `stayed`: a file was there already."""

    session_id: str
    path: Path
    stayed: bool = False
    failure: GlowtoolError | None = None


def session_folder(place: Place, session: str) -> Path:
    """Return the folder of a session, named by its id or its path.

    `LogNotFoundError` says so when the id is that of a massage by the button.
    """
    try:
        return log_at(place, session)
    except LogNotFoundError:
        entry = find_massage(kept_massages(place), session)
        if entry is None:
            raise
    raise LogNotFoundError(
        f"{entry.massage_id} is a massage by the button: the roller recorded a summary, but no samples",
        advice="`glowtool logs show` shows it",
    )


def open_log(place: Place, session: str = "last") -> SessionLog:
    """Open a log by its id, its beginning, `last`, or a path; raises `LogNotFoundError`, `LogDamagedError`."""
    return SessionLog.open(session_folder(place, session))


def export_all(
    entries: Sequence[SessionEntry], job: Job, folder: Path, advance: Advance = told_nobody, *, force: bool = False
) -> Iterator[Exported]:
    """Write a file of each session into a folder; yield what became of each. A bad log stops none of the others.

    A file that is there already stays, unless `force`. Raises `StoreError` for a folder that cannot be made.
    """
    with storing(f"make the folder {folder}"):
        make_folder(folder)
    count = len(entries)

    def within(at: int) -> Advance:
        return lambda share: advance((at + share) / count)

    for at, entry in enumerate(entries):
        path = folder / file_name(entry.session_id, entry.manifest, job)
        if path.exists() and not force:
            yield Exported(entry.session_id, path, stayed=True)
            continue
        one = replace(job, advance=within(at))
        try:
            log = SessionLog.open(entry.path)
            write_to(path, partial(one.fill, log), force=force)
        except GlowtoolError as error:
            yield Exported(entry.session_id, path, failure=error)
        else:
            yield Exported(entry.session_id, path)
        advance((at + 1) / count)


def file_name(session_id: str, manifest: Manifest | None, job: Job) -> str:
    """Return the name of a session's file: its id, its routine, the table, so that files sort by their time."""
    routine = None if manifest is None else manifest.routine.get("name")
    parts = [session_id, str(routine or "unknown")]
    if job.export.holds is Holds.TABLE:
        parts.append(job.table.value)
    return f"{'_'.join(_STRANGE.sub('-', part)[:80] for part in parts)}.{job.export.suffix}"


def zone_named(name: str) -> str:
    """Return the IANA name of a time zone, `local` being that of this computer; raises `InputError`."""
    wanted = _local_zone() if name == _LOCAL else name
    try:
        zoneinfo.ZoneInfo(wanted)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"there is no time zone {wanted!r}", advice="name one such as Europe/Berlin, UTC, or `local`"
        ) from error
    return wanted


def _local_zone() -> str:
    """Return the name of this computer's time zone, as far as the system tells it; else UTC's."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named:
        return named
    _, found, name = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")
    if not found:
        raise InputError("this computer does not tell the name of its time zone", advice="name it: Europe/Berlin")
    return name
