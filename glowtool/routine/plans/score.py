"""How well a plan is kept: the streak, the share of what was due, week by week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.routine.plans.course import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.routine.plans.course import Course, Day

#: What a day adds to the days that were due; today is due only once it is done.
_SETTLED = frozenset({Fate.DONE, Fate.PARTLY, Fate.MISSED})


@dataclass(frozen=True, slots=True)
class Score:
    """Days done of those due, the streak of days in a row and the longest one.

    A day of rest neither breaks a streak nor adds to it; today breaks none before it is over.
    """

    done: int
    due: int
    streak: int
    longest: int

    @property
    def adherence(self) -> float | None:
        """The share of the days due that were done; None before the first."""
        return self.done / self.due if self.due else None


def score_of(course: Course) -> Score:
    """Return how well a plan was kept up to today."""
    settled = [day for day in course.days if _is_settled(day, course)]
    streak = longest = 0
    for day in settled:
        streak = streak + 1 if day.fate is Fate.DONE else 0
        longest = max(longest, streak)
    done = sum(day.fate is Fate.DONE for day in settled)
    return Score(done, len(settled), streak, longest)


def by_week(days: Iterable[Day]) -> dict[int, list[Day]]:
    """Return days by the week of the plan that they belong to, in order."""
    weeks: dict[int, list[Day]] = {}
    for day in days:
        weeks.setdefault(day.slot.week, []).append(day)
    return weeks


def _is_settled(day: Day, course: Course) -> bool:
    return day.fate is Fate.DONE or (day.fate in _SETTLED and day.on < course.today)
