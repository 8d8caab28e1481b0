"""Which sessions there are, and which of them a person means."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogNotFoundError, StoreError
from glowtool.store.files import storing
from glowtool.store.manifest import LogState, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.manifest import Manifest

LAST: Final = "last"


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One folder of the logs: its manifest, or the problem that keeps it from being read."""

    path: Path
    manifest: Manifest | None
    problem: str | None = None

    @property
    def session_id(self) -> str:
        """The session's id, which is the folder's name."""
        return self.path.name

    @property
    def finished(self) -> bool:
        """Whether the log was closed, by its session or by a recovery."""
        return self.manifest is not None and self.manifest.state is not LogState.RECORDING


def list_sessions(logs: Path) -> tuple[SessionEntry, ...]:
    """Return all sessions in a folder of logs, oldest first; empty when there is no such folder."""
    return tuple(map(_entry, _folders(logs)))


def resolve(logs: Path, text: str) -> Path:
    """Return the folder of the session that `text` means: "last", an id, or the beginning of one.

    Raises `LogNotFoundError`, with what it might have meant.
    """
    folders = {folder.name: folder for folder in _folders(logs)}
    if not folders:
        raise LogNotFoundError(f"there is no log in {logs} yet; `glowtool run` makes one")
    if text == LAST:
        return folders[max(folders)]
    if text in folders:
        return folders[text]
    beginning = [name for name in folders if text and name.lower().startswith(text.lower())]
    if len(beginning) == 1:
        return folders[beginning[0]]
    if beginning:
        raise LogNotFoundError(f"{text!r} begins {len(beginning)} logs: {_few(beginning)}; give more of it")
    near = difflib.get_close_matches(text, folders, n=3, cutoff=0.5)
    hint = f"did you mean {_few(near)}?" if near else "`glowtool logs list` shows all of them"
    raise LogNotFoundError(f"there is no log {text!r} in {logs}; {hint}")


def _folders(logs: Path) -> list[Path]:
    with storing(f"list the logs in {logs}"):
        if not logs.is_dir():
            return []
        return sorted((path for path in logs.iterdir() if path.name[0] != "." and _begun(path)), key=lambda p: p.name)


def _begun(folder: Path) -> bool:
    """Whether a folder holds anything; one that was made just before a crash is no log."""
    return folder.is_dir() and any(file.name[0] != "." for file in folder.iterdir())


def _entry(folder: Path) -> SessionEntry:
    try:
        return SessionEntry(folder, read_manifest(folder))
    except StoreError as error:
        return SessionEntry(folder, None, str(error))


def _few(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
