"""`glowtool rearm`: end an emergency stop, which outlasts switching off and on."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.model.names import key_of


@click.command(short_help="Re-arm a roller after an emergency stop.")
@click.argument("device", required=False)
@pass_options
def rearm(options: Options, device: str | None) -> None:
    """Re-arm a roller after an emergency stop, once it is safe.

    DEVICE may be left out when one roller is known, or a default is set. An emergency stop holds until the roller is
    re-armed, even when it is switched off and on. Re-arming starts nothing: outputs stay zero, and no program is held.
    The roller accepts it at the earliest two seconds after the stop or after switching on; glowtool waits for that.

    With --json: {address, name, was_latched, state}.
    """
    output = Printer(options)
    known = app.finding.known_roller(options.place, device)
    done = run_async(options, app.rearming.rearm(options.place, known, shown_by(output)))
    if output.json:
        said = {"was_latched": done.was_latched, "state": key_of(done.state)}
        output.json_object({"address": known.address, "name": known.name, **said})
    elif done.was_latched:
        output.result(f"{known.name} is re-armed; its outputs are zero.")
    else:
        output.result(f"{known.name} was not in an emergency stop; its outputs are zero.")
