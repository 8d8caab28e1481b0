"""The SQLite file of a chain: private, synced, and refused by name when it is damaged.

It has a rollback journal and no write-ahead log: one file beside it only while something is written, which SQLite
plays back by itself after a crash, and none whose loss would lose lines.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from glowtool.errors import LogDamagedError, StoreError
from glowtool.kit.storage.privacy import open_private
from glowtool.store.chain.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: The version of the format, in the file's header; and the number that says whose file it is ("glow").
FORMAT_VERSION: Final = 1
_APPLICATION: Final = 0x676C6F77

#: How long another process may take with a few lines.
_PATIENCE_S: Final = 10.0

_TABLE: Final = (
    """CREATE TABLE line (
        number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, kind TEXT NOT NULL, content TEXT NOT NULL,
        previous TEXT NOT NULL, seal TEXT NOT NULL
    )""",
    """CREATE TRIGGER only_at_the_end BEFORE INSERT ON line
        WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM line)
        BEGIN SELECT raise(ABORT, 'lines are added at the end only'); END""",
    "CREATE TRIGGER never_altered BEFORE UPDATE ON line BEGIN SELECT raise(ABORT, 'no line is altered'); END",
    "CREATE TRIGGER never_removed BEFORE DELETE ON line BEGIN SELECT raise(ABORT, 'no line is removed'); END",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {FORMAT_VERSION}",
)

_ADVICE: Final = {
    sqlite3.SQLITE_FULL: "free some space on the disk",
    sqlite3.SQLITE_READONLY: "make the folder readable and writable for you",
    sqlite3.SQLITE_CANTOPEN: "make the folder readable and writable for you",
    sqlite3.SQLITE_PERM: "make the folder readable and writable for you",
    sqlite3.SQLITE_BUSY: "try again when the other glowtool is done",
    sqlite3.SQLITE_LOCKED: "try again when the other glowtool is done",
    sqlite3.SQLITE_IOERR: "check the disk and the room on it",
}

#: Errors of the file itself; anything unknown counts as one of them, since it must not pass for an empty file.
_NOT_DAMAGE: Final = frozenset(_ADVICE)


class ChainDamagedError(LogDamagedError):
    """The file of a chain cannot be read, or is not one."""


@contextmanager
def database(path: Path, action: str, *, writable: bool) -> Iterator[sqlite3.Connection]:
    """Open the file for the block, made anew when it is empty; raises `StoreError` and `ChainDamagedError`.

    Whatever SQLite has to say in the block is raised as one of these, too. `action` says what failed then.
    """
    _require_regular(path)
    try:
        where = f"file:{quote(str(path))}?mode={'rw' if writable else 'ro'}"
        opened = sqlite3.connect(where, uri=True, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        with closing(opened) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            _prepare(connection, path, writable=writable)
            yield connection
    except sqlite3.Error as error:
        raise _told(error, path, action) from error


def make_file(path: Path) -> None:
    """Make an empty file that only its owner may read; raises `OSError`."""
    open_private(path, "ab").close()


def read_lines(connection: sqlite3.Connection, last: int | None = None) -> tuple[Line, ...]:
    """Return all lines by their numbers, or only so many of the last ones."""
    columns = "number, at_us, kind, content, previous, seal"
    if last is None:
        rows = connection.execute(f"SELECT {columns} FROM line ORDER BY number").fetchall()  # noqa: S608 - constant
    else:
        query = f"SELECT {columns} FROM line ORDER BY number DESC LIMIT ?"  # noqa: S608 - constant
        rows = connection.execute(query, (last,)).fetchall()[::-1]
    return tuple(map(_line, rows))


def read_lines_of(connection: sqlite3.Connection, kind: str, last: int) -> tuple[Line, ...]:
    """Return so many of the last lines of a kind, by their numbers."""
    columns = "number, at_us, kind, content, previous, seal"
    query = f"SELECT {columns} FROM line WHERE kind = ? ORDER BY number DESC LIMIT ?"  # noqa: S608 - constant
    return tuple(map(_line, connection.execute(query, (kind, last)).fetchall()[::-1]))


def add_lines(connection: sqlite3.Connection, lines: Iterable[Line]) -> None:
    """Add lines in one transaction, on disk when this returns."""
    rows = [(line.number, line.at_us, line.kind, line.content, line.previous, line.seal) for line in lines]
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _line(row: tuple[object, ...]) -> Line:
    number, at_us, kind, content, previous, seal = (each if isinstance(each, int) else str(each) for each in row)
    # A value of another type was put there by something else: no seal fits it.
    return Line(_whole(number), _whole(at_us), str(kind), str(content), str(previous), str(seal))


def _whole(value: int | str) -> int:
    return value if isinstance(value, int) else -1


def _prepare(connection: sqlite3.Connection, path: Path, *, writable: bool) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    if writable:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = EXTRA")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > FORMAT_VERSION:
        raise StoreError(
            f"{path} has format version {version}, but this glowtool reads up to {FORMAT_VERSION}",
            advice="update glowtool",
        )
    if version == 0 and writable and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _TABLE:
            connection.execute(statement)
        connection.execute("COMMIT")
    elif connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise ChainDamagedError(f"{path} is not a file that glowtool wrote")


def _require_regular(path: Path) -> None:
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(
            f"{path} is not a regular file (a link, a pipe or a device)", advice="check what it is, and remove it"
        )


def _told(error: sqlite3.Error, path: Path, action: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _NOT_DAMAGE:
        return StoreError(f"cannot {action} in {path}: {error}", advice=_ADVICE[code])
    return ChainDamagedError(f"{path} is damaged: {error}")
