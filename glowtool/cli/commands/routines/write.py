"""`glowtool routines new | edit | mirror`: routines of one's own."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.commands.routines.editor import edit_file
from glowtool.cli.commands.routines.validate import report
from glowtool.cli.options import Options, pass_options
from glowtool.cli.routine_argument import routine_argument
from glowtool.cli.terminal.output import Printer


@click.command(short_help="Begin a routine of your own.")
@click.argument("name")
@click.option(
    "--from", "like", metavar="NAME|FILE|TEXT", help="The routine that it begins as. Default: one with hints."
)
@pass_options
def new(options: Options, name: str, like: str | None) -> None:
    """Write the file of a new routine, which is called by its NAME from then on.

    The file is in the data folder, with a JSON Schema beside it that its first line names: an editor that knows TOML
    completes keys by it and marks mistakes. With --json: {name, path}.
    """
    output = Printer(options)
    _made(output, name, str(app.writing.new(options.place, name, like)))


@click.command(short_help="Change a routine of your own.")
@click.argument("routine", metavar="NAME|FILE")
@pass_options
def edit(options: Options, routine: str) -> None:
    """Open a routine in your editor, and check it afterwards.

    The editor is the one that VISUAL or EDITOR names. Built-in routines are not changed: `routines new MINE --from
    NAME` makes a copy. With --json: as `routines validate`.
    """
    output = Printer(options)
    path = app.writing.file_of(options.place, routine)
    edit_file(path)
    report(options, output, (routine,))


@click.command(short_help="Exchange left and right in a routine.")
@routine_argument
@click.option("--name", metavar="NAME", help="Keep it as a routine of your own under this name.")
@pass_options
def mirror(options: Options, routine: str, name: str | None) -> None:
    """Exchange left and right in a routine, for whoever begins on the other side, and print its file.

    Steps for both sides stay as they are. With --json: {name, path} with --name, else the routine.
    """
    output = Printer(options)
    mirrored = app.writing.mirrored(options.place, routine, name)
    if name is not None:
        _made(output, name, str(app.writing.save(options.place, name, mirrored)))
        return
    if output.json:
        output.json_object(mirrored.model_dump(mode="json"))
    for line in app.writing.as_toml(mirrored).splitlines():
        output.result(line)


def _made(output: Printer, name: str, path: str) -> None:
    if output.json:
        output.json_object({"name": name, "path": path})
    output.result(path)
    output.note(f"Change it with `glowtool routines edit {name}`; `glowtool run {name}` runs it.")
