"""`glowtool plan`: the plans that there are, the beginning of one and its end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.commands.plan import clock
from glowtool.cli.commands.plan.calendar import ics
from glowtool.cli.commands.plan.status import status
from glowtool.cli.commands.plan.today import print_today, today
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.asking.questions import confirm
from glowtool.cli.terminal.output import Printer
from glowtool.errors import UsageError
from glowtool.model.names import name_of

if TYPE_CHECKING:
    from glowtool.routine.plans.models import Phase, Plan

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_STARTS: Final = "today, tomorrow, a weekday, or a date such as 2027-01-04"
#: Beyond that, a date was mistyped.
_FURTHEST: Final = timedelta(days=366)


@click.group(cls=SuggestingGroup)
def plan() -> None:
    """Follow a plan: weeks with a routine a day, days of rest, a streak, a calendar."""


for command in (today, status, ics):
    plan.add_command(command)


@plan.command("list")
@pass_options
def list_plans(options: Options) -> None:
    """List the plans that come with glowtool.

    With --json: {"plans": [{name, title, goal, weeks, massages, routines}]}.
    """
    output = Printer(options)
    found = app.following.built_in_plans()
    if output.json:
        output.json_object({"plans": [_summary(each) for each in found]})
        return
    rows = [(each.name, f"{each.weeks}", f"{_massages(each)}", each.title) for each in found]
    output.table(("Plan", "Weeks", "Massages", "What it is"), rows, whole=frozenset({0}))
    output.note("`glowtool plan show NAME` says more.")


@plan.command(short_help="Show the phases and days of a plan.")
@click.argument("name", metavar="NAME|FILE")
@pass_options
def show(options: Options, name: str) -> None:
    """Show a plan: what it is for, its phases, and what each day of their weeks brings.

    With --json: the plan as in its file.
    """
    output = Printer(options)
    found = app.following.load_plan(name)
    if output.json:
        output.json_object(found.model_dump(mode="json"))
        return
    output.result(f"{found.title} ({found.name}), {_weeks(found.weeks)}, {_massages(found)} massages")
    for paragraph in found.description.strip().split("\n\n"):
        output.result("")
        output.result(" ".join(paragraph.split()))
    for phase in found.phases:
        output.result("")
        _print_phase(output, phase)
    output.result("")
    for source in found.sources:
        output.result(f"Source: {source}")


@plan.command(short_help="Begin a plan.")
@click.argument("name", metavar="NAME|FILE")
@click.option("--start", metavar="DAY", default="today", show_default=True, help=f"First day: {_STARTS}.")
@click.option("--zone", metavar="ZONE", help="Time zone of its days, such as Europe/Berlin. Default: the computer's.")
@click.option("--yes", is_flag=True, help="Replace the plan that is followed without asking.")
@pass_options
def new(options: Options, name: str, start: str, zone: str | None, *, yes: bool) -> None:
    """Begin a plan that comes with glowtool, or one in a file of your own.

    One plan is followed at a time. A day of it ends at 4 in the morning: a massage after midnight still counts for the
    evening before, if none was done then. With --json: what `glowtool plan today` prints.
    """
    output = Printer(options)
    found = app.following.load_plan(name)
    now = clock.now()
    begins = first_day(start, app.following.today_for(zone, now))
    who = app.following.follower(options.place)
    before = app.following.current(options.place, who)
    if before is not None and not yes:
        confirm(
            f"You follow {before.plan.title!r} since {before.begins:%Y-%m-%d}. Begin the new plan instead?",
            default=False,
        )
    begun = app.following.begin(options.place, who, found, begins=begins, now=now, zone=zone)
    counted = f", days counted in {begun.zone}" if begun.zone else ""
    output.result(f"{found.title}: begins {begins:%A %Y-%m-%d}, {_weeks(found.weeks)}{counted}.")
    print_today(output, options.place, app.following.progress(options.place, who, now))


@plan.command("end", short_help="Give up the plan that you follow.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_options
def end_plan(options: Options, *, yes: bool) -> None:
    """Give up the plan that you follow; the logs stay. With --json: {ended: name}."""
    output = Printer(options)
    now = clock.now()
    who = app.following.follower(options.place)
    followed = app.following.progress(options.place, who, now).begun
    if not yes:
        confirm(f"Give up {followed.plan.title!r}?", default=False)
    app.following.end(options.place, who, now)
    if output.json:
        output.json_object({"ended": followed.plan.name})
    output.result(f"{followed.plan.title}: given up.")


def first_day(word: str, today: date) -> date:
    """Return the date that a person means by a day; a weekday is the next one, today included. Raises `UsageError`."""
    typed = word.strip().casefold()
    if typed in {"today", "tomorrow"}:
        return today + timedelta(days=typed == "tomorrow")
    meant = [number for number, name in enumerate(_WEEKDAYS) if len(typed) >= 2 and name.startswith(typed)]
    if len(meant) == 1:
        return today + timedelta(days=(meant[0] - today.weekday()) % 7)
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        raise UsageError(f"--start is {word!r}", advice=f"give {_STARTS}") from None
    if abs(found - today) > _FURTHEST:
        raise UsageError(f"--start is {found}, which is more than a year from today, {today}")
    return found


def _print_phase(output: Printer, phase: Phase) -> None:
    missed = (
        "a day that is missed waits" if name_of(phase.missed) == "roll-over" else "a day that is missed is left out"
    )
    output.result(f"{phase.title}, {_weeks(phase.weeks)}: {missed}")
    for number, routine in enumerate(phase.days, start=1):
        output.result(f"  day {number}  {routine}")


def _weeks(count: int) -> str:
    return "1 week" if count == 1 else f"{count} weeks"


def _massages(plan: Plan) -> int:
    return sum(slot.routine is not None for slot in plan.slots)


def _summary(plan: Plan) -> dict[str, object]:
    return {
        "name": plan.name,
        "title": plan.title,
        "goal": name_of(plan.goal),
        "weeks": plan.weeks,
        "massages": _massages(plan),
        "routines": list(plan.routines),
    }
