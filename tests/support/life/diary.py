"""Two weeks of three people with two rollers: what they do, and what must come of it, written by hand."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from glowtool.routine.models import Goal
from glowtool.routine.plans.models import Missed, Phase, Plan
from glowtool.safety.screening import Reply

ZONE: Final = "Europe/Berlin"
#: A Monday; on the seventh day the clocks go forward.
FIRST: Final = date(2027, 3, 22)
DAYS: Final = 14
GLOW: Final = "first-glow"
CALM: Final = "first-glow-vibration"


class Deed(enum.Enum):
    """How a massage goes."""

    RUN = "run to its end"
    STOP = "stopped half way"
    LINK_BACK = "link lost for a moment, resumed"
    LINK_GONE = "link lost half way, stopped"
    BUTTON = "by the button, and fetched"
    BUTTON_UNFETCHED = "by the button, fetched with the next massage"


@dataclass(frozen=True, slots=True)
class Visit:
    """One massage: on which day of the two weeks (from 1), when, of whom, on which roller (from 1), and how."""

    day: int
    at: str
    who: str
    roller: int = 1
    deed: Deed = Deed.RUN

    def __str__(self) -> str:
        return f"day {self.day:>2} {self.at} {self.who:<5} roller {self.roller}, {self.deed.value}"

    @property
    def moment(self) -> datetime:
        """When it begins, in local time."""
        return datetime.combine(FIRST + timedelta(days=self.day - 1), time.fromisoformat(self.at), ZoneInfo(ZONE))


@dataclass(frozen=True, slots=True)
class Person:
    """A person: answers, plan, routine, and what must be seen at the end: each day's fate, streak, and figures."""

    name: str
    plan: Plan
    routine: str
    fates: str
    streak: int
    longest: int
    is_new: bool = False
    blocked: tuple[str, ...] = ()

    @property
    def replies(self) -> dict[str, Reply]:
        """What is answered with a yes."""
        return dict.fromkeys(self.blocked, Reply.YES)


def _phase(routine: str, missed: Missed, week: str, weeks: int = 1) -> Phase:
    days = tuple(routine if sign == "x" else "rest" for sign in week)
    return Phase(title="A phase", weeks=weeks, days=days, missed=missed)


def _plan(name: str, *phases: Phase) -> Plan:
    return Plan(name=name, title=name.title(), goal=Goal.INTRODUCTION, description="For two weeks.", phases=phases)


#: x done, / begun and not finished, - missed, . rest.
PEOPLE: Final = (
    Person(
        "Ada",
        _plan("ada", _phase(GLOW, Missed.ROLL_OVER, "xx.xx.."), _phase(GLOW, Missed.SKIP, "x.xx.x.")),
        GLOW, fates="x/x.-xx..x.x-.", streak=0, longest=4,
    ),
    Person(
        "Ben", _plan("ben", _phase(CALM, Missed.SKIP, "x.x.x.x", 2)), CALM, fates="x.-.x.xx.-.x.x", streak=2, longest=3,
        blocked=("epilepsy",),
    ),
    Person(
        "Cleo", _plan("cleo", _phase(GLOW, Missed.ROLL_OVER, "xx.xx..", 2)), GLOW, fates="xx.--xx..xx.-x", streak=1,
        longest=4, is_new=True,
    ),
)  # fmt: skip

VISITS: Final = (
    Visit(1, "07:30", "Ben"),
    Visit(1, "21:00", "Ada"),
    Visit(1, "22:10", "Cleo", 2),
    Visit(2, "21:00", "Ada", 1, Deed.STOP),
    Visit(2, "22:00", "Cleo", 2, Deed.LINK_BACK),
    Visit(3, "21:00", "Ada"),
    Visit(5, "07:30", "Ben"),
    Visit(5, "19:00", "Ben"),  # a second one, which is too much for the plan and counts for the dose
    Visit(6, "21:00", "Ada"),
    Visit(6, "21:30", "Cleo", 2),
    Visit(7, "21:00", "Ada"),  # the day of 23 hours
    Visit(7, "23:50", "Cleo", 2),
    Visit(8, "00:30", "Ben"),  # after midnight: still of the seventh day
    Visit(8, "22:00", "Ben"),
    Visit(10, "21:00", "Ada", 1, Deed.BUTTON),
    Visit(10, "22:00", "Cleo", 2, Deed.BUTTON_UNFETCHED),
    Visit(11, "22:00", "Cleo", 2),
    Visit(12, "07:30", "Ben", 1, Deed.LINK_GONE),
    Visit(12, "21:00", "Ada", 2),  # on the roller of the other
    Visit(12, "22:00", "Ben"),
    Visit(14, "07:30", "Ben"),
    Visit(14, "21:40", "Cleo", 2),
)
END: Final = datetime.combine(FIRST + timedelta(days=DAYS - 1), time(23), ZoneInfo(ZONE))
