"""The option `--seconds`, of the commands that only measure."""

from __future__ import annotations

from typing import Final

import click

_DAY_S: Final = 24 * 60 * 60

seconds_option: Final = click.option(
    "--seconds",
    "duration_s",
    type=click.FloatRange(0, _DAY_S, min_open=True),
    metavar="N",
    help="End after N seconds, counted from the first reading; without it, Ctrl-C ends it.",
)
