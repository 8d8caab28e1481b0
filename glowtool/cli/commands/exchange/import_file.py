"""`glowtool routines import`: a file of another program as a routine."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.kit.storage.named_path import named_path
from glowtool.model.names import name_of

_FORMATS = app.imports.FORMATS
_ZONES = {name_of(zone): zone for zone in app.imports.Zone}
_MASSAGE_MIN = app.imports.MASSAGE_S / 60


@click.command("import", short_help="Make a routine of another program's file.")
@click.argument("file", metavar="FILE")
@click.option(
    "--from",
    "form",
    type=click.Choice([form.value for form in _FORMATS]),
    help="Format of FILE; default: by its name, else by its content.",
)
@click.option("--name", help="Name of the routine; default: that of FILE.")
@click.option(
    "--zone",
    "zones",
    type=click.Choice(list(_ZONES)),
    multiple=True,
    help="Where on the face, in turn; may be given several times. Default: cheeks, jaw and forehead, left and right.",
)
@click.option("--repeat", type=click.IntRange(1, 100), default=1, help="Play the track so often.")
@click.option(
    "--length",
    "length_min",
    type=click.FloatRange(0.2, _MASSAGE_MIN),
    help="Slow the track down, or speed it up, to so many minutes.",
)
@click.option(
    "--level",
    type=click.IntRange(1, 100),
    default=100,
    show_default=True,
    help="What the file's full becomes, in percent of your own maximum.",
)
@click.option("-o", "--output", "target", metavar="FILE", help="File to write, in place of one of your own routines.")
@click.option("--force", is_flag=True, help="Replace an existing routine.")
@pass_options
def import_file(
    options: Options,
    file: str,
    *,
    form: str | None,
    name: str | None,
    zones: tuple[str, ...],
    repeat: int,
    length_min: float | None,
    level: int,
    target: str | None,
    force: bool,
) -> None:
    """Make a routine of the vibration in a funscript, a Zwift workout (.zwo), an AHAP pattern or a .haptic file.

    A roller rises softly and holds some keyframes only, so a track is made to fit; all that was changed or left out is
    said, and stands in the routine's description. With --json: {name, path, duration_s, steps, lost: [text]}.
    """
    output = Printer(options)
    wish = app.imports.Wish(repeat, None if length_min is None else length_min * 60, level / 100)
    made = app.imports.made_of(
        named_path(file, "FILE"), wish, name=name, form=form, zones=tuple(_ZONES[zone] for zone in zones)
    )
    file_named = None if target is None else named_path(target, "the file of -o")
    path = app.imports.keep(options.place, made, file_named, force=force)
    if output.json:
        output.json_object(
            {
                "name": made.routine.name,
                "path": str(path),
                "duration_s": made.routine.duration_s,
                "steps": len(made.routine.steps),
                "lost": list(made.lost),
            }
        )
        return
    output.result(f"{made.routine.name}: {path}")
    if made.lost:
        output.note("not as in the file:")
    for line in made.lost:
        output.note(f"  {line}")
    for warning in made.warnings:
        output.note(f"warning: {warning}")
    output.note(f"`glowtool routines preview {app.imports.command_word(made, path, file_named)}` shows it")
