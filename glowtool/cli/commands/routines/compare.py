"""`glowtool routines diff | schema`: what differs in two routines, and what a routine may say."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer


@click.command(short_help="Show in what two routines differ.")
@click.argument("one", metavar="NAME|FILE|TEXT")
@click.argument("other", metavar="NAME|FILE|TEXT")
@pass_options
def diff(options: Options, one: str, other: str) -> None:
    """Show in what two routines differ, as they run: a line for each step, in the words of the text form.

    - is in the first only, + in the second only. Names do not count. With --json: {same, lines: [text]}.
    """
    output = Printer(options)
    lines = app.writing.difference(options.place, one, other)
    if output.json:
        output.json_object({"same": not lines, "lines": lines})
        return
    for line in lines:
        output.result(line.rstrip())
    if not lines:
        output.note("Both say the same.")


@click.command(short_help="Print what a routine may say.")
@click.option("--text", "as_text", is_flag=True, help="Explain the words of a routine in one line instead.")
@pass_options
def schema(options: Options, *, as_text: bool) -> None:
    """Print the JSON Schema (draft 2020-12) of a routine's file, for editors that complete and check TOML.

    `routines new` writes it beside the file that it makes. With --text: the words of the text form, with
    examples; with --json {title: [{word, form, example, meaning}]}.
    """
    output = Printer(options)
    if output.json:
        output.json_object(app.writing.grammar() if as_text else app.writing.schema())
        return
    if not as_text:
        for line in app.writing.schema_text().splitlines():
            output.result(line)
        return
    for title, forms in app.writing.GRAMMAR.items():
        output.result(f"{title[:1].upper()}{title[1:]}:")
        for form in forms:
            output.result(f"  {form.form}")
            output.result(f"      {form.meaning.replace('`', '')}, as in: {form.example}")
