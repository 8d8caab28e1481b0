"""`glowtool routines export`: a routine as a file for other programs."""

from __future__ import annotations

import sys

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.routine_argument import routine_argument
from glowtool.cli.terminal.output import Printer
from glowtool.kit.storage.named_path import named_path

_FORMATS = app.exports.FORMATS


@click.command(short_help="Export a routine as JSON or AHAP.")
@routine_argument
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in _FORMATS]),
    default=next(iter(_FORMATS)).value,
    show_default=True,
    help=f"File format: {'; '.join(row.title for row in _FORMATS.values())}.",
)
@click.option(
    "-o", "--output", "target", metavar="FILE", default="-", help="File to write; - (default): standard output."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@pass_options
def export(options: Options, routine: str, form: str, target: str, *, force: bool) -> None:
    """Export a routine for other programs, and say what of it their format cannot hold.

    With --json and a FILE: {path, format, lost: [text]}.
    """
    output = Printer(options)
    if target == "-" and output.json:
        raise click.UsageError("--json and an export to standard output exclude each other; name a FILE with -o")
    exported = app.exports.export(options.place, routine, app.exports.ExportFormat(form))
    if target == "-":
        app.exports.to_stream(exported, sys.stdout.buffer)
    else:
        app.exports.to_file(exported, named_path(target, "the file of -o"), force=force)
    for lost in exported.lost:
        output.note(f"not in the file: {lost}")
    if target == "-":
        return
    if output.json:
        output.json_object({"path": target, "format": form, "lost": list(exported.lost)})
    output.result(f"{routine}: {target}")
