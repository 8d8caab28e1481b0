"""`glowtool person maximum`: the own maximum of an output, set by trying."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.asking.questions import read_line, remind
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.errors import UsageError
from glowtool.model.output import Output

if TYPE_CHECKING:
    from glowtool.app.people.maximum import Tried
    from glowtool.store.rollers.known import KnownRoller

_WORDS = {"current": Output.MICROCURRENT, "vibration": Output.VIBRATION}


@click.command(short_help="Set an own maximum by trying.")
@click.argument("output_name", metavar="current|vibration", type=click.Choice(list(_WORDS)))
@click.argument("device", required=False)
@click.option("--none", "none", is_flag=True, help="Remove the own maximum of this output instead.")
@pass_options
def maximum(options: Options, output_name: str, device: str | None, *, none: bool) -> None:
    """Set how much of an output is most for you: it rises in steps on your left cheek until you press Enter.

    Each step is felt for five seconds. Enter stops it at once, and the level before becomes your own maximum, which
    100 % in routines means from then on. It never rises beyond what is allowed for you today. Ctrl-C stops it and
    keeps the maximum as it was. With --json: {name, output, felt, stopped, peak_ua, amplitude_percent}.
    """
    printer, wanted = Printer(options), _WORDS[output_name]
    known = app.keeping.chosen(options.place, options.person)
    if none:
        tried = app.maximum.Tried(wanted, 0.0, stopped=False)
    else:
        roller = app.finding.known_roller(options.place, device)
        gel = " Gel on?" if wanted is Output.MICROCURRENT else ""
        remind(f"Clean hands, clean tool?{gel} Hold both heads on the left cheek. Start")
        tried = run_async(options, _tried(options, printer, roller, wanted))
    profile = app.maximum.keep(options.place, known, tried, shown_by(printer))
    if printer.json:
        percent = None if profile.amplitude is None else round(100 * profile.amplitude)
        printer.json_object(
            {
                "name": known.name,
                "output": wanted.value,
                "felt": tried.felt,
                "stopped": tried.stopped,
                "peak_ua": profile.peak_ua,
                "amplitude_percent": percent,
            }
        )
    printer.result(_sentence(known.name, tried))


async def _tried(options: Options, printer: Printer, roller: KnownRoller, output: Output) -> Tried:
    who, said_stop, nobody = app.who.meant(options.place), asyncio.Event(), False
    printer.problem("Press Enter as soon as it is as much as you want.")

    async def listen() -> None:
        nonlocal nobody
        nobody = not await read_line()
        said_stop.set()

    listening = asyncio.ensure_future(listen())
    try:
        tried = await app.maximum.try_out(
            options.place, who, roller, output, said_stop=said_stop, tell=shown_by(printer)
        )
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
    if nobody:
        raise UsageError("nobody is there to say stop: standard input has ended; the maximum stays as it was")
    return tried


def _sentence(name: str, tried: Tried) -> str:
    what = "current" if tried.output is Output.MICROCURRENT else "vibration"
    if not tried.stopped:
        return f"{name} has no own maximum of {what}: all that is allowed may be used."
    level = f"{tried.felt:.0f} µA" if tried.output is Output.MICROCURRENT else f"{100 * tried.felt:.0f} % of full"
    none = ", so routines leave it out" if not tried.felt else ""
    return f"The own maximum of {name} is {level} of {what} now{none}."
