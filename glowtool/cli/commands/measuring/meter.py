"""`glowtool meter`: the live meter alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.capture_option import capture_option
from glowtool.cli.commands.measuring.record import measured
from glowtool.cli.commands.measuring.seconds_option import seconds_option
from glowtool.cli.options import Options, pass_options
from glowtool.cli.result import result_object
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.outlet import never_wait
from glowtool.cli.terminal.output import Printer

if TYPE_CHECKING:
    from pathlib import Path


@click.command(short_help="Show pressure live; keep nothing.")
@click.argument("device", required=False)
@seconds_option
@capture_option
@pass_options
def meter(options: Options, device: str | None, duration_s: float | None, *, capture: Path | None) -> None:
    """Show pressure, contact and strokes live, and keep nothing.

    DEVICE may be left out when one roller is known, or a default is set. Nothing vibrates and no current flows: the
    command has no way to ask for either. `record` keeps a log of the same readings.

    In a pipe, and with --plain, it writes a line a second. Ctrl-C, SIGTERM, a closed terminal or `glowtool stop` end
    it in order; without --seconds that is success, with it the exit status is 130.

    With --json: one object a line with a "type" of began, meter, event, link, ending, and last {type: "result",
    ending, reason, confirmed, losses, counters}.
    """
    output, known = Printer(options), app.finding.known_roller(options.place, device)
    never_wait(as_json=options.json)
    with app.capturing.capturing(capture, shown_by(output)) as taker:
        wish = app.recording.Wish(keep=False, duration_s=duration_s, capture=taker)
        result = run_async(options, measured(options, output, known, wish))
    if output.json:
        output.json_object(result_object(result))
    if result.problem is not None:
        raise result.problem
