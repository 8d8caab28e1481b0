"""`glowtool scan`: list the rollers nearby, and whether they can be paired now."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.scan.display import Display
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.errors import DeviceNotFoundError

DEFAULT_TIMEOUT_S = 5.0


class Seconds(click.FloatRange):
    """A duration in seconds; an error calls it by that name."""

    name = "number of seconds"


@click.command(short_help="Look for rollers nearby.")
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(0.5, 300),
    default=DEFAULT_TIMEOUT_S,
    show_default=True,
    metavar="SECONDS",
    help="How many seconds to listen.",
)
@click.option("--all", "everything", is_flag=True, help="Show every Bluetooth LE device, not only rollers.")
@pass_options
def scan(options: Options, timeout_s: float, *, everything: bool) -> None:
    """Look for rollers nearby. Each is shown when it is heard, and again when something about it changes.

    With --json: one object a line, {kind: "roller", driver, address, name, rssi_dbm, known, alias, pairing_open,
    bonds_full, display, battery_percent, protocol_major}, and with --all {kind: "other", address, name, rssi_dbm,
    services}; driver is "gr1", or that of another maker's device.
    """
    output = Printer(options)
    known = app.finding.registry(options.place).rollers()
    display = Display(output, known, everything=everything)
    run_async(options, app.finding.hear(options.place, timeout_s, display.take_now, shown_by(output)))
    display.end()
    _tell_in_use(options, output)
    if not display.nearby.rollers and not (everything and display.nearby.others):
        what = "nothing" if everything else "no roller"
        raise DeviceNotFoundError(
            f"{what} was heard within {timeout_s:g} s",
            advice="switch the roller on, bring it near, and make sure that no other host is connected to it",
        )
    output.note(display.summary)


def _tell_in_use(options: Options, output: Printer) -> None:
    for holder in app.holding.holders(options.place):
        who = holder.spoken(datetime.now(UTC))
        output.note(f"{holder.roller or holder.address} is in use by {who}; a connected roller cannot be heard.")
