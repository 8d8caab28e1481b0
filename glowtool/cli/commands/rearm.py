"""`glowtool rearm`: leave an emergency stop, which outlives the power."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.model.names import key_of


@click.command(short_help="Leave an emergency stop, once it is safe.")
@click.argument("device", required=False)
@pass_options
def rearm(options: Options, device: str | None) -> None:
    """Leave the emergency stop of a roller, once it is safe; DEVICE may be left out where one is known.

    An emergency stop holds until then, also when the roller is switched off and on. Nothing starts by this: outputs
    stay zero, and no program is held. The time of grace, two seconds from the stop or from switching on, is waited
    for.

    With --json: {address, name, was_latched, state}.
    """
    output = Printer(options)
    known = app.finding.known_roller(options.place, device)
    done = run_async(options, app.rearming.rearm(options.place, known, shown_by(output)))
    if output.json:
        said = {"was_latched": done.was_latched, "state": key_of(done.state)}
        output.document({"address": known.address, "name": known.name, **said})
    elif done.was_latched:
        output.result(f"{known.name} is re-armed; its outputs are zero.")
    else:
        output.result(f"{known.name} has no emergency stop to leave; its outputs are zero.")
