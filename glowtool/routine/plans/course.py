"""The course of a plan: what each day was due, what was done on it, and what comes next.

Dates are the person's own: whoever calls knows the time zone. A massage after midnight, before `DAY_BEGINS`, still is
yesterday's where yesterday's has not been done: people go to bed late, and a day that ends at twelve would break their
streak. It then counts for that day alone.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from glowtool.routine.plans.models import Missed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glowtool.routine.plans.models import Plan, Slot

#: Until then, a massage may make up for the day before.
DAY_BEGINS: Final = time(4)

#: The share of a routine's time that counts as having done it, also in parts: a lost link must not cost a day.
ENOUGH: Final = 0.8

#: Endings of names: forms of one routine, each of which counts for the others.
_FORMS: Final = frozenset({"short", "full", "long", "vibration"})

_DAY: Final = timedelta(days=1)


class Fate(enum.Enum):
    """What became of a day of the plan."""

    DONE = enum.auto()
    PARTLY = enum.auto()
    MISSED = enum.auto()
    REST = enum.auto()
    DUE = enum.auto()
    AHEAD = enum.auto()


@dataclass(frozen=True, slots=True)
class Massage:
    """A massage that took place: its local time, its routine if known, the share that was done, and its id."""

    at: datetime
    routine: str | None
    share: float
    kept_as: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A date, the day of the plan that was due on it, what became of it, and the massages that count for it."""

    on: date
    slot: Slot
    fate: Fate
    massages: tuple[Massage, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """The days of a plan up to today, and those ahead if none of them is missed; `others` count for no day."""

    today: date
    days: tuple[Day, ...]
    ahead: tuple[Day, ...]
    others: tuple[Massage, ...] = ()

    @property
    def now(self) -> Day | None:
        """Today's day of the plan; None before it begins and after it has ended."""
        return self.days[-1] if self.days and self.days[-1].on == self.today else None

    @property
    def is_over(self) -> bool:
        """Whether no day is left to be done."""
        return not self.ahead and (self.now is None or self.now.fate is not Fate.DUE)


def family(routine: str) -> str:
    """Return the name that a routine shares with its short or long form and its form without current."""
    words = routine.split("-")
    while len(words) > 1 and words[-1] in _FORMS:
        words.pop()
    return "-".join(words)


def course_of(plan: Plan, begins: date, now: datetime, massages: Iterable[Massage]) -> Course:
    """Return the course of a plan that begins on a date, as of a local time.

    Early in the morning, a day that is still due goes on, and is today.
    """
    kept = tuple(massages)
    if now.time() < DAY_BEGINS:
        late = _Walk(plan, begins, now.date() - _DAY, kept).course()
        if late.now is not None and late.now.fate in {Fate.DUE, Fate.PARTLY}:
            return late
    return _Walk(plan, begins, now.date(), kept).course()


@dataclass(slots=True)
class _Walk:
    """The way through a plan, a date at a time."""

    plan: Plan
    begins: date
    today: date
    massages: tuple[Massage, ...]
    _by_date: Mapping[date, list[Massage]] = field(init=False)

    def __post_init__(self) -> None:
        by_date: dict[date, list[Massage]] = defaultdict(list)
        for massage in sorted(self.massages, key=lambda each: each.at.replace(tzinfo=None)):
            by_date[massage.at.date()].append(massage)
        self._by_date = by_date

    def course(self) -> Course:
        """Return the course; every massage counts at most once."""
        slots, days = self.plan.slots, list[Day]()
        position, on = 0, self.begins
        while on <= self.today and position < len(slots):
            day = self._day(on, slots[position])
            days.append(day)
            waits = day.fate in {Fate.MISSED, Fate.PARTLY, Fate.DUE} and (
                on == self.today or slots[position].phase.missed is Missed.ROLL_OVER
            )
            position += not waits
            on += _DAY
        if days and days[-1].on == self.today and days[-1].fate in {Fate.DUE, Fate.PARTLY}:
            position += 1  # ahead is what comes if today is not missed
        ahead = tuple(Day(on + _DAY * number, slot, Fate.AHEAD) for number, slot in enumerate(slots[position:]))
        counted = {id(massage) for day in days for massage in day.massages}
        others = tuple(each for each in self.massages if id(each) not in counted)
        return Course(self.today, tuple(days), ahead, others)

    def _day(self, on: date, slot: Slot) -> Day:
        if slot.routine is None:
            return Day(on, slot, Fate.REST)
        own = self._of(on, slot.routine)
        late = [each for each in self._of(on + _DAY, slot.routine) if each.at.time() < DAY_BEGINS]
        counted = own
        for massage in late:
            if _share(counted) >= ENOUGH:
                break
            counted = [*counted, massage]
        if _share(counted) >= ENOUGH:
            for massage in counted[len(own) :]:
                self._by_date[on + _DAY].remove(massage)
            return Day(on, slot, Fate.DONE, tuple(counted))
        begun = Fate.PARTLY if own else Fate.DUE if on == self.today else Fate.MISSED
        return Day(on, slot, begun, tuple(own))

    def _of(self, on: date, routine: str) -> list[Massage]:
        return [each for each in self._by_date.get(on, ()) if each.routine and family(each.routine) == family(routine)]


def _share(massages: list[Massage]) -> float:
    return sum(massage.share for massage in massages)
