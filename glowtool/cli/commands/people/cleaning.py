"""`glowtool person cleaned`: the cleaning log of the heads."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer


@click.command(short_help="Note that the heads were cleaned.")
@pass_options
def cleaned(options: Options) -> None:
    """Note that the heads were cleaned, for whoever is massaged.

    A massage then reminds only when there was a massage since. With --json: {name, cleaned: [time]}, all times
    that are kept, the last one now.
    """
    output = Printer(options)
    known = app.keeping.chosen(options.place, options.person)
    profile = app.cleaning.note_cleaning(options.place, known)
    if output.json:
        output.json_object({"name": known.name, "cleaned": [at.isoformat() for at in profile.cleaned]})
    times = len(profile.cleaned)
    output.result(f"Noted for {known.name}: the heads are clean ({times} {'time' if times == 1 else 'times'} so far).")
