"""The end of a roller's name in what stays: its logs, and its massages by the button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import LogDamagedError, StoreError
from glowtool.kit.storage import lock
from glowtool.kit.storage.files import storing, sync_folder, write_atomic
from glowtool.store.bounds import MASSAGE_MAX_BYTES
from glowtool.store.erasure.unnamed import RollerNames
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.logs.remembered import throw_away
from glowtool.store.names import EVENTS_NAME
from glowtool.store.regular import read_regular
from glowtool.store.rollers.massages import NO_ROLLER, anonymous, keep_massage, list_massages, serial_in_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.rollers.massages import KeptMassage, Massages
    from glowtool.store.tables.manifest import Manifest

    IsMeant = Callable[[str, str], bool]


def require_closed(logs: Path, is_meant: IsMeant) -> None:
    """Raise `StoreError` while any log of a roller is being recorded: it would be written while it is changed."""
    for entry in list_sessions(logs):
        if _is_own(entry.manifest, is_meant):
            _require_closed(entry)


def forget_roller(
    logs: Path, massages: Massages, is_meant: IsMeant, names: RollerNames | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove a roller from all logs and massages; `is_meant` tells its own by address and serial number.

    Manifests keep routine, steps and readings; name, address, serial number and firmware go, and the report with them.
    What events say of it goes as well, under these `names` and those of the manifest, whoever's log it is.
    Returns the ids that were changed, and those that may name it still, since they are damaged. May be repeated. Raises
    `StoreError` when the disk does not take it, and for a log that is being recorded, which is left as it is.
    """
    names = names or RollerNames.of_those()
    changed: list[str] = []
    failed: list[str] = []
    for entry in list_sessions(logs):
        was_changed, is_sure = _forget_in(entry, is_meant, names)
        if not is_sure:
            failed.append(entry.session_id)
        elif was_changed:
            changed.append(entry.session_id)
    if logs.is_dir():
        throw_away(logs)  # it repeats the rollers of the manifests
    for kept in list_massages(massages):
        if kept.massage is None:
            failed.append(_struck(massages.folder, kept.path, names))
        elif is_meant(kept.massage.address, kept.massage.serial):
            changed.append(_without_roller(massages, kept.path, kept.massage))
    return tuple(changed), tuple(failed)


def _is_own(manifest: Manifest | None, is_meant: IsMeant) -> bool:
    return manifest is not None and is_meant(manifest.device.address, manifest.device.serial)


def _require_closed(entry: SessionEntry) -> None:
    with storing(f"read {entry.path / EVENTS_NAME}"):
        if lock.is_held(entry.path / EVENTS_NAME):
            raise StoreError(
                f"{entry.path} is being recorded right now, so that it still names the roller",
                advice="stop that massage first, then try again",
            )


def _forget_in(entry: SessionEntry, is_meant: IsMeant, names: RollerNames) -> tuple[bool, bool]:
    """Return whether a log was changed, and whether surely no file of it names the roller now."""
    manifest = entry.manifest
    own = _is_own(manifest, is_meant)
    if own:
        _require_closed(entry)
    with storing(f"take the roller out of {entry.path}"):
        if lock.is_held(entry.path / EVENTS_NAME):
            return False, manifest is not None  # of another roller, or of one that nobody can tell
        from glowtool.store.erasure.unlink import unlink_log  # noqa: PLC0415 - who erases or lists logs needs no pyarrow

        if manifest is not None:
            device = RollerNames.of(manifest.device)
            # In a log of another roller an alias may be any word of a sentence.
            others = names.but(device).unmistakable() if device.numbers else names
            names = names.and_those(device) if own else others
        done = unlink_log(entry.path, manifest, names, own=own)
    return done.changed, manifest is not None and (done.sure or not own)


def _without_roller(massages: Massages, path: Path, massage: KeptMassage) -> str:
    """Replace a massage by one without its roller; the new file has another name, since the old name had the serial."""
    without = anonymous(massage)
    if without.massage_id != massage.massage_id:
        keep_massage(massages, without)
        with storing(f"remove {path}"):
            path.unlink()
            sync_folder(massages.folder)
    return without.massage_id


def _struck(massages: Path, path: Path, names: RollerNames) -> str:
    """Strike a roller out of a massage that cannot be read, and out of its file's name; return its id."""
    from glowtool.store.journal.struck import names_its_roller, struck_bytes  # noqa: PLC0415 - loads pyarrow

    to = path.with_name(_name_without(path.name, names))
    with storing(f"take the roller out of {path}"):
        try:
            content = read_regular(path, MASSAGE_MAX_BYTES)
        except (FileNotFoundError, LogDamagedError):
            return path.stem
        told = struck_bytes(content, names) if to != path or names_its_roller(content, names) else content
        to = _free(path, to)
        if (to, told) != (path, content):
            write_atomic(to, lambda stream: stream.write(told))
        if to != path:
            path.unlink()
            sync_folder(massages)
    return to.stem


def _free(path: Path, to: Path) -> Path:
    """Return a name for a file that cannot be read at which no other massage is."""
    tried, number = to, 1
    while tried != path and tried.exists():
        number += 1
        tried = to.with_name(f"{to.stem}-{number}{to.suffix}")
    return tried


def _name_without(name: str, names: RollerNames) -> str:
    for number in names.numbers:
        beginning = f"{serial_in_names(number)}-"
        if name.casefold().startswith(beginning.casefold()):
            return f"{NO_ROLLER}-{name[len(beginning) :]}"
    return name
