"""`glowtool pair`: pair with a roller once, using the passkey that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.asking.passkey import parse_passkey
from glowtool.cli.terminal.asking.questions import Terminal
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer

if TYPE_CHECKING:
    from glowtool.app.rollers.pairing import Bonded


@click.command(short_help="Pair with a roller, using the passkey on its display.")
@click.argument("device", required=False)
@click.option("--passkey", metavar="DIGITS", help="The six digits on the display; without it, glowtool asks.")
@click.option("--alias", metavar="NAME", help="An alias, a name of your own for this roller.")
@click.option("--repair", is_flag=True, help="Replace a bond that one side has lost: drop it here, then pair again.")
@click.option("--yes", is_flag=True, help="Do not ask before a repair, or before pairing a roller without a display.")
@pass_options
def pair(
    options: Options, device: str | None, passkey: str | None, alias: str | None, *, repair: bool, yes: bool
) -> None:
    """Pair with a roller, once. Hold its button for two seconds first; DEVICE is its name or address.

    glowtool asks for the passkey at the terminal, or reads it as a line of standard input. If the roller offers
    comparison instead, both show six digits and you say whether they match. A roller that was once paired with a check
    is never paired without one, whatever the options say, unless you type its name. With --json: {address, name,
    alias, serial, model, firmware, method}; method is passkey, comparison or just-works, and null when glowtool
    used a bond that it already kept.
    """
    output = Printer(options)
    terminal = Terminal(redraws=not options.plain)
    asks = terminal if passkey is None else app.asks.GivenPasskey(parse_passkey(passkey), terminal)
    attempts = app.pairing.ATTEMPTS if passkey is None else 1
    wish = app.pairing.Wish(device, alias, attempts, repair=repair, yes=yes)
    paired = run_async(options, app.pairing.pair(options.place, asks, wish, shown_by(output)))
    if output.json:
        output.json_object(_object(paired))
    output.result(f"Paired with {paired.known.spoken}, serial {paired.identity.serial}.")
    if paired.proposal.routine is None:
        output.note(f"Write a routine of your own for it: {paired.proposal.why_none}.")
        return
    command = app.routines.command_to_run(app.finding.registry(options.place), paired.known, paired.proposal.routine)
    output.note(f"Next: `{command}`.")


def _object(paired: Bonded) -> dict[str, object]:
    return {
        "address": paired.known.address,
        "name": paired.known.name,
        "alias": paired.known.alias,
        "serial": paired.identity.serial,
        "model": paired.identity.model,
        "firmware": paired.identity.firmware,
        "method": None if paired.method is None else paired.method.value,
    }
