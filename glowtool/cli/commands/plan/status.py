"""`glowtool plan status`: how a plan goes, week by week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.commands.plan import clock
from glowtool.cli.commands.plan.words import adherence_words, days_words
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.model.names import key_of
from glowtool.routine.plans.course import Fate
from glowtool.routine.plans.score import by_week

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.app.plans.following import Progress
    from glowtool.routine.plans.course import Day

#: One letter a day, so that a week fits the narrowest terminal, and a screen reader spells it.
_SIGNS: Final = {
    Fate.DONE: "x",
    Fate.PARTLY: "/",
    Fate.MISSED: "-",
    Fate.REST: ".",
    Fate.DUE: "?",
    Fate.AHEAD: "o",
}
_LEGEND: Final = "x done, / begun, - missed, . rest, ? due today, o to come"


@click.command(short_help="Show how the plan goes, week by week.")
@pass_options
def status(options: Options) -> None:
    """Show how the plan goes, week by week: days done and missed, the streak, when it will end.

    A massage counts for a day when 80 % of the routine's time was done, also in parts, and also in its long form or
    without current. With --json: {plan, title, begins, zone, date, done, due, adherence, streak, longest, ends, days:
    [{date, day, week, routine, fate, massages: [id]}], others: [id]}.
    """
    output = Printer(options)
    progress = app.following.progress(options.place, app.following.follower(options.place), clock.now())
    if output.json:
        output.json_object(_object(progress))
        return
    course = progress.course
    place = f", {days_words(progress, course.now.slot)}" if course.now is not None else ""
    output.result(f"{progress.plan.title}{place}")
    output.result(f"{adherence_words(progress.score)}")
    output.result("")
    for week, days in by_week(shown_days(progress)).items():
        signs = " ".join(_sign(day) for day in days)
        output.result(f"{week:>3}  {_from(days):<6}  {signs}")
    output.note("")
    output.note(_LEGEND)
    last = course.ahead[-1].on if course.ahead else None
    if last is not None:
        output.note(f"It ends on {last:%A %Y-%m-%d}, if no day is missed.")


def shown_days(progress: Progress) -> Sequence[Day]:
    """Return the days of a plan that are over, today, and those ahead, each day of it once if it was not missed."""
    return (*progress.course.days, *progress.course.ahead)


def _sign(day: Day) -> str:
    ahead_rest = day.fate is Fate.AHEAD and day.slot.routine is None
    return _SIGNS[Fate.REST if ahead_rest else day.fate]


def _from(days: Sequence[Day]) -> str:
    return f"{days[0].on:%d %b}"


def _object(progress: Progress) -> dict[str, object]:
    course, score = progress.course, progress.score
    return {
        "plan": progress.plan.name,
        "title": progress.plan.title,
        "begins": progress.begun.begins.isoformat(),
        "zone": progress.begun.zone,
        "date": course.today.isoformat(),
        "done": score.done,
        "due": score.due,
        "adherence": score.adherence,
        "streak": score.streak,
        "longest": score.longest,
        "ends": course.ahead[-1].on.isoformat() if course.ahead else None,
        "days": [_day_object(day) for day in shown_days(progress)],
        "others": [massage.kept_as for massage in course.others],
    }


def _day_object(day: Day) -> dict[str, object]:
    return {
        "date": day.on.isoformat(),
        "day": day.slot.number,
        "week": day.slot.week,
        "routine": day.slot.routine,
        "fate": key_of(day.fate),
        "massages": [massage.kept_as for massage in day.massages],
    }
