"""The proof of ledger and audit: whether every line is as it was written, and which is the first that is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.errors import StoreError
from glowtool.store.audit.trail import Trail
from glowtool.store.ledger.book import books

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.chain.line import Line
    from glowtool.store.ledger.book import Book


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
    """Prove the audit and every book of the ledger, in this order; changes nothing."""
    kept: list[Trail | Book] = [Trail(place.audit_dir), *books(place.ledger_dir)]
    return tuple(map(_proven, kept))


def audit_lines(place: Place, last: int) -> tuple[AuditLine, ...]:
    """Return the last lines of the audit; raises `StoreError` when it cannot be read."""
    return tuple(map(_audit_line, Trail(place.audit_dir).prove().lines[-last:]))


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
