"""`glowtool routines`: list the routines, show what one does, and reach what else is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click

from glowtool import app
from glowtool.cli.groups import RoomGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.routine_argument import routine_argument
from glowtool.cli.terminal.output import Printer
from glowtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.routine import Microcurrent, Routine, Step
    from glowtool.store.routines.outline import Outline


class _Routines(RoomGroup):
    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = {
        "diff": ("glowtool.cli.commands.routines.compare", "diff"),
        "edit": ("glowtool.cli.commands.routines.write", "edit"),
        "export": ("glowtool.cli.commands.exchange.export", "export"),
        "import": ("glowtool.cli.commands.exchange.import_file", "import_file"),
        "mirror": ("glowtool.cli.commands.routines.write", "mirror"),
        "new": ("glowtool.cli.commands.routines.write", "new"),
        "preview": ("glowtool.cli.commands.exchange.preview", "preview"),
        "schema": ("glowtool.cli.commands.routines.compare", "schema"),
        "validate": ("glowtool.cli.commands.routines.validate", "validate"),
    }


@click.group(cls=_Routines)
def routines() -> None:
    """List, show, write and check routines.

    A routine is named by its name, by its file, or as a text: "cheek L 60s vib 40%@75Hz; mirror". `schema --text`
    explains the words of a text.
    """


@routines.command("list", short_help="List the routines that there are.")
@pass_options
def list_routines(options: Options) -> None:
    """List the built-in routines, and your own.

    With --json: {"routines": [{name, title, goal, duration_s, steps, vibration, microcurrent, gel, own, problem}]}. Of
    one that is out of order there is name, own and problem only.
    """
    output = Printer(options)
    found = app.outlines.listed(options.place)
    if output.json:
        output.json_object({"routines": [_summary(each) for each in found]})
        return
    rows = [_row(each.outline) for each in found if each.outline is not None]
    headers = ("Name", "Title", "Goal", "Outputs", "Time", "Gel")
    output.table(headers, rows, whole=frozenset(range(len(headers))), paired=(1, 3))
    for each in found:
        if each.outline is None:
            output.note(f"Your routine {each.name} is left out: {each.problem}")


@routines.command(short_help="Show the steps of a routine.")
@routine_argument
@click.option("--text", "as_text", is_flag=True, help="Print it as one line of text.")
@click.option("--toml", "as_toml", is_flag=True, help="Print it as a file.")
@pass_options
def show(options: Options, routine: str, *, as_text: bool, as_toml: bool) -> None:
    """Show a routine's steps as they run: the zone, the duration, the outputs and the pressure.

    --text and --toml print it as it was written, without comments. With --json: the steps as they run, which is also
    what a log keeps.
    """
    output = Printer(options)
    if as_text and as_toml:
        raise UsageError("--text and --toml exclude each other", advice="give one of them")
    loaded = app.writing.load(options.place, routine)
    found = loaded.routine
    if output.json:
        output.json_object(found.model_dump(mode="json"))
        return
    if as_text or as_toml:
        written = app.writing.as_text(loaded.written) if as_text else app.writing.as_toml(loaded.written)
        for line in written.splitlines():
            output.result(line)
        return
    for line in _shown(found):
        output.result(line)


def _shown(routine: Routine) -> Iterator[str]:
    yield f"{routine.title} ({routine.name}), {_minutes(routine.duration_s)}, {_steps(len(routine.steps))}"
    yield ""
    for paragraph in routine.description.strip().split("\n\n"):
        yield " ".join(paragraph.split())
    for number, step in enumerate(routine.steps, start=1):
        yield ""
        yield f"{number}. {step.title}, {step.duration_s:g} s: {step.cue}"
        yield from (f"   {line}" for line in _details(step))
    yield ""
    for evidence in routine.evidence:
        size = "" if evidence.participants is None else f", {evidence.participants} people"
        funder = "" if evidence.funded_by is None else f", paid for by {evidence.funded_by}"
        yield f"Evidence: {evidence.claim} ({evidence.source}{size}{funder})"
    for source in routine.sources:
        yield f"Source: {source}"


def _details(step: Step) -> Iterator[str]:
    if step.band_kpa is not None:
        yield f"{_outputs(step)}; pressure {step.band_kpa[0]:g}–{step.band_kpa[1]:g} kPa"
    for keyframe in step.keyframes:
        levels = []
        if keyframe.amplitude_percent is not None:
            levels.append(f"vibration {keyframe.amplitude_percent:g} %")
        if keyframe.vibration_hz is not None:
            levels.append(f"vibration at {keyframe.vibration_hz:g} Hz")
        if keyframe.peak_ua is not None or keyframe.peak_percent is not None:
            peak = f"{keyframe.peak_percent:g} %" if keyframe.peak_ua is None else f"{keyframe.peak_ua} µA"
            levels.append(f"microcurrent {peak}")
        if keyframe.current_hz is not None:
            levels.append(f"microcurrent at {keyframe.current_hz:g} Hz")
        yield f"until {keyframe.at_s:g} s: to {', '.join(levels)}"
    for cue in step.cues:
        yield f"at {cue.at_s:g} s: {cue.text}"


def _row(outline: Outline) -> tuple[str, ...]:
    gel = "yes" if outline.microcurrent else "no"
    goal = outline.goal.replace("-", " ")
    return outline.name, outline.title, goal, _used(outline), _minutes(outline.duration_s), gel


def _summary(listed: app.outlines.Listed) -> dict[str, object]:
    outline = listed.outline
    if outline is None:
        return {"name": listed.name, "own": listed.own, "problem": listed.problem}
    return {
        "name": listed.name,
        "title": outline.title,
        "goal": outline.goal,
        "duration_s": outline.duration_s,
        "steps": outline.steps,
        "vibration": outline.vibration,
        "microcurrent": outline.microcurrent,
        "gel": outline.microcurrent,
        "own": listed.own,
        "problem": None,
    }


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _minutes(duration_s: float) -> str:
    return f"{duration_s:g} s" if duration_s < 60 else f"{duration_s / 60:.3g} min"


def _used(outline: Outline) -> str:
    """Return the outputs that a routine uses: not every roller has all of them."""
    vibration = "vibration" if outline.vibration else ""
    current = "microcurrent" if outline.microcurrent else ""
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
