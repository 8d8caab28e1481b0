"""The inputs and moves of a massage that is steered. Times `at_s` are of the host's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.model.program import NO_STEP

if TYPE_CHECKING:
    from glowtool.session.decide.levels import Shares
    from glowtool.session.news import Steered
    from glowtool.session.wishes import Ask


@dataclass(frozen=True, slots=True)
class EmergencyAsked:
    """A person asked for an emergency stop: the roller stops, and refuses everything until it is re-armed."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Steer:
    """A person asked for a change of the massage; `number` is that of the caller, who waits for the `Reply`."""

    at_s: float
    number: int
    ask: Ask


@dataclass(frozen=True, slots=True)
class Order:
    """Give the roller an order; `Carried` reports what became of it.

    `number` and `ask` are those of the person who waits for a reply; without an ask nobody does: the level that was
    asked for before is set again. `shares` go with an order that scales the outputs, and `before` are those until then.
    """

    number: int
    ask: Ask | None
    shares: Shares
    before: Shares


@dataclass(frozen=True, slots=True)
class Carried:
    """The roller carried out an order, or did not: `refusal` says why, empty: it did.

    `step` is the step of the last upload that its answer names. `unsure`: nobody knows whether it did.
    """

    at_s: float
    order: Order
    refusal: str = ""
    step: int = NO_STEP
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class SendEmergencyStop:
    """Send an emergency stop, ahead of everything; where the device has none, STOP."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Tell the caller of that number what became of the wish."""

    number: int
    steered: Steered


#: What a person's wishes lead to, besides notes.
OfPerson = Order | Reply
