"""The bounds of a person: the one function that decides which ceilings are in force for somebody today."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Output
from glowtool.safety.dose import NO_DOSE
from glowtool.safety.gentle import stage_of
from glowtool.safety.limits import PersonalMax
from glowtool.safety.screening import screened

if TYPE_CHECKING:
    from glowtool.safety.dose import Dose
    from glowtool.safety.screening import Answers


@dataclass(frozen=True, slots=True)
class Person:
    """What the rules have to know of a person: answers, own maxima, and the days on which there were massages."""

    answers: Answers = field(default_factory=dict)
    peak_ua: float | None = None
    amplitude: float | None = None
    days: tuple[int, ...] = ()


#: Bounds in which no output is given at all: those of somebody who was not screened, and of errands that start nothing.
NO_OUTPUT: Final = PersonalMax(peak_ua=0, amplitude=0)


def bounds_of(person: Person | None, today: int, had: Dose = NO_DOSE) -> PersonalMax:
    """Return the ceilings in force for a person today: nothing for nobody, and no output without a valid screening.

    The strictest counts of the table, the person's own maximum and the gentle start; what the person `had` today, of
    whatever roller, is off the day's time.
    """
    if person is None:
        return NO_OUTPUT
    stage = stage_of(person.days, today)
    current = screened(person.answers, Output.MICROCURRENT, today).allowed
    vibration = screened(person.answers, Output.VIBRATION, today).allowed
    return PersonalMax(
        peak_ua=_least(CeilingId.PEAK_CURRENT, person.peak_ua, stage.peak_ua) if current else 0,
        amplitude=_least(CeilingId.VIBRATION_AMPLITUDE, person.amplitude, stage.amplitude) if vibration else 0,
        day_current_s=max(0, limit(CeilingId.DAY_CURRENT) - had.current_s),
        day_vibration_s=max(0, limit(CeilingId.DAY_VIBRATION) - had.vibration_s),
    )


def strictest(one: PersonalMax, other: PersonalMax | None) -> PersonalMax:
    """Return the lower of both in each field; None lowers nothing."""
    if other is None:
        return one
    return PersonalMax(**{item.name: min(getattr(one, item.name), getattr(other, item.name)) for item in fields(one)})


def _least(which: CeilingId, own: float | None, stage: float) -> float:
    return max(0.0, min(limit(which), stage, limit(which) if own is None else own))
