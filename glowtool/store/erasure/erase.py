"""Erasure of a log with everything derived from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import StoreError
from glowtool.kit.storage import lock
from glowtool.kit.storage.files import is_temporary, storing, sync_folder
from glowtool.store.logs.order import forget_last
from glowtool.store.logs.remembered import forget
from glowtool.store.names import ASIDE, DATA_FILES, EVENTS_NAME, JOURNAL_FILES, MANIFEST_NAME, REPORT_FILE
from glowtool.store.regular import is_real_folder

if TYPE_CHECKING:
    from pathlib import Path

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
        forget(folder.parent, (folder.name,))
        (folder / MANIFEST_NAME).unlink(missing_ok=True)
        forget(folder.parent, (folder.name,))  # whoever lists logs meanwhile may have noted it once more
        left = tuple(sorted(set(here) - set(mine)))
        sync_folder(folder)
        if not left:
            folder.rmdir()
            sync_folder(folder.parent)
    return left
