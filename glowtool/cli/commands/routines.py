"""`glowtool routines`: what can be run, what it does, and whether a file of one's own is in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Output
from glowtool.errors import RoutineError, SafetyError

if TYPE_CHECKING:
    from glowtool.routine import Routine, Step
    from glowtool.safety.lint import Finding


@click.group(cls=SuggestingGroup)
def routines() -> None:
    """List, show and validate routines."""


@routines.command("list")
@pass_options
def list_routines(options: Options) -> None:
    """List the built-in routines.

    With --json: {"routines": [{name, title, goal, duration_s, steps}]}.
    """
    from glowtool.routine import builtin_names, load_routine

    output = Output(options)
    found = [load_routine(name) for name in builtin_names()]
    if output.json:
        output.document({"routines": [_summary(routine) for routine in found]})
        return
    width = max(len(routine.name) for routine in found)
    for routine in found:
        output.result(f"{routine.name:<{width}}  {_minutes(routine.duration_s):>6}  {routine.title}")


@routines.command()
@click.argument("routine", metavar="NAME|FILE")
@pass_options
def show(options: Options, routine: str) -> None:
    """Show a routine's steps: where, how long, with which outputs and which pressure.

    With --json: the routine as its file says it.
    """
    from glowtool.routine import load_routine

    output = Output(options)
    found = load_routine(routine)
    if output.json:
        output.document(found.model_dump(mode="json"))
        return
    output.result(f"{found.title} ({found.name}), {_minutes(found.duration_s)}, {len(found.steps)} steps")
    output.result("")
    for paragraph in found.description.strip().split("\n\n"):
        output.result(" ".join(paragraph.split()))
    for number, step in enumerate(found.steps, start=1):
        output.result("")
        output.result(f"{number}. {step.title}, {step.duration_s:g} s: {step.cue}")
        output.result(f"   {_outputs(step)}; pressure {step.band_kpa[0]:g}–{step.band_kpa[1]:g} kPa")
    output.result("")
    for source in found.sources:
        output.result(f"Source: {source}")


@routines.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
@pass_options
def validate(options: Options, files: tuple[str, ...]) -> None:
    """Check routines: format, ranges, and the rules of safety.

    With --json: one line for each file, {file, ok, problems: [text], warnings: [text]}.
    """
    output = Output(options)
    failures: list[RoutineError | SafetyError] = []
    for file in files:
        warnings: list[str] = []
        try:
            warnings = check_file(file)
            problems: list[str] = []
        except (RoutineError, SafetyError) as error:
            problems = _problems(error)
            failures.append(error)
        if output.json:
            output.document({"file": file, "ok": not problems, "problems": problems, "warnings": warnings})
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
    """Return a problem with the word error behind the number of its line, if it has one."""
    number, colon, rest = line.partition(":")
    return f"{number}: error:{rest}" if colon and number.isdigit() else f" error: {line}"


def _problems(error: RoutineError | SafetyError) -> list[str]:
    """Return what is wrong, a line each, without the words around it that only a single file needs."""
    if isinstance(error, RoutineError) and error.problems:
        return [str(problem) for problem in error.problems]
    first, *others = error.lines
    return [line.strip() for line in others] or [first]


def check_file(name_or_path: str) -> list[str]:
    """Load a routine and hold it against the rules of safety; returns warnings, raises what refuses it."""
    from glowtool.routine import load_routine

    return check_routine(load_routine(name_or_path))


def check_routine(routine: Routine) -> list[str]:
    """Hold a routine against the rules of safety; returns warnings, raises `SafetyError` naming every refusal."""
    from glowtool.routine import compile_routine
    from glowtool.safety import Severity, lint_program

    findings = lint_program(compile_routine(routine))
    refused = [finding for finding in findings if finding.severity is Severity.REFUSE]
    if refused:
        raise SafetyError(f"the routine {routine.name!r} breaks a rule of safety and will not be run:").listing(
            *(f"  {_in_words(finding, routine)}" for finding in refused)
        )
    return [_in_words(finding, routine) for finding in findings]


def _in_words(finding: Finding, routine: Routine) -> str:
    """Return a finding as a sentence; only what is refused is not allowed."""
    from glowtool.safety import Severity

    where = "" if finding.step is None else f"step {finding.step + 1} ({routine.steps[finding.step].title}): "
    limit = "allowed is" if finding.severity is Severity.REFUSE else "it can be run; gentle is"
    return f"{where}{finding.what} is {finding.value}; {limit} {finding.allowed}: {finding.reason}"


def _summary(routine: Routine) -> dict[str, object]:
    return {
        "name": routine.name,
        "title": routine.title,
        "goal": routine.goal.name.lower().replace("_", "-"),
        "duration_s": routine.duration_s,
        "steps": len(routine.steps),
    }


def _minutes(duration_s: float) -> str:
    return f"{duration_s:g} s" if duration_s < 60 else f"{duration_s / 60:.3g} min"


def _outputs(step: Step) -> str:
    parts = []
    if step.vibration is not None:
        parts.append(f"vibration {step.vibration.amplitude_percent:g} % at {step.vibration.frequency_hz:g} Hz")
    if step.microcurrent is not None:
        parts.append(f"microcurrent {step.microcurrent.peak_ua} µA at {step.microcurrent.frequency_hz:g} Hz")
    return ", ".join(parts) or "no outputs"
