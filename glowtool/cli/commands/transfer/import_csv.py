"""`glowtool logs import`: the recording of another device as a log."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.cli.terminal.progress import progress
from glowtool.kit.storage.named_path import named_path


@click.command("import", short_help="Make a log of another device's CSV file.")
@click.argument("file", metavar="FILE")
@click.option("--mapping", metavar="TOML", help="File that says what the columns are.")
@click.option(
    "--suggest", is_flag=True, help="Print a mapping for FILE, guessed from its first lines, to be corrected."
)
@click.option("--resample", type=click.IntRange(1), metavar="HZ", help="Interpolate uneven rows to this rate.")
@click.option("--again", is_flag=True, help="Import a file that was imported before.")
@pass_options
def import_csv(
    options: Options, file: str, *, mapping: str | None, suggest: bool, resample: int | None, again: bool
) -> None:
    """Make a log of a pressure recording of another device, so that it is listed and analysed like any other.

    FILE is text with a row for each sample. The mapping says which column is which channel, in which unit, and when
    each row was measured. Rows that lack a value, and rows that are not there, are gaps; uneven rows are refused,
    unless --resample is given. With --json: {session_id, path, rate_hz, samples, told: [text]}.
    """
    output = Printer(options)
    path = named_path(file, "FILE")
    if suggest == (mapping is not None):
        raise click.UsageError(
            f"an import takes --mapping TOML; `glowtool logs import {file} --suggest` prints one to begin with"
            if not suggest
            else "--suggest and --mapping exclude each other"
        )
    if mapping is None:
        text = app.importing.suggested(path)
        if output.json:
            output.json_object({"mapping": text})
        for line in text.splitlines():
            output.result(line)
        return
    with progress(options, "Importing") as advance:
        done = app.importing.import_csv(
            options.place,
            path,
            named_path(mapping, "the file of --mapping"),
            resample_hz=resample,
            again=again,
            advance=advance,
        )
    manifest = done.manifest
    if output.json:
        output.json_object(
            {
                "session_id": manifest.session_id,
                "path": str(done.folder),
                "rate_hz": manifest.rate_hz,
                "samples": done.samples,
                "told": list(done.told),
            }
        )
    output.result(f"{manifest.session_id}: {done.samples} samples at {manifest.rate_hz} Hz")
    for sentence in done.told:
        output.note(sentence)
    output.note(f"`glowtool analyze {manifest.session_id}` analyses it")
