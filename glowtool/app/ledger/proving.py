"""The proof of ledger and audit: whether every line is as it was written, and which is the first that is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.app.ledger.pseudonyms import person_of, pseudonyms_of
from glowtool.app.people.who import people_of
from glowtool.errors import StoreError
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.audit.trail import Trail
from glowtool.store.ledger.book import Book, books
from glowtool.store.ledger.lines import Begun, content_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.chain.line import Line


@dataclass(frozen=True, slots=True)
class Proven:
    """One file: how many lines it has, the seal of the last one, and the first that is not as it was written.

    `first` is the number of that line, None when all are; `why` says what is wrong, also where no line can be read.
    """

    path: Path
    lines: int = 0
    seal: str = ""
    first: int | None = None
    why: str = ""
    aside: tuple[Path, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every line is as it was written."""
        return not self.why


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit: its number, when (unix µs), its kind, and what it says."""

    number: int
    at_us: int
    kind: str
    data: Mapping[str, object]


def prove(place: Place) -> tuple[Proven, ...]:
    """Prove the audit and every book of the ledger, in this order, and find out what is gone by what the other says."""
    kept: list[Trail | Book] = [Trail(place.audit_dir), *books(place.ledger_dir)]
    proven = tuple(map(_proven, kept))
    gone = {each.path: each for each in _gone(place, proven)}
    return (*(gone.pop(each.path, each) if each.whole else each for each in proven), *gone.values())


def audit_lines(place: Place, last: int) -> tuple[AuditLine, ...]:
    """Return the last lines of the audit; raises `StoreError` when it cannot be read."""
    return tuple(map(_audit_line, Trail(place.audit_dir).prove().lines[-last:]))


def _gone(place: Place, proven: Sequence[Proven]) -> Iterator[Proven]:
    """Yield the files that are not there any more, or an earlier state of them, though others tell of massages."""
    audit, *ledger = proven
    if audit.whole and not audit.path.exists() and any(each.lines for each in ledger):
        yield Proven(audit.path, why="there is no audit, though the ledger tells of massages")
    try:
        lines, people = Trail(place.audit_dir).prove().lines, people_of(place).all()
    except StoreError:  # told as the fault of that file; without a list of people, nobody is known
        return
    massaged = dict[object, list[str]]()
    for line in lines:
        if line.kind == AuditKind.STARTED:
            massaged.setdefault(line.data.get("person"), []).append(str(line.data.get("massage")))
    key = pseudonyms_of(place).path
    if massaged and not key.exists():
        yield Proven(key, why="the key of pseudonyms is gone: nobody can tell any more of whom the audit speaks")
        return
    for known in people:
        why = _missing_in(Book(place.ledger_dir, known.id), massaged.get(person_of(place, known.id), ()))
        if why:
            yield Proven(
                Book(place.ledger_dir, known.id).path, why=f"{why} of {known.name}, though the audit tells of it"
            )


def _missing_in(book: Book, massages: Sequence[str]) -> str:
    """Return what a book lacks of massages that were reserved in it before the audit told of them; empty: nothing."""
    try:
        there = {begun.massage for begun in map(content_of, book.prove().lines) if isinstance(begun, Begun)}
    except StoreError:  # told as the fault of the book itself
        return ""
    missing = [each for each in massages if each not in there]
    return f"it lacks massage {missing[0]}" if missing else ""


def _proven(kept: Trail | Book) -> Proven:
    try:
        proof = kept.prove()
    except StoreError as error:
        return Proven(kept.path, why=str(error))
    last = proof.lines[-1].seal if proof.lines else ""
    fault = proof.fault
    if fault is None:
        return Proven(kept.path, len(proof.lines), last, aside=proof.aside)
    return Proven(kept.path, len(proof.lines), last, fault.number, fault.words, proof.aside)


def _audit_line(line: Line) -> AuditLine:
    return AuditLine(line.number, line.at_us, line.kind, line.data)
