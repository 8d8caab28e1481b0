"""`glowtool routines preview`: see a routine before it is felt."""

from __future__ import annotations

import sys
from typing import Final

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.routine_argument import routine_argument
from glowtool.cli.terminal.output import Printer
from glowtool.kit.storage.named_path import named_path

#: The width in a pipe, and where a terminal does not tell its own.
_USUAL: Final = 80


@click.command(short_help="See a routine before it is felt.")
@routine_argument
@click.option("--mine", is_flag=True, help="As you would get it today, within your own bounds.")
@click.option("--svg", "target", metavar="FILE", help="Draw it as an SVG into a file; -: standard output.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.option(
    "--width",
    type=click.IntRange(app.previews.NARROWEST, app.previews.WIDEST),
    help="Columns of the picture; default: the terminal's width, or 80.",
)
@pass_options
def preview(options: Options, routine: str, target: str | None, width: int | None, *, mine: bool, force: bool) -> None:
    """Show the timeline of a routine: its zones, the levels with their rises, the pressure and the cues.

    Levels are those of 100 % of the largest that is allowed; --mine shows what you, or --person NAME, would get today.
    The list below the picture says the same in words. With --json: {name, title, duration_s, steps: [{number, begin_s,
    end_s, title, place, outputs, band_kpa, cue, cues: [{at_s, text}]}], course: [{at_s, amplitude, vibration_hz,
    peak_ua}]}.
    """
    output = Printer(options)
    if target == "-" and output.json:
        raise click.UsageError("--json and an SVG on standard output exclude each other; name a FILE with --svg")
    place = options.place
    timeline, notes = app.previews.mine(place, routine) if mine else (app.previews.timeline(place, routine), [])
    for note in notes:
        output.note(note)
    if target == "-":
        app.previews.picture_to_stream(timeline, sys.stdout.buffer)
        return
    if target is not None:
        app.previews.write_picture(timeline, named_path(target, "the file of --svg"), force=force)
    if output.json:
        output.json_object(app.previews.as_object(timeline))
        return
    if target is not None:
        output.result(f"{timeline.name}: {target}")
        return
    columns = width or min(_width(output), app.previews.WIDEST)
    output.result(f"{timeline.title} ({timeline.name})")
    output.result(timeline.facts)
    output.result("")
    for line in app.previews.picture(timeline, columns, _glyphs()):
        output.result(line)
    output.result("")
    for said in app.previews.listing(timeline):
        output.result(str(said))


def _width(output: Printer) -> int:
    console = output.console()
    return console.width if console.is_terminal else _USUAL


def _glyphs() -> app.previews.Glyphs:
    """Return the characters that standard output has."""
    try:
        f"{app.previews.BLOCKS.cells}{app.previews.BLOCKS.edge}".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return app.previews.ASCII
    return app.previews.BLOCKS
