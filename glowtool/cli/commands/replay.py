"""`glowtool replay`: the live view and the analysis of a massage or a recording again, from its log."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli import live
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.summary import print_summary
from glowtool.cli.terminal.asking.continuation import Asker
from glowtool.cli.terminal.keyboard import keyboard_here
from glowtool.cli.terminal.outlet import never_wait
from glowtool.cli.terminal.output import Printer

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from glowtool.routine import Routine
    from glowtool.session.news import Publish
    from glowtool.store.logs.log import SessionLog


@click.command(short_help="Show a log again as it was live.")
@click.argument("session", default="last", metavar="[SESSION]")
@click.option(
    "--speed",
    type=click.FloatRange(0, 1000),
    default=1.0,
    show_default=True,
    metavar="X",
    help="How many times as fast as it was; 0: without waiting.",
)
@pass_options
def replay(options: Options, session: str, speed: float) -> None:
    """Show a massage or a recording again as it was live, from its log, and then its analysis.

    SESSION is an id, the beginning of an id, `last`, or the path of a log, which may come from another computer. No
    roller is needed, and none is touched. The readings go through the same processing as they did live, and give the
    same numbers to the last bit. A break of more than two seconds is shown as one of two.

    Ctrl-C ends it. With --json: one object a line as `run --json` prints them, and last {type: "result", session_id,
    path, summary}.
    """
    output = Printer(options)
    log = app.exporting.open_log(options.place, session)
    routine = app.replaying.routine_in(log)
    never_wait(as_json=options.json)
    run_async(options, _shown(options, output, log, routine, speed))
    summary = app.reporting.analysed(options.place, session).summary
    if output.json:
        said = {"session_id": log.manifest.session_id, "path": str(log.path), "summary": summary.to_json()}
        output.json_object({"type": "result", **said})
        return
    print_summary(output, summary)


async def _shown(options: Options, output: Printer, log: SessionLog, routine: Routine | None, speed: float) -> None:
    is_live = live.views.is_live(output, plain=options.plain)
    keyboard = keyboard_here(live=is_live)
    with keyboard.held(), _face(options, output, log, routine, Asker(keyboard, echo=False, redraws=is_live)) as face:
        await app.replaying.replay(log, speed, face)


def _face(
    options: Options, output: Printer, log: SessionLog, routine: Routine | None, asker: Asker
) -> AbstractContextManager[Publish]:
    """Return the face of a massage; for a free recording, that of a recording."""
    if routine is None:
        return live.measuring.again(output, log.manifest.device.name, log.manifest.rate_hz, plain=options.plain)
    if live.views.is_live(output, plain=options.plain):
        return live.picture.drawn(output, routine, log.manifest.device.name, asker, replayed=True)
    return nullcontext(live.views.written(output, routine, plain=options.plain))
