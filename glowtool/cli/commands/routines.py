"""`glowtool routines`: list the routines, show what one does, check a file of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.commands.exchange.export import export
from glowtool.cli.commands.exchange.import_file import import_file
from glowtool.cli.commands.exchange.preview import preview
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.routine_argument import routine_argument
from glowtool.cli.terminal.output import Printer
from glowtool.errors import RoutineError, SafetyError
from glowtool.model.names import name_of

if TYPE_CHECKING:
    from glowtool.routine import Microcurrent, Routine, Step


@click.group(cls=SuggestingGroup)
def routines() -> None:
    """List, show and validate routines."""


routines.add_command(preview)
routines.add_command(import_file)
routines.add_command(export)


@routines.command("list")
@pass_options
def list_routines(options: Options) -> None:
    """List the built-in routines.

    With --json: {"routines": [{name, title, goal, duration_s, steps}]}.
    """
    output = Printer(options)
    found = app.routines.built_in()
    if output.json:
        output.json_object({"routines": [_summary(routine) for routine in found]})
        return
    width = max(len(routine.name) for routine in found)
    for routine in found:
        output.result(f"{routine.name:<{width}}  {_minutes(routine.duration_s):>7}  {routine.title}, {_used(routine)}")


@routines.command(short_help="Show the steps of a routine.")
@routine_argument
@pass_options
def show(options: Options, routine: str) -> None:
    """Show a routine's steps: the zone, the duration, the outputs and the pressure.

    With --json: the routine as in its file.
    """
    output = Printer(options)
    found = app.routines.load_routine(routine)
    if output.json:
        output.json_object(found.model_dump(mode="json"))
        return
    output.result(f"{found.title} ({found.name}), {_minutes(found.duration_s)}, {len(found.steps)} steps")
    output.result("")
    for paragraph in found.description.strip().split("\n\n"):
        output.result(" ".join(paragraph.split()))
    for number, step in enumerate(found.steps, start=1):
        output.result("")
        output.result(f"{number}. {step.title}, {step.duration_s:g} s: {step.cue}")
        if step.band_kpa is not None:
            output.result(f"   {_outputs(step)}; pressure {step.band_kpa[0]:g}–{step.band_kpa[1]:g} kPa")
    output.result("")
    for source in found.sources:
        output.result(f"Source: {source}")


@routines.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
@pass_options
def validate(options: Options, files: tuple[str, ...]) -> None:
    """Check routines: format, ranges, and the safety rules.

    With --json: one line for each file, {file, ok, problems: [text], warnings: [text]}.
    """
    output = Printer(options)
    failures: list[RoutineError | SafetyError] = []
    for file in files:
        warnings: list[str] = []
        try:
            warnings = app.routines.check_file(file)
            problems: list[str] = []
        except (RoutineError, SafetyError) as error:
            problems = _problems(error)
            failures.append(error)
        if output.json:
            output.json_object({"file": file, "ok": not problems, "problems": problems, "warnings": warnings})
            continue
        if not problems:
            output.result(f"{file}: in order{_with_warnings(len(warnings))}")
        for line in problems:
            output.problem(f"{file}:{_labelled(line)}")
        for warning in warnings:
            output.note(f"{file}: warning: {warning}")
    if failures:
        raise type(failures[0])(f"{len(failures)} of {len(files)} routines cannot be run")


def _with_warnings(count: int) -> str:
    return {0: "", 1: ", with a warning"}.get(count, f", with {count} warnings")


def _labelled(line: str) -> str:
    """Return a problem with the word "error" after its line number, if it has one."""
    number, colon, rest = line.partition(":")
    return f"{number}: error:{rest}" if colon and number.isdigit() else f" error: {line}"


def _problems(error: RoutineError | SafetyError) -> list[str]:
    """Return the problems, a line each, without the words that only a single file needs."""
    if isinstance(error, RoutineError) and error.problems:
        return [str(problem) for problem in error.problems]
    first, *others = error.lines
    return [line.strip() for line in others] or [first]


def _summary(routine: Routine) -> dict[str, object]:
    return {
        "name": routine.name,
        "title": routine.title,
        "goal": name_of(routine.goal),
        "duration_s": routine.duration_s,
        "steps": len(routine.steps),
    }


def _minutes(duration_s: float) -> str:
    return f"{duration_s:g} s" if duration_s < 60 else f"{duration_s / 60:.3g} min"


def _used(routine: Routine) -> str:
    """Return the outputs that a routine uses: not every roller has all of them."""
    vibration = "vibration" if any(step.vibration for step in routine.steps) else ""
    current = "microcurrent" if routine.uses_microcurrent else ""
    return " and ".join(filter(None, (vibration, current))) or "no outputs"


def _peak(current: Microcurrent) -> str:
    return f"{current.peak_percent:g} %" if current.peak_ua is None else f"{current.peak_ua} µA"


def _outputs(step: Step) -> str:
    parts = []
    if step.vibration is not None:
        parts.append(f"vibration {step.vibration.amplitude_percent:g} % at {step.vibration.frequency_hz:g} Hz")
    if step.microcurrent is not None:
        parts.append(f"microcurrent {_peak(step.microcurrent)} at {step.microcurrent.frequency_hz:g} Hz")
    return ", ".join(parts) or "no outputs"
