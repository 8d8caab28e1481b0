"""`glowtool tare`: zero the pressure cells in the air."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer

if TYPE_CHECKING:
    from glowtool.session.do.zeroing import Tare
    from glowtool.stream.live.zero import Zero


@click.command(short_help="Zero the pressure cells in the air.")
@click.argument("device", required=False)
@pass_options
def tare(options: Options, device: str | None) -> None:
    """Zero the pressure cells of a roller: what they read in the air becomes their zero.

    DEVICE may be left out when one roller is known, or a default is set. Hold the roller still by its handle, with
    every head free. Nothing moves and no current flows. The roller itself checks that it is in the air. It accepts no
    zero that is more than 1 kPa off, and keeps its zero without power.

    With --json: {address, name, before_kpa, after_kpa}, each {cell: kPa}, or null when it was not seen in the air.
    """
    output = Printer(options)
    known = app.finding.known_roller(options.place, device)
    taken = run_async(options, app.taring.tare(options.place, known, shown_by(output)))
    if output.json:
        zeros = {"before_kpa": _cells(taken.before), "after_kpa": _cells(taken.after)}
        output.json_object({"address": known.address, "name": known.name, **zeros})
        return
    output.result(f"{known.name} has set its zero{_change(taken)}.")


def _cells(zero: Zero | None) -> dict[str, float] | None:
    return None if zero is None else dict(zero.cells_kpa)


def _change(taken: Tare) -> str:
    if taken.before is None or taken.after is None:
        return ""
    cell = taken.before.worst
    before_kpa, after_kpa = taken.before.cells_kpa[cell], taken.after.cells_kpa[cell]
    return f": the {cell} cell read {before_kpa:.2f} kPa in the air, and now reads {after_kpa:.2f} kPa"
