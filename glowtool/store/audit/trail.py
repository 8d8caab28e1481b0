"""The trail of the audit: one chain for all people and rollers of a data folder, which it names by pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError
from glowtool.store.chain.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from glowtool.store.audit.kinds import AuditKind
    from glowtool.store.chain.chain import Proof
    from glowtool.store.chain.line import Line

_NAME: Final = "audit.sqlite"


@dataclass(frozen=True, slots=True)
class Note:
    """One line to be written: when it was (unix µs), its kind, the pseudonyms of person and roller, and what else."""

    at_us: int
    kind: AuditKind
    person: str = ""
    roller: str = ""
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def content(self) -> Mapping[str, object]:
        """The content of the line; a pseudonym that is empty is left out."""
        who = {"person": self.person, "roller": self.roller}
        return {**{key: value for key, value in who.items() if value}, **self.data}


class Trail:
    """The audit of a data folder."""

    def __init__(self, folder: Path) -> None:
        self._chain = Chain(folder / _NAME, "the audit")

    @property
    def path(self) -> Path:
        """The file."""
        return self._chain.path

    def prove(self) -> Proof:
        """Return all lines, with the first fault; changes nothing. Raises `StoreError`."""
        return self._chain.prove()

    def last_of(self, kind: AuditKind, count: int) -> tuple[Line, ...]:
        """Return so many of the last lines of a kind, without a proof of them. Raises `StoreError`."""
        return self._chain.last_of(kind, count)

    def write(self, notes: Sequence[Note]) -> None:
        """Add lines together; they are on disk when this returns. Raises `StoreError`.

        A file that cannot go on is set aside first; the line with which the next one begins says why.
        """
        for _ in range(2):
            try:
                with self._chain.adding(notes[-1].at_us) as addition:
                    for note in notes:
                        addition.add(note.kind, note.at_us, note.content)
            except LogDamagedError:
                continue  # it was set aside, and what is to be written belongs into the next one
            return
