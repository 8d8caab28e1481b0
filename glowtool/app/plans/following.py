"""Follow a plan: begin it, give it up, and see what is due and how it goes."""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.people.admitting import refusal
from glowtool.app.people.circumstances import against_today
from glowtool.app.people.who import known_person, meant, people_of
from glowtool.app.place import make_private_dir
from glowtool.app.plans.massages import massages_of
from glowtool.app.plans.zones import local, zone_here, zone_of
from glowtool.app.routines import load
from glowtool.errors import GlowtoolError, InputError
from glowtool.model.output import Output
from glowtool.routine.plans.course import Fate, course_of
from glowtool.routine.plans.score import score_of
from glowtool.store.plans.kept import BegunPlan, KeptPlans
from glowtool.store.plans.load import builtin_plan_names, load_plan

if TYPE_CHECKING:
    from datetime import date, datetime

    from glowtool.app.place import Place
    from glowtool.routine.models import Routine
    from glowtool.routine.plans.course import Course
    from glowtool.routine.plans.models import Plan
    from glowtool.routine.plans.score import Score

__all__ = [
    "Progress",
    "against",
    "begin",
    "built_in_plans",
    "command_for",
    "current",
    "due_today",
    "end",
    "follower",
    "load_plan",
    "progress",
    "routine_of",
    "to_run",
    "today_for",
]

_NONE_YET = "`glowtool plan list` shows the plans"


#: How the form of a routine without current is called.
_WITHOUT: Final = "-vibration"


@dataclass(frozen=True, slots=True)
class Progress:
    """A plan that a person follows: as it was begun, its course as of now, and how well it is kept."""

    begun: BegunPlan
    course: Course
    score: Score

    @property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.begun.plan


def follower(place: Place) -> str | None:
    """Return the pseudonym of whose plan it is at a place; None where nobody is known.

    A plan that was begun before anybody was known becomes that of the first and only person. Raises `InputError` when
    several people are known and none is meant.
    """
    known, everybody = known_person(place), people_of(place).all()
    if known is None:
        if everybody:
            raise InputError(
                f"{len(everybody)} people are known, and each has a plan of their own",
                advice="name one with `--person NAME`, or make one the usual one with `glowtool person use NAME`",
            )
        return None
    if len(everybody) == 1:
        _kept(place, known.id).take_over(_kept(place, None))
    return known.id


def built_in_plans() -> list[Plan]:
    """Return the plans that come with glowtool."""
    return [load_plan(name) for name in builtin_plan_names()]


def today_for(zone: str | None, now: datetime) -> date:
    """Return the date in a time zone at a moment."""
    return local(now, zone_of(zone)).date()


def begin(
    place: Place, who: str | None, plan: Plan, *, begins: date, now: datetime, zone: str | None = None
) -> BegunPlan:
    """Follow a plan from a date on, in place of the one followed so far.

    `zone` is where its days are counted, by default the computer's. Raises `InputError` for a routine or a time zone
    that there is not, and `StoreError`.
    """
    for name in plan.routines:
        _require(place, plan, name)
    make_private_dir(place.root)
    counted_in = zone if zone is not None else zone_here()
    begun = BegunPlan(plan_id=secrets.token_hex(8), plan=plan, begins=begins, zone=counted_in, made_utc=now)
    _kept(place, who).begin(begun, today=today_for(counted_in, now))
    return begun


def end(place: Place, who: str | None, now: datetime) -> BegunPlan:
    """Give up the plan that a person follows, and return it; raises `InputError` when there is none."""
    begun = current(place, who)
    if begun is None:
        raise _no_plan()
    _kept(place, who).end(today_for(begun.zone, now))
    return begun


def current(place: Place, who: str | None) -> BegunPlan | None:
    """Return the plan that a person follows; None without one. Raises `StoreError`."""
    return _kept(place, who).current()


def progress(place: Place, who: str | None, now: datetime) -> Progress:
    """Return how far a person has come with the plan; raises `InputError` when they follow none, and `StoreError`."""
    begun = current(place, who)
    if begun is None:
        raise _no_plan()
    zone = zone_of(begun.zone)
    course = course_of(begun.plan, begun.begins, local(now, zone), massages_of(place, who, zone))
    return Progress(begun, course, score_of(course))


def due_today(place: Place, who: str | None, now: datetime) -> str | None:
    """Return the command for what a person's plan has today; None when it is done, and without a plan."""
    if current(place, who) is None:
        return None
    day = progress(place, who, now).course.now
    due = day.slot.routine if day is not None and day.fate in {Fate.DUE, Fate.PARTLY} else None
    return None if due is None else command_for(place, due)


def to_run(place: Place, routine: str) -> str:
    """Return the routine to run for one that a plan has: the form without current for whoever may have none.

    It counts for the same day. Raises `InputError` and `StoreError`.
    """
    found = routine_of(place, routine)
    without = routine if routine.endswith(_WITHOUT) else f"{routine}{_WITHOUT}"
    if found is None or not found.uses_microcurrent or routine_of(place, without) is None:
        return routine
    who = meant(place)
    return routine if who.known is None or refusal(who, Output.MICROCURRENT) is None else without


def command_for(place: Place, routine: str) -> str:
    """Return the command that runs the routine of a day; it names the person where the place does."""
    named = "" if place.person is None else f" --person {shlex.quote(place.person)}"
    return f"glowtool run {to_run(place, routine)}{named}"


def against(place: Place, routine: str) -> tuple[str, ...]:
    """Return in words why what a plan has cannot be run today any more, of the day's dose; else nothing."""
    found = routine_of(place, to_run(place, routine))
    return () if found is None else against_today(place, found)


def routine_of(place: Place, name: str) -> Routine | None:
    """Return a routine of a plan by its name; None when there is no such one any more."""
    try:
        return load(place, name)
    except GlowtoolError:
        return None


def erase(place: Place, who: str | None) -> bool:
    """Remove everything that is kept of a person's plans; return whether there was anything."""
    return _kept(place, who).erase()


def _kept(place: Place, who: str | None) -> KeptPlans:
    return KeptPlans(place.plans_dir, who)


def _no_plan() -> InputError:
    return InputError("no plan is followed", advice=_NONE_YET)


def _require(place: Place, plan: Plan, name: str) -> None:
    try:
        load(place, name)
    except InputError as error:
        raise InputError(
            f"the plan {plan.name!r} cannot be followed: {error.says}",
            advice="`glowtool routines list` shows the names",
        ) from error
