"""The models of a plan, against which its file is validated."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from glowtool.routine.models import Goal
from glowtool.routine.names import Named

#: The word for a day without a massage, in place of a routine's name.
REST: Final = "rest"

DAYS_A_WEEK: Final = 7
MAX_WEEKS: Final = 52
MAX_PHASES: Final = 12

_LINE: Final = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_LINES: Final = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"
_NAME: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"

_DayName = Annotated[str, Field(pattern=_NAME, max_length=40)]


class Missed(enum.Enum):
    """What becomes of a day that was missed."""

    SKIP = enum.auto()
    ROLL_OVER = enum.auto()


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Phase(_Model):
    """Some weeks that are alike: seven days, each with a routine or a rest."""

    title: str = Field(min_length=1, max_length=60, pattern=_LINE, description="what this part of the plan is called")
    weeks: int = Field(ge=1, le=MAX_WEEKS, description="how many times the week comes")
    days: tuple[_DayName, ...] = Field(
        strict=False,
        min_length=DAYS_A_WEEK,
        max_length=DAYS_A_WEEK,
        description=f"the seven days from the day on which the plan begins: a routine's name each, or `{REST}`",
    )
    missed: Annotated[Missed, Named(tuple(Missed))] = Field(
        default=Missed.SKIP,
        description="a missed day: `skip` goes on without it, `roll-over` waits until it is made up for",
    )
    note: str = Field(default="", max_length=200, pattern=_LINE, description="what to mind in this phase")

    @field_validator("days")
    @classmethod
    def _with_a_massage(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        if all(day == REST for day in days):
            raise PydanticCustomError("only_rest", "has no massage in it")
        return days


@dataclass(frozen=True, slots=True)
class Slot:
    """One day of a plan, from 1; its routine, or None on a day of rest; its place in week and phase, from 1."""

    number: int
    week: int
    phase: Phase
    routine: str | None


class Plan(_Model):
    """Weeks of massages: what the plan is called, what it is for, and its phases in order."""

    name: str = Field(pattern=_NAME, max_length=40, description="what the command line calls the plan")
    title: str = Field(min_length=1, max_length=60, pattern=_LINE, description="name for people")
    goal: Annotated[Goal, Named(tuple(Goal))] = Field(description="what the plan is for")
    description: str = Field(min_length=1, max_length=2000, pattern=_LINES, description="what it does, and why so")
    sources: tuple[Annotated[str, Field(pattern=_LINE)], ...] = Field(
        default=(), strict=False, description="where its numbers come from"
    )
    phases: tuple[Phase, ...] = Field(
        strict=False, min_length=1, max_length=MAX_PHASES, description="the phases, in the order in which they come"
    )

    @field_validator("phases")
    @classmethod
    def _within_bounds(cls, phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
        weeks = sum(phase.weeks for phase in phases)
        if weeks > MAX_WEEKS:
            raise PydanticCustomError("plan_weeks", "last {weeks} weeks together", {"weeks": weeks})
        return phases

    @property
    def weeks(self) -> int:
        """The number of weeks of all phases together."""
        return sum(phase.weeks for phase in self.phases)

    @property
    def routines(self) -> tuple[str, ...]:
        """The names of its routines, each once, in the order in which they first come."""
        return tuple(dict.fromkeys(day for phase in self.phases for day in phase.days if day != REST))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All days of the plan, in order."""
        weeks = [phase for phase in self.phases for _ in range(phase.weeks)]
        return tuple(
            Slot(number + 1, number // DAYS_A_WEEK + 1, phase, None if day == REST else day)
            for number, (phase, day) in enumerate((phase, day) for phase in weeks for day in phase.days)
        )
