"""Days and scores of a plan in people's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.routine.plans.course import Fate

if TYPE_CHECKING:
    from glowtool.app.plans.following import Progress
    from glowtool.routine.plans.course import Day
    from glowtool.routine.plans.models import Slot
    from glowtool.routine.plans.score import Score

_FATES: Final = {
    Fate.DONE: "done",
    Fate.PARTLY: "begun, not finished",
    Fate.MISSED: "missed",
    Fate.REST: "rest",
    Fate.DUE: "due",
    Fate.AHEAD: "to come",
}


def days_words(progress: Progress, slot: Slot) -> str:
    """Return the place of a day in its plan: `day 9 of 56, week 2`."""
    return f"day {slot.number} of {len(progress.plan.slots)}, week {slot.week}"


def fate_words(day: Day) -> str:
    """Return what became of a day: `evening-calm, missed`."""
    return _FATES[day.fate] if day.slot.routine is None else f"{day.slot.routine}, {_FATES[day.fate]}"


def now_words(day: Day) -> str:
    """Return what a person reads of today: its routine, and how far it is."""
    if day.slot.routine is None:
        return "a day of rest"
    if day.fate is Fate.DONE:
        return f"{day.slot.routine}, done at {day.massages[-1].at:%H:%M}"
    if day.fate is Fate.PARTLY:
        return f"{day.slot.routine}, begun at {day.massages[-1].at:%H:%M} and not finished"
    return day.slot.routine


def adherence_words(score: Score) -> str:
    """Return how well a plan is kept: `6 of 8 massages (75 %), 3 days in a row, 4 at best`."""
    if score.adherence is None:
        return "no massage was due yet"
    row = "1 day in a row" if score.streak == 1 else f"{score.streak} days in a row"
    return f"{score.done} of {score.due} massages ({score.adherence:.0%}), {row}, {score.longest} at best"
