"""The file of the catalogue: the facts of each log, in SQLite, so that a list need not read every manifest.

It can be thrown away at any time, and nothing waits for it: what is stale, damaged, of another version, locked, or
cannot be written is passed by, and the manifests are read instead. Each row carries the mark of its log and a CRC-32,
so that neither a change of the log nor damage to the file can show something that is not so.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import zlib
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from glowtool.kit.storage.files import storing
from glowtool.kit.storage.privacy import open_private
from glowtool.store.logs.facts import facts_in, mark_at, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from glowtool.store.logs.facts import Facts

CATALOGUE_NAME: Final = ".catalogue.sqlite"

#: Goes up whenever a row means something else; a file with any other is made anew.
VERSION: Final = 2
_APPLICATION: Final = 0x676C6F78
_TABLE: Final = (
    "CREATE TABLE log (name TEXT PRIMARY KEY, mark TEXT NOT NULL, facts TEXT NOT NULL, crc INTEGER NOT NULL)"
)

#: Longer than anybody writes; after it the manifests are read, which is slower but waits for nobody.
_PATIENCE_S: Final = 0.5

#: A file that changed so short a time ago may change again without a new time in its mark, in steps of 2 s on some
#: file systems; its row is not kept yet.
_SETTLED_NS: Final = 2_500_000_000

#: Errors that say nothing against the content of the file.
_NOT_DAMAGE: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
    }
)


class _ForeignError(Exception):
    """The file is not a catalogue of this version."""


def remembered(logs: Path) -> dict[str, tuple[str, Facts]]:
    """Return mark and facts by the name of each log's folder; empty where the catalogue cannot be read."""
    path = logs / CATALOGUE_NAME
    found: dict[str, tuple[str, Facts]] = {}
    try:
        with _opened(path, writable=False) as connection:
            rows = connection.execute("SELECT name, mark, facts, crc FROM log").fetchall()
    except (OSError, sqlite3.Error, _ForeignError):
        return found
    for name, mark, facts, crc in rows:
        with suppress(ValueError, TypeError):  # a row that is damaged is no row
            if _crc(name, mark, facts) == crc:
                found[name] = mark, facts_in(facts)
    return found


def remember(logs: Path, fresh: Mapping[str, tuple[str, Facts]], gone: Iterable[str]) -> bool:
    """Keep rows, and drop those of logs that are gone; return whether the disk took it. A bad file is made anew."""
    path = logs / CATALOGUE_NAME
    rows = [(name, mark, text := row_of(facts), _crc(name, mark, text)) for name, (mark, facts) in fresh.items()]
    for _ in range(2):
        try:
            if not os.path.lexists(path):
                open_private(path, "ab").close()
            with _opened(path, writable=True) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("DELETE FROM log WHERE name = ?", [(name,) for name in gone])
                # Whoever erases a log does so before its row: what is gone or changed by now must not come back.
                now = [row for row in rows if mark_at(f"{logs}/{row[0]}") == row[1]]
                connection.executemany("INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?)", now)
                connection.execute("COMMIT")
        except (sqlite3.Error, _ForeignError, OSError) as error:
            if not _is_bad(error):
                return False
            try:
                path.unlink(missing_ok=True)
            except OSError:
                return False
        else:
            return True
    return False


def forget(logs: Path, names: Iterable[str]) -> None:
    """Have the catalogue say nothing of some logs, whatever it takes: it is removed if it cannot be changed.

    Raises `StoreError` when neither is possible.
    """
    path = logs / CATALOGUE_NAME
    if os.path.lexists(path) and not (_is_plain(path) and remember(logs, {}, names)):
        throw_away(logs)


def throw_away(logs: Path) -> None:
    """Remove the catalogue; raises `StoreError`."""
    path = logs / CATALOGUE_NAME
    with storing(f"remove {path}"):
        path.unlink(missing_ok=True)


def is_settled(latest_ns: int, now_ns: int) -> bool:
    """Tell whether a log's mark would show any further change, so that its row may be kept."""
    return abs(now_ns - latest_ns) > _SETTLED_NS


def _crc(name: str, mark: str, facts: str) -> int:
    return zlib.crc32(f"{name}\0{mark}\0{facts}".encode(errors="replace"))


def _is_bad(error: Exception) -> bool:
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in _NOT_DAMAGE
    return isinstance(error, _ForeignError)


def _is_plain(path: Path) -> bool:
    return stat.S_ISREG(os.lstat(path).st_mode)


@contextmanager
def _opened(path: Path, *, writable: bool) -> Iterator[sqlite3.Connection]:
    """Open the catalogue; raises `OSError`, `sqlite3.Error` or `_ForeignError`.

    Its own journal stays in memory and nothing is synced: what a crash leaves half written fails its checks. What is
    dropped is overwritten, since a log that was erased leaves nothing behind.
    """
    if not _is_plain(path):
        raise _ForeignError
    where = f"file:{quote(str(path))}?mode={'rw' if writable else 'ro'}"
    with closing(sqlite3.connect(where, uri=True, timeout=_PATIENCE_S, isolation_level=None)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        if writable:
            for setting in ("journal_mode = MEMORY", "synchronous = OFF", "secure_delete = ON"):
                connection.execute(f"PRAGMA {setting}")
            _make(connection)
        _require_ours(connection)
        yield connection


def _make(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _require_ours(connection: sqlite3.Connection) -> None:
    """Refuse a file of another version, or with anything in it but the one table."""
    numbers = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    schema = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    if numbers != [_APPLICATION, VERSION] or schema != [(_TABLE,)]:
        raise _ForeignError
