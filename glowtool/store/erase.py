"""Erasure: of a log with everything derived from it, or of the roller's name from a log that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError, StoreError
from glowtool.kit.storage import lock
from glowtool.kit.storage.files import is_temporary, storing, sync_folder
from glowtool.store.catalogue import list_sessions
from glowtool.store.names import ASIDE, DATA_FILES, EVENTS_NAME, JOURNAL_FILES, REPORT_FILE
from glowtool.store.order import forget_last
from glowtool.store.regular import is_real_folder
from glowtool.store.rollers.massages import anonymous, keep_massage, list_massages
from glowtool.store.tables.manifest import MANIFEST_NAME, DeviceEntry, write_manifest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.store.rollers.massages import KeptMassage
    from glowtool.store.tables.manifest import Manifest

#: All files that glowtool puts into the folder of a log; the manifest last, so that an interrupted erasure shows.
OURS: Final = (*JOURNAL_FILES, *(f"{ASIDE}{name}" for name in JOURNAL_FILES), *DATA_FILES, REPORT_FILE, MANIFEST_NAME)


def erase_log(folder: Path) -> tuple[str, ...]:
    """Erase a log: data, journal, files set aside, report, manifest, and its name in the order of the logs.

    Returns the names of files that are not glowtool's; they stay, and so does the folder. Links are removed, not
    followed. It may be repeated after a crash. Raises `StoreError`, also for a log that is being recorded.
    """
    if not is_real_folder(folder):
        raise StoreError(f"{folder} is not a folder, or is a link to one", advice="remove it by hand")
    with storing(f"erase {folder}"):
        if lock.is_held(folder / EVENTS_NAME):
            raise StoreError(f"{folder} is being recorded right now", advice="stop that massage first")
        here = [path.name for path in folder.iterdir()]
        mine = [name for name in here if is_temporary(name)] + [name for name in OURS if name in here]
        for name in mine:
            if name != MANIFEST_NAME:
                (folder / name).unlink()
        forget_last(folder.parent, folder.name)  # this writes; by now even a full disk has room for it
        (folder / MANIFEST_NAME).unlink(missing_ok=True)
        left = tuple(sorted(set(here) - set(mine)))
        sync_folder(folder)
        if not left:
            folder.rmdir()
            sync_folder(folder.parent)
    return left


def forget_roller(
    logs: Path, massages: Path, is_meant: Callable[[str, str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove a roller from all its logs and massages; `is_meant` tells them by address and serial number.

    Manifests keep routine, steps and readings; name, address, serial number and firmware go, from what events say as
    well, and the report with them. Returns the ids that were changed, and those that may name it still: damaged, or not
    closed yet. Raises `StoreError` when the disk does not take it.
    """
    changed: list[str] = []
    failed: list[str] = []
    for entry in list_sessions(logs):
        if entry.manifest is None:
            failed.append(entry.session_id)
        elif is_meant(entry.manifest.device.address, entry.manifest.device.serial):
            (changed if _forget_in(entry.path, entry.manifest) else failed).append(entry.session_id)
    for kept in list_massages(massages):
        if kept.massage is None:
            failed.append(kept.massage_id)
        elif is_meant(kept.massage.address, kept.massage.serial):
            changed.append(_without_roller(massages, kept.path, kept.massage))
    return tuple(changed), tuple(failed)


def _forget_in(folder: Path, manifest: Manifest) -> bool:
    with storing(f"take the roller out of {folder}"):
        if lock.is_held(folder / EVENTS_NAME):
            return False
        from glowtool.store.unlink import unlink_events  # noqa: PLC0415 - who erases or lists logs needs no pyarrow

        try:
            unlinked = unlink_events(folder, manifest)
        except LogDamagedError:
            unlinked = None
        write_manifest(folder, (unlinked or manifest).model_copy(update={"device": DeviceEntry.unknown()}))
        (folder / REPORT_FILE).unlink(missing_ok=True)
        sync_folder(folder)
    return unlinked is not None


def _without_roller(massages: Path, path: Path, massage: KeptMassage) -> str:
    """Replace a massage by one without its roller; the new file has another name, since the old name had the serial."""
    without = anonymous(massage)
    if without.massage_id != massage.massage_id:
        keep_massage(massages, without)
        with storing(f"remove {path}"):
            path.unlink()
            sync_folder(massages)
    return without.massage_id
