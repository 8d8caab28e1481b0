"""`glowtool safety claim`: whose a massage by the button was, where nobody knows."""

from __future__ import annotations

import click

from glowtool import app
from glowtool.cli.commands.safety.amounts import dose_object, minutes_text
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer


@click.command(short_help="Say that a massage by the button was somebody's.")
@click.argument("massage")
@pass_options
def claim(options: Options, massage: str) -> None:
    """Say that a massage by the button was somebody's: --person, else whoever is massaged.

    Until then it counts for everybody. MASSAGE is its id in `glowtool logs list`, or the one in `glowtool safety ledger
    --nobody --json`. With --json: {person, current_s, vibration_s, charge_mc, a8_ms2}.
    """
    output, place = Printer(options), options.place
    known = app.keeping.chosen(place)
    dose = app.recorded.give(place, massage, known)
    if output.json:
        output.json_object({"person": known.name, **dose_object(dose)})
    output.result(
        f"It was {known.name}'s: {minutes_text(dose.current_s)} of microcurrent, "
        f"{minutes_text(dose.vibration_s)} of vibration."
    )
