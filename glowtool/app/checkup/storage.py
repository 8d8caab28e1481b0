"""The checks of the data directory: is it there, private and whole, and is there room for a massage."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.app.checkup.findings import Check, Finding, failed, failed_by, not_applicable, passed, warned
from glowtool.app.logs.listing import size_of
from glowtool.errors import GlowtoolError, InputError, StoreError
from glowtool.link.bumble.private_file import read_json_object
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.app.place import Place

#: A massage of twenty minutes at 400 Hz takes 30 MB until it is finished.
_LEAST_BYTES: Final = 100 * 10**6
_WANTED_BYTES: Final = 10**9

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """The state of the data directory; `problems` say which parts of it cannot be read.

    `loose` are names below it that other users can open, `loose_bonds` those of them that hold keys.
    """

    root: Path
    anywhere: bool = True
    exists: bool = False
    writable: bool = False
    free_bytes: int | None = None
    loose: tuple[str, ...] | None = None
    loose_bonds: tuple[str, ...] = ()
    problems: tuple[GlowtoolError, ...] = ()
    unfinished: int = 0
    sessions: int = 0
    logs_bytes: int = 0
    logs_dir: Path | None = None
    error: GlowtoolError | None = None


async def look_at_storage(place: Place) -> StorageFacts:
    """Return the state of the data directory, without making it or changing anything in it.

    One exception: a damaged list of rollers is set aside and its intact part kept, as by any command.
    """
    try:
        root = place.folder
    except InputError:  # a user unknown to the system has no home
        return StorageFacts(Path(), anywhere=False)
    try:
        return _look(place)
    except StoreError as error:
        return StorageFacts(root, exists=True, error=error)
    except OSError as error:
        where = error.filename or root
        return StorageFacts(root, exists=True, error=StoreError(f"{where} cannot be read: {error.strerror}"))


def _look(place: Place) -> StorageFacts:
    root = place.root
    nearest = next((folder for folder in (root, *root.absolute().parents) if folder.is_dir()), None)
    free_bytes = None if nearest is None else shutil.disk_usage(nearest).free
    if not root.is_dir():
        return StorageFacts(root, free_bytes=free_bytes, writable=nearest is not None and os.access(nearest, os.W_OK))
    loose = None if os.name == "nt" else tuple(_loose(root))
    unreadable, unfinished, sessions, logs_bytes = _sessions(place.logs_dir)
    return StorageFacts(
        root,
        exists=True,
        writable=os.access(root, os.W_OK | os.X_OK),
        free_bytes=free_bytes,
        loose=loose,
        loose_bonds=tuple(name for name in loose or () if name.startswith(f"{place.bonds_dir.name}")),
        problems=(*_registry_problems(place), *_bond_problems(place.bonds_dir), *unreadable),
        unfinished=unfinished,
        sessions=sessions,
        logs_bytes=logs_bytes,
        logs_dir=place.logs_dir,
    )


def _loose(root: Path) -> Iterator[str]:
    """Yield what other users can open of the root, its direct content, and the content of its folder of bonds."""
    if root.stat().st_mode & _OTHERS:
        yield "."
    for folder in (root, root / "bonds", root / "run"):
        for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
            if entry.lstat().st_mode & _OTHERS and not entry.is_symlink():
                yield str(entry.relative_to(root))


def _registry_problems(place: Place) -> Iterator[GlowtoolError]:
    try:
        DeviceRegistry(place.root).rollers()
    except GlowtoolError as error:
        yield error


def _bond_problems(folder: Path) -> Iterator[GlowtoolError]:
    for path in sorted(folder.glob("*.json")):
        try:
            read_json_object(path)
        except GlowtoolError as error:
            yield error


def _sessions(logs: Path) -> tuple[tuple[GlowtoolError, ...], int, int, int]:
    try:
        entries = list_sessions(logs)
    except GlowtoolError as error:
        return (error,), 0, 0, 0
    unreadable = tuple(entry.unreadable for entry in entries if entry.unreadable is not None)
    unfinished = sum(entry.facts is not None and not entry.finished for entry in entries)
    return unreadable, unfinished, len(entries), sum(map(size_of, entries))


def _directory(facts: StorageFacts) -> Finding:
    if not facts.anywhere:
        return failed(StoreError, "this user has no home directory", "name a place with --data-dir")
    if facts.error is not None:
        return failed_by(facts.error)
    if not facts.writable:
        what = "cannot be written to" if facts.exists else "cannot be made"
        return failed(StoreError, f"{facts.root} {what}", "name another place with --data-dir")
    return passed(str(facts.root) if facts.exists else f"{facts.root}; glowtool makes it when it needs it")


def _private(facts: StorageFacts) -> Finding:
    if not facts.exists or facts.error is not None:
        return not_applicable("there is no data directory to check")
    if facts.loose is None:
        return not_applicable("this system has no such permissions")
    if not facts.loose:
        return passed("only its owner can use it")
    few = _few(facts.loose)
    advice = f"`chmod -R go= '{facts.root}'`"
    if facts.loose_bonds and "." in facts.loose:
        return failed(StoreError, f"other users can open {few}: this includes the keys of bonds", advice)
    return warned(f"other users can open {few}", advice)


def _files(facts: StorageFacts) -> Finding:
    if not facts.exists or facts.error is not None:
        return not_applicable("there is no data directory to check")
    if facts.problems:
        more = f", and {len(facts.problems) - 1} more" if len(facts.problems) > 1 else ""
        first = facts.problems[0]
        return failed(StoreError, first.says + more, first.advice)
    if facts.unfinished:
        logs = "log is" if facts.unfinished == 1 else "logs are"
        return warned(f"{facts.unfinished} {logs} not finished", "`glowtool logs recover`, but not during a massage")
    return passed(f"all whole, {facts.sessions} {'log' if facts.sessions == 1 else 'logs'}")


def _room(facts: StorageFacts) -> Finding:
    if facts.free_bytes is None:
        return not_applicable("this system does not tell")
    said = f"{facts.free_bytes / 1e9:.1f} GB free"
    if facts.sessions:
        said += f"; logs take {facts.logs_bytes / 1e9:.3f} GB in {facts.logs_dir}"
    if facts.free_bytes < _LEAST_BYTES:
        return failed(StoreError, said, "free some space before a massage: a full disk stops it")
    return warned(said, "free some space") if facts.free_bytes < _WANTED_BYTES else passed(said)


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join("the directory itself" if name == "." else name for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


STORAGE_CHECKS: Final[tuple[Check[StorageFacts], ...]] = (
    Check("data-directory", "Data directory", _directory),
    Check("data-private", "Privacy", _private),
    Check("data-whole", "Files", _files),
    Check("disk-space", "Disk space", _room),
)
