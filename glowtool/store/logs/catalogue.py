"""The catalogue of sessions, and the search for the one that a person means."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogNotFoundError, StoreError
from glowtool.kit.storage.files import storing
from glowtool.store.logs.order import read_order
from glowtool.store.names import DATA_FILES, EVENTS_NAME, SAMPLES_NAME
from glowtool.store.regular import is_real_folder
from glowtool.store.tables.manifest import MANIFEST_NAME, LogState, read_manifest

if TYPE_CHECKING:
    from glowtool.store.tables.manifest import Manifest

LAST: Final = "last"

#: A folder with any of these is a log, or the rest of one.
_SIGNS: Final = (MANIFEST_NAME, SAMPLES_NAME, EVENTS_NAME, *DATA_FILES)


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One folder of the logs: its manifest, or the reason why it cannot be read."""

    path: Path
    manifest: Manifest | None
    unreadable: StoreError | None = None

    @property
    def problem(self) -> str | None:
        """The reason why it cannot be read, in words."""
        return None if self.unreadable is None else str(self.unreadable)

    @property
    def session_id(self) -> str:
        """The session's id, which is the folder's name."""
        return self.path.name

    @property
    def finished(self) -> bool:
        """Whether the log was closed, by its session or by a recovery."""
        return self.manifest is not None and self.manifest.state is not LogState.RECORDING


def list_sessions(logs: Path) -> tuple[SessionEntry, ...]:
    """Return all sessions in a folder of logs in the order in which they were recorded; empty when there is none.

    Damaged ones are included, with the reason. Folders that are not logs, and links, are skipped.
    """
    order = read_order(logs)
    entries = map(_entry, _folders(logs))
    return tuple(sorted(entries, key=lambda entry: order.key(entry.session_id, entry.manifest)))


def resolve(logs: Path, text: str) -> Path:
    """Return the folder of the session that `text` means: "last", an id, or the beginning of one.

    "last" is the session that was recorded last, by the order of the data folder and not by any clock, even if it is
    damaged. Raises `LogNotFoundError` with suggestions; without any where there is no log at all.
    """
    folders = {folder.name: folder for folder in _folders(logs)}
    if not folders:
        raise LogNotFoundError(f"there is no log in {logs} yet")
    if text == LAST:
        last = read_order(logs).last
        return folders[last] if last in folders else list_sessions(logs)[-1].path
    if text in folders:
        return folders[text]
    if text and text == Path(text).name and os.path.lexists(logs / text):
        raise LogNotFoundError(f"{text!r} in {logs} is not a log", advice="`glowtool logs list` shows all of them")
    beginning = [name for name in folders if text and name.lower().startswith(text.lower())]
    if len(beginning) == 1:
        return folders[beginning[0]]
    if beginning:
        raise LogNotFoundError(
            f"{len(beginning)} logs begin with {text!r}: {_few(beginning)}", advice="type more of the name"
        )
    near = difflib.get_close_matches(text, folders, n=3, cutoff=0.5)
    hint = f"did you mean {_few(near)}?" if near else "`glowtool logs list` shows all of them"
    raise LogNotFoundError(f"there is no log {text!r} in {logs}", advice=hint)


def _folders(logs: Path) -> list[Path]:
    with storing(f"list the logs in {logs}"):
        if not logs.is_dir():
            return []
        return sorted((path for path in logs.iterdir() if path.name[0] != "." and _is_log(path)), key=lambda p: p.name)


def _is_log(folder: Path) -> bool:
    """Whether a folder holds any file of a log; a folder made just before a crash, or by a user, does not."""
    return is_real_folder(folder) and any(os.path.lexists(folder / name) for name in _SIGNS)


def _entry(folder: Path) -> SessionEntry:
    try:
        return SessionEntry(folder, read_manifest(folder))
    except StoreError as error:
        return SessionEntry(folder, None, error)


def _few(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
