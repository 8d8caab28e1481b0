"""`glowtool plan today`: what is due today, and the command that runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.commands.plan import clock
from glowtool.cli.commands.plan.words import adherence_words, days_words, fate_words, now_words
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.cli.terminal.text import duration_text
from glowtool.model.names import key_of
from glowtool.routine.plans.course import Fate

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.app.plans.following import Progress
    from glowtool.routine.plans.course import Day


@click.command(short_help="Show what is due today, and the command for it.")
@pass_options
def today(options: Options) -> None:
    """Show what the plan has for today, and the command that runs it.

    It says when less is left of your day than the routine takes. With --json: {plan, title, begins, zone, date, day,
    days, week, phase, fate, routine, command, against: [text], streak, next: {date, routine}}; fate is due, partly,
    done, rest, ahead or over.
    """
    output = Printer(options)
    print_today(
        output, options.place, app.following.progress(options.place, app.following.follower(options.place), clock.now())
    )


def print_today(output: Printer, place: Place, progress: Progress) -> None:
    """Print what is due today."""
    if output.json:
        output.json_object(today_object(place, progress))
        return
    course, score = progress.course, progress.score
    now = course.now
    if now is None:
        output.result(_outside(progress))
        return
    slot = now.slot
    output.result(f"{progress.plan.title}: {days_words(progress, slot)}, {slot.phase.title}")
    output.result(f"Today: {now_words(now)}")
    if now.fate in {Fate.DUE, Fate.PARTLY} and slot.routine:
        _print_due(output, place, slot.routine)
    if slot.phase.note:
        output.note(f"In this phase: {slot.phase.note}.")
    if len(course.days) > 1 and (before := course.days[-2]).fate in {Fate.MISSED, Fate.PARTLY}:
        output.note(f"Yesterday: {fate_words(before)}.")
    following = next((day for day in course.ahead if day.slot.routine is not None), None)
    if now.fate in {Fate.DONE, Fate.REST} and following is not None:
        output.result(f"Next:  {following.on:%a %Y-%m-%d}, {following.slot.routine}")
    if score.due:
        output.result(f"So far: {adherence_words(score)}")


def _print_due(output: Printer, place: Place, name: str) -> None:
    """Print the routine that is due, its command, and what is against it today."""
    routine = app.following.routine_of(place, app.following.to_run(place, name))
    if routine is not None:
        output.result(f"       {routine.title}, {duration_text(routine.duration_s)}")
    output.result(f"       {app.following.command_for(place, name)}")
    if routine is None:
        output.note(f"The routine {name} cannot be run as it is now; `glowtool routines validate {name}` says why.")
    for words in app.following.against(place, name):
        output.note(f"Not today any more: {words}.")


def today_object(place: Place, progress: Progress) -> dict[str, object]:
    """Return what is due today for `--json`."""
    course = progress.course
    now = course.now
    due = now is not None and now.fate in {Fate.DUE, Fate.PARTLY}
    return {
        "plan": progress.plan.name,
        "title": progress.plan.title,
        "begins": progress.begun.begins.isoformat(),
        "zone": progress.begun.zone,
        "date": course.today.isoformat(),
        "day": None if now is None else now.slot.number,
        "days": len(progress.plan.slots),
        "week": None if now is None else now.slot.week,
        "phase": None if now is None else now.slot.phase.title,
        "fate": key_of(now.fate) if now is not None else "over" if course.is_over else "ahead",
        "routine": None if now is None else now.slot.routine,
        "command": app.following.command_for(place, now.slot.routine) if now and due and now.slot.routine else None,
        "against": list(app.following.against(place, now.slot.routine)) if now and due and now.slot.routine else [],
        "streak": progress.score.streak,
        "next": _next_object(course.ahead),
    }


def _next_object(ahead: tuple[Day, ...]) -> dict[str, object] | None:
    found = next((day for day in ahead if day.slot.routine is not None), None)
    return None if found is None else {"date": found.on.isoformat(), "routine": found.slot.routine}


def _outside(progress: Progress) -> str:
    """Return the words for a day before the first or after the last of a plan."""
    if progress.course.ahead:
        return f"{progress.plan.title}: begins {progress.begun.begins:%A %Y-%m-%d}."
    return f"{progress.plan.title}: you came to its end; {adherence_words(progress.score)}."
