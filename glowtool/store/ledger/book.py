"""The book of doses of one person: a chain of lines, in a file that carries the person's pseudonym."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, LogDamagedError
from glowtool.store.chain.chain import Chain
from glowtool.store.chain.proof import Harm
from glowtool.store.ledger.lines import Given, LineKind, Seen, Written, reckon
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.safety.day import Reading
    from glowtool.store.chain.chain import Proof
    from glowtool.store.ledger.lines import Begun, Reckoning, Recorded, Settled

#: In place of a person: nobody knows whose massages these were.
NOBODY: Final = "nobody"

_SUFFIX: Final = ".sqlite"
_PSEUDONYM: Final = re.compile("[0-9a-z]{1,40}")


class Book:
    """The doses of one person, by pseudonym. Everything is read from the disk each time, and added under a lock.

    Every method raises `StoreError`. A book that was damaged is set aside when that is found out: `LogDamagedError`
    says it once, and the book that is begun in its place counts the day as spent.
    """

    def __init__(self, folder: Path, person: str = NOBODY) -> None:
        if not _PSEUDONYM.fullmatch(person):
            raise InputError(f"{person!r} is no pseudonym of a person")
        self.person = person
        self._chain = Chain(folder / f"{person}{_SUFFIX}", "the ledger of doses")

    @property
    def path(self) -> Path:
        """The file."""
        return self._chain.path

    @property
    def is_there(self) -> bool:
        """Whether anything of the book is on disk, be it damaged."""
        return self._chain.is_there

    def prove(self) -> Proof:
        """Return all lines, with the first fault; changes nothing."""
        return self._chain.prove()

    def reckoning(self, now: Reading) -> Reckoning:
        """Return what the book comes to; raises `LogDamagedError` when that was found out not to be so any more."""
        try:
            proof = self._chain.prove()
        except LogDamagedError as error:
            raise self._chain.renew(str(error), _us(now)) from error
        if proof.fault is not None and proof.fault.harm is not Harm.BROKEN_OFF:
            raise self._chain.renew(f"{self.path}: {proof.fault}", _us(now))
        return reckon(proof.lines)

    def require_there(self, now: Reading) -> None:
        """Raise `LogDamagedError` once when no file of the book is left, though there was a massage today."""
        if not self.is_there:
            raise self._chain.renew(f"{self.path} is gone, though there was a massage today", _us(now))

    def renew(self, because: str, now: Reading) -> LogDamagedError:
        """Set the book aside, since it is not the one that was written last; return the error that tells it."""
        return self._chain.renew(f"{self.path} {because}", _us(now))

    def begin(self, begun: Begun, now: Reading, admit: Callable[[Reckoning], None]) -> None:
        """Reserve the dose of a massage that is about to begin, if `admit` does not raise; nobody comes between."""
        self.reckoning(now)
        with self._chain.adding(_us(now)) as addition:
            admit(reckon(addition.before))
            addition.add(LineKind.BEGUN, _us(now), _said(begun, now))

    def settle(self, settled: Settled, now: Reading) -> bool:
        """Write what a massage delivered; return False when that is written already, or the massage is not known."""
        if not self.is_there:  # its person was erased: nothing of them may come back
            return False
        with self._chain.adding(_us(now)) as addition:
            if settled.massage not in {begun.massage for begun, _ in reckon(addition.before).open}:
                return False
            addition.add(LineKind.SETTLED, _us(now), _said(settled, now))
        return True

    def record(self, recorded: Recorded, now: Reading) -> None:
        """Write what a massage by the button delivered; that it is in no book yet is the caller's to know."""
        with self._chain.adding(_us(now)) as addition:
            addition.add(LineKind.RECORDED, _us(now), _said(recorded, now))

    def give(self, massage: str, now: Reading) -> None:
        """Write that a recorded massage was somebody's, in whose book it is now."""
        with self._chain.adding(_us(now)) as addition:
            addition.add(LineKind.GIVEN, _us(now), _said(Given(massage=massage), now))

    def see(self, now: Reading) -> None:
        """Write that the clock was found set back, which dates what was written before."""
        with self._chain.adding(_us(now)) as addition:
            addition.add(LineKind.SEEN, _us(now), _said(Seen(), now))

    def mentions(self, massage: str) -> bool:
        """Return whether a massage by the button was ever written in this book."""
        words = f'"{massage}"'
        lines = self._chain.prove().lines
        return any(line.kind == LineKind.RECORDED and words in line.content for line in lines)

    def records(self) -> set[str]:
        """Return every massage by the button that was ever written in this book."""
        lines = self._chain.prove().lines
        return {str(line.data.get("massage")) for line in lines if line.kind == LineKind.RECORDED}

    def erase(self) -> None:
        """Remove the book, also what was set aside of it."""
        self._chain.erase()


def books(folder: Path) -> tuple[Book, ...]:
    """Return all books of a folder."""
    found = sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []
    return tuple(Book(folder, path.stem) for path in found if _PSEUDONYM.fullmatch(path.stem))


def _said(content: Written, now: Reading) -> dict[str, object]:
    return content.model_copy(update={"boot": now.boot, "steady_s": now.steady_s}).model_dump(mode="json")


def _us(now: Reading) -> int:
    return round(now.unix_s * MICROSECONDS_PER_SECOND)
