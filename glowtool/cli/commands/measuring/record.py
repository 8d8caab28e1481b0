"""`glowtool record`: log pressure without running outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli import live
from glowtool.cli.capture_option import capture_option
from glowtool.cli.commands.measuring.seconds_option import seconds_option
from glowtool.cli.options import Options, pass_options
from glowtool.cli.result import print_notes, print_place, result_object
from glowtool.cli.runtime import run_async
from glowtool.cli.summary import print_summary
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.outlet import never_wait
from glowtool.cli.terminal.output import Printer
from glowtool.model.channel import DEFAULT_RATE_HZ
from glowtool.store.bounds import RATE_MAX_HZ

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.measuring.recording import Wish
    from glowtool.session.listening.plan import Recorded
    from glowtool.store.rollers.known import KnownRoller


@click.command(short_help="Log pressure without running outputs.")
@click.argument("device", required=False)
@seconds_option
@click.option(
    "--rate",
    "rate_hz",
    type=click.IntRange(1, RATE_MAX_HZ),
    default=DEFAULT_RATE_HZ,
    show_default=True,
    metavar="HZ",
    help="Readings a second; the nearest that the roller offers is taken.",
)
@capture_option
@pass_options
def record(
    options: Options, device: str | None, duration_s: float | None, rate_hz: int, *, capture: Path | None
) -> None:
    """Log pressure, contact and strokes without running outputs, for those who only measure.

    DEVICE may be left out when one roller is known, or a default is set. Nothing vibrates and no current flows: the
    command has no way to ask for either. The log is like any other, for `analyze` and the `logs` commands, and says
    that there was no routine.

    Ctrl-C, SIGTERM, a closed terminal or `glowtool stop` end it in order: without --seconds that is success, with it
    the exit status is 130. Ctrl-C twice leaves at once; `glowtool logs recover` then finishes the log. When the
    connection is lost, glowtool connects again and goes on; what is missing is a gap in the log.

    With --json: one object a line with a "type" of began, meter, event, link, ending, and last {type: "result",
    session_id, path, ending, reason, confirmed, losses, rate_hz, counters, summary}.
    """
    output, known = Printer(options), app.finding.known_roller(options.place, device)
    never_wait(as_json=options.json)
    with app.capturing.capturing(capture, shown_by(output)) as taker:
        wish = app.recording.Wish(duration_s=duration_s, rate_hz=rate_hz, capture=taker)
        result = run_async(options, measured(options, output, known, wish))
    _report(output, result, rate_hz)
    if result.problem is not None:
        raise result.problem


async def measured(options: Options, output: Printer, known: KnownRoller, wish: Wish) -> Recorded:
    """Make a recording with the face that suits the output."""
    with live.measuring.face(output, known.spoken, keeps=wish.keep, plain=options.plain) as publish:
        return await app.recording.record(options.place, known, wish, publish, shown_by(output))


def _report(output: Printer, result: Recorded, rate_hz: int) -> None:
    """Print the summary of the log that was just finished."""
    if result.path is None:
        return
    log, summary = app.reporting.summary_of(result.path)
    if output.json:
        more = {"session_id": result.session_id, "path": str(result.path), "rate_hz": log.manifest.rate_hz}
        output.json_object(result_object(result, **more, summary=summary.to_json()))
        return
    print_summary(output, summary)
    if log.manifest.rate_hz != rate_hz:
        output.note(f"The roller measured at {log.manifest.rate_hz} Hz, the nearest that it offers to {rate_hz} Hz.")
    print_notes(output, log, result.losses)
    print_place(output, result.path)
