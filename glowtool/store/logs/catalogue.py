"""The catalogue of sessions, and the search for the one that a person means."""

from __future__ import annotations

import difflib
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogNotFoundError, StoreError
from glowtool.kit.storage.files import storing
from glowtool.store.exports.registry import told_nobody
from glowtool.store.logs.facts import facts_of, mark_of
from glowtool.store.logs.order import read_order
from glowtool.store.logs.remembered import is_settled, remember, remembered, throw_away
from glowtool.store.names import DATA_FILES, EVENTS_NAME, MANIFEST_NAME, SAMPLES_NAME
from glowtool.store.regular import is_real_folder
from glowtool.store.tables.state import LogState

if TYPE_CHECKING:
    from glowtool.store.exports.registry import Advance
    from glowtool.store.logs.facts import Facts
    from glowtool.store.tables.manifest import Manifest

LAST: Final = "last"

#: A folder with any of these is a log, or the rest of one.
_SIGNS: Final = (MANIFEST_NAME, SAMPLES_NAME, EVENTS_NAME, *DATA_FILES)


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """One folder of the logs: the facts of its manifest, or the reason why that cannot be read."""

    path: Path
    facts: Facts | None
    unreadable: StoreError | None = field(default=None, compare=False)

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
        return self.facts is not None and self.facts.state is not LogState.RECORDING

    @property
    def manifest(self) -> Manifest | None:
        """The manifest as it is on the disk now, for who changes a log; None when it cannot be read."""
        from glowtool.store.tables.manifest import read_manifest  # noqa: PLC0415 - lists need no pydantic

        try:
            return read_manifest(self.path)
        except StoreError:
            return None


@dataclass(frozen=True, slots=True)
class Reindexed:
    """The result of making the catalogue anew: the logs, and whether the disk took the catalogue."""

    entries: tuple[SessionEntry, ...]
    kept: bool


def list_sessions(logs: Path) -> tuple[SessionEntry, ...]:
    """Return all sessions in a folder of logs in the order in which they were recorded; empty when there is none.

    Damaged ones are included, with the reason. Folders that are not logs, and links, are skipped. The catalogue tells
    of logs that have not changed since; whatever it does not know is read from the manifests.
    """
    return _listed(logs, remembered(logs)).entries


def reindex(logs: Path, advance: Advance = told_nobody) -> Reindexed:
    """Throw the catalogue away and make it anew from the manifests; raises `StoreError` for a folder without access."""
    throw_away(logs)
    return _listed(logs, {}, advance)


def _listed(logs: Path, known: dict[str, tuple[str, Facts]], advance: Advance = told_nobody) -> Reindexed:
    order = read_order(logs)
    now_ns = time.time_ns()  # only to tell what has just changed; a wrong clock costs nothing but time
    entries: list[SessionEntry] = []
    fresh: dict[str, tuple[str, Facts]] = {}
    found = _folders(logs)
    for at, (folder, mark) in enumerate(found):
        advance(at / len(found))
        name = folder.name
        row = known.get(name)
        if row is not None and mark is not None and row[0] == mark[0]:
            entries.append(SessionEntry(folder, row[1]))
            continue
        entry = _entry(folder)
        entries.append(entry)
        # A log that is being recorded grows without a sign of it; one that is not closed may be about to change.
        if entry.facts is not None and entry.finished and mark is not None and is_settled(mark[1], now_ns):
            fresh[name] = mark[0], entry.facts
    gone = known.keys() - {folder.name for folder, _ in found}
    kept = remember(logs, fresh, gone) if fresh or gone else True
    return Reindexed(tuple(sorted(entries, key=lambda entry: order.key(entry.session_id, entry.facts))), kept)


def resolve(logs: Path, text: str) -> Path:
    """Return the folder of the session that `text` means: "last", an id, or the beginning of one.

    "last" is the session that was recorded last, by the order of the data folder and not by any clock, even if it is
    damaged. Raises `LogNotFoundError` with suggestions; without any where there is no log at all.
    """
    if text == LAST:
        last = read_order(logs).last
        if last and last == Path(last).name and is_log(logs / last):
            return logs / last
        listed = list_sessions(logs)
        if listed:
            return listed[-1].path
    folders = {folder.name: folder for folder, _ in _folders(logs)}
    if not folders:
        raise LogNotFoundError(f"there is no log in {logs} yet")
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


def _folders(logs: Path) -> list[tuple[Path, tuple[str, int] | None]]:
    """Return the folders of logs by their names, each with its mark; None where there is no manifest."""
    found: list[tuple[Path, tuple[str, int] | None]] = []
    with storing(f"list the logs in {logs}"):
        if not logs.is_dir():
            return found
        with os.scandir(logs) as entries:
            for entry in entries:
                if entry.name[0] == "." or not entry.is_dir(follow_symlinks=False):
                    continue
                mark = mark_of(entry.path, entry.stat(follow_symlinks=False))
                if mark is not None or is_log(logs / entry.name):
                    found.append((logs / entry.name, mark))
    return sorted(found, key=lambda each: each[0].name)


def is_log(folder: Path) -> bool:
    """Tell whether a folder holds any file of a log; one made just before a crash, or by a user, does not."""
    return is_real_folder(folder) and any(os.path.lexists(folder / name) for name in _SIGNS)


def _entry(folder: Path) -> SessionEntry:
    from glowtool.store.tables.manifest import read_manifest  # noqa: PLC0415 - lists need no pydantic

    try:
        return SessionEntry(folder, facts_of(folder, read_manifest(folder)))
    except StoreError as error:
        return SessionEntry(folder, None, error)


def _few(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
