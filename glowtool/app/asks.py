"""The questions that a person is asked, and the interface that answers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from glowtool.errors import PairingCancelledError
from glowtool.session.decide.questions import Question as GoOn
from glowtool.session.decide.questions import ZeroQuestion

__all__ = [
    "Asks", "GiveUpCheck", "GivenPasskey", "GoOn", "Nobody", "Question", "Repair", "SameDigits", "UnansweredError",
    "WithoutCheck", "ZeroQuestion",
]  # fmt: skip


class UnansweredError(PairingCancelledError):
    """Nobody is there to answer: this ends a pairing, and counts as a no in a massage."""


@dataclass(frozen=True, slots=True)
class SameDigits:
    """Whether the roller's display shows these six digits."""

    number: int


@dataclass(frozen=True, slots=True)
class WithoutCheck:
    """Whether to pair a roller without a display, when nobody can check that it is the right one."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Whether to remove the bond with a roller here and make a new one."""

    roller: str


@dataclass(frozen=True, slots=True)
class GiveUpCheck:
    """A request to type a roller's name in full, to pair it in a weaker way than before; `paired` says how it was."""

    roller: str
    paired: str


#: The questions with a yes or a no as the answer: during pairing, and during a massage.
Question: TypeAlias = SameDigits | WithoutCheck | Repair | GoOn | ZeroQuestion


class Asks(Protocol):
    """Answers questions for a person. Each method raises `UnansweredError` when nobody answers, as at end of input."""

    async def passkey(self) -> int:
        """Return the six digits on the roller's display."""
        ...

    async def yes(self, question: Question) -> bool:
        """Return whether the answer is yes."""
        ...

    async def typed(self, wanted: GiveUpCheck) -> str:
        """Return the typed text, without blanks around it."""
        ...


@dataclass(frozen=True, slots=True)
class Nobody:
    """Answers nothing: nobody is there."""

    async def passkey(self) -> int:
        """Raise `UnansweredError`: nobody answers."""
        raise _unanswered()

    async def yes(self, question: Question) -> bool:
        """Raise `UnansweredError`: nobody answers."""
        del question
        raise _unanswered()

    async def typed(self, wanted: GiveUpCheck) -> str:
        """Raise `UnansweredError`: nobody answers."""
        del wanted
        raise _unanswered()


@dataclass(frozen=True, slots=True)
class GivenPasskey:
    """Answers with a passkey that was given in advance; passes every other question on."""

    digits: int
    others: Asks = field(default_factory=Nobody)

    async def passkey(self) -> int:
        """Return the digits that were given."""
        return self.digits

    async def yes(self, question: Question) -> bool:
        """Ask the other one."""
        return await self.others.yes(question)

    async def typed(self, wanted: GiveUpCheck) -> str:
        """Ask the other one."""
        return await self.others.typed(wanted)


def _unanswered() -> UnansweredError:
    return UnansweredError("pairing was cancelled: there is nobody to answer")
