"""A chain on disk: lines are added at its end and proven; one process at a time, whole or not at all.

Beside `NAME.sqlite` stand `NAME.head`, the note of the last line, and `NAME.lock`. A chain that cannot go on, since its
file is damaged or lines of it are gone, is set aside whole; the next one begins with a line that says so.
"""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError
from glowtool.kit.storage.damaged_file import MARK, put_aside
from glowtool.kit.storage.files import make_folder, storing, sync_folder
from glowtool.kit.storage.lock import alone
from glowtool.store.chain.database import add_lines, database, make_file, read_lines, read_lines_of
from glowtool.store.chain.head import Head, read_head, write_head
from glowtool.store.chain.line import BROKEN, Line, sealed
from glowtool.store.chain.proof import Fault, first_fault

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_CHAIN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Proof:
    """A chain as it was proven: its lines, the first fault if there is one, and files of it that were set aside."""

    lines: tuple[Line, ...]
    fault: Fault | None
    aside: tuple[Path, ...] = ()


class Addition:
    """What is being added to a chain: lines that come into the file together when the block ends."""

    def __init__(self, connection: sqlite3.Connection, last: Line | None, chain: str) -> None:
        self._connection = connection
        self._chain = chain
        self.last = last
        #: What was added so far.
        self.added: list[Line] = []

    @cached_property
    def before(self) -> tuple[Line, ...]:
        """All lines that were there before; raises `ChainDamagedError` when they cannot be read."""
        return read_lines(self._connection)

    def add(self, kind: str, at_us: int, data: Mapping[str, object]) -> Line:
        """Add a line, and return it as it will be written."""
        number, previous = (1, self._chain) if self.last is None else (self.last.number + 1, self.last.seal)
        self.last = sealed(number, at_us, kind, data, previous)
        self.added.append(self.last)
        return self.last


class Chain:
    """The lines in one file. `name` says in messages what it is: "the audit"."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self._head = path.with_suffix(".head")
        self._lock = path.with_suffix(".lock")
        self._journal = path.with_name(f"{path.name}-journal")

    @property
    def is_there(self) -> bool:
        """Whether anything of the chain is on disk, be it damaged."""
        return os.path.lexists(self.path) or os.path.lexists(self._head)

    def prove(self) -> Proof:
        """Return all lines and the first fault; raises `LogDamagedError` when the file cannot be read at all.

        Nothing but what a crash left half-written is changed, so it may be done where nothing can be written, too.
        """
        with storing(f"read {self.name} in {self.path}"), self._reading():
            head = read_head(self._head)
            lines = self._lines()
            return Proof(lines, first_fault(lines, head), self._aside())

    def last_of(self, kind: str, count: int) -> tuple[Line, ...]:
        """Return so many of the last lines of a kind, without a proof; raises `StoreError`."""
        with storing(f"read {self.name} in {self.path}"), self._reading():
            if not self.path.exists() or not self.path.stat().st_size:
                return ()
            with database(self.path, f"read {self.name}", writable=False) as connection:
                return read_lines_of(connection, kind, count)

    @contextmanager
    def adding(self, now_us: int) -> Iterator[Addition]:
        """Add lines in the block; they are on disk when it ends, and nothing is when it raises.

        Raises `StoreError`. A chain that cannot go on is set aside then, and a new one is begun, which says so;
        `LogDamagedError` tells that once, and the next call finds a chain that is whole.
        """
        with storing(f"write {self.name} in {self.path}"):
            make_folder(self.path.parent)
            with alone(self._lock):
                try:
                    self._roll_back()
                    head, last = self._end()
                    self._require_file()
                except LogDamagedError as error:
                    raise self._broken(str(error), now_us) from error
                with database(self.path, f"write {self.name}", writable=True) as connection:
                    addition = Addition(connection, last, head.chain)
                    yield addition
                    self._write(connection, head, last, addition.added)

    def renew(self, because: str, now_us: int) -> LogDamagedError:
        """Set the chain aside and begin a new one, whose first line says why; return the error that tells it."""
        with storing(f"write {self.name} in {self.path}"):
            make_folder(self.path.parent)
            with alone(self._lock):
                return self._broken(because, now_us)

    def erase(self) -> None:
        """Remove every file of the chain, also those set aside; raises `StoreError`."""
        with storing(f"erase {self.name} in {self.path}"):
            if not self.path.parent.is_dir():
                return
            for path in (self.path, self._journal, self._head, *self._aside(), self._lock):
                path.unlink(missing_ok=True)
            sync_folder(self.path.parent)

    def _aside(self) -> tuple[Path, ...]:
        return tuple(sorted(self.path.parent.glob(f"{self.path.stem}.*.{MARK}-*")))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Keep writers away, where a lock can be made; where it cannot, nobody writes."""
        with ExitStack() as stack:
            if self.is_there:  # to look for nothing makes no file
                with suppress(OSError):
                    stack.enter_context(alone(self._lock))
                    self._roll_back()
            yield

    def _roll_back(self) -> None:
        """Have SQLite take back lines that a crash left half-written, which it cannot do where it only reads."""
        if os.path.lexists(self.path) and os.path.lexists(self._journal):
            with database(self.path, f"read {self.name}", writable=True) as connection:
                read_lines(connection, 1)

    def _lines(self, last: int | None = None) -> tuple[Line, ...]:
        if not self.path.exists() or not self.path.stat().st_size:
            return ()
        with database(self.path, f"read {self.name}", writable=False) as connection:
            return read_lines(connection, last)

    def _end(self) -> tuple[Head, Line | None]:
        """Return the note and the last line; raises `LogDamagedError` when they do not belong together."""
        head, end = read_head(self._head), self._lines(1)
        if head is None and not end:
            return Head(secrets.token_hex(_CHAIN_BYTES)), None
        last = end[0] if end else None
        if head is not None and self._follows(head, last):
            return head, last
        fault = first_fault(self._lines(), head)
        raise LogDamagedError(f"{self.path}: {fault or 'its last line is not the one that was noted apart'}")

    @staticmethod
    def _follows(head: Head, last: Line | None) -> bool:
        """Tell whether a chain ends where its note says: before the lines that were coming, or after them."""
        ends = {(head.number, head.seal)}
        if head.coming:
            ends.add((head.number + len(head.coming), head.coming[-1]))
        return ((last.number, last.seal) if last is not None else (0, "")) in ends

    def _require_file(self) -> None:
        if not os.path.lexists(self.path):
            make_file(self.path)
            sync_folder(self.path.parent)

    def _write(self, connection: sqlite3.Connection, head: Head, last: Line | None, added: list[Line]) -> None:
        if not added:
            return
        number, seal = (0, "") if last is None else (last.number, last.seal)
        write_head(self._head, Head(head.chain, number, seal, tuple(line.seal for line in added)))
        add_lines(connection, added)
        with suppress(OSError):  # the lines are on disk, and the note says that they were coming
            write_head(self._head, Head(head.chain, added[-1].number, added[-1].seal))

    def _broken(self, because: str, now_us: int) -> LogDamagedError:
        aside = [put_aside(path).name for path in (self.path, self._head, self._journal) if os.path.lexists(path)]
        self._require_file()
        head = Head(secrets.token_hex(_CHAIN_BYTES))
        line = sealed(1, now_us, BROKEN, {"because": because, "aside": aside}, head.chain)
        with database(self.path, f"write {self.name}", writable=True) as connection:
            self._write(connection, head, None, [line])
        kept = f"; what was there is set aside as {aside[0]}" if aside else ""
        return LogDamagedError(f"{because}{kept}", advice="repeat this command, which goes on in a new file")
