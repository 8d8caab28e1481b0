"""`glowtool stop`: set outputs to zero, through the glowtool that uses the roller, or by connecting to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.outlet import never_wait
from glowtool.cli.terminal.output import Printer

if TYPE_CHECKING:
    from glowtool.app.news import Zeroed


@click.command(short_help="Stop a roller, from any terminal.")
@click.argument("device", required=False)
@pass_options
def stop(options: Options, device: str | None) -> None:
    """Stop a roller: its outputs are zero, confirmed by the roller itself.

    A glowtool that uses the roller is stopped as by Ctrl-C; if there is none, `stop` connects to the roller itself.
    Without DEVICE, every roller in use is stopped; if none is in use, the default or only one. With --json: {rollers:
    [{address, name, by, pid, confirmed, stop_ms}]}; by is the command that was stopped, or "stop" itself.
    """
    never_wait(as_json=options.json)
    output, place = Printer(options), options.place
    wanted = app.stopping.targets(place, device)
    stopped = run_async(options, app.stopping.stop(place, wanted, shown_by(output)))
    if output.json:
        output.json_object({"rollers": [_object(zeroed) for zeroed in stopped]})


def _object(zeroed: Zeroed) -> dict[str, object]:
    """Return the JSON object of a stopped roller; an unconfirmed stop is an error, not a result."""
    return {
        "address": zeroed.address,
        "name": zeroed.roller,
        "by": "stop" if zeroed.holder is None else zeroed.holder.command,
        "pid": os.getpid() if zeroed.holder is None else zeroed.holder.pid,
        "stop_ms": zeroed.stop_ms,
        "confirmed": True,
    }
