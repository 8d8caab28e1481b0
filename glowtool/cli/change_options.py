"""The options of `run` that change a routine before it begins, declared once and given as one value."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, TypeVar

import click

from glowtool import app
from glowtool.cli.percent import Percent

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

_OPTIONS = (
    click.option(
        "--level",
        type=Percent(),
        default=100.0,
        metavar="PERCENT",
        help="Lower both outputs to this share; never raises.",
    ),
    click.option("--no-current", is_flag=True, help="Leave out the microcurrent."),
    click.option("--repeat", type=int, default=1, metavar="N", help="Run it, or all of them in a row, N times."),
    click.option(
        "--from", "start", metavar="STEP", help="Begin the first routine at a step: its number, or its title."
    ),
)


def change_options(function: F) -> F:
    """Give a command the options that change its routines, as one value `change`."""

    @functools.wraps(function)
    def with_change(
        *arguments: object, level: float, no_current: bool, repeat: int, start: str | None, **keywords: object
    ) -> object:
        return function(*arguments, change=app.row.Change(level, no_current, repeat, start), **keywords)

    for option in reversed(_OPTIONS):
        option(with_change)
    return with_change  # type: ignore[return-value]  # the wrapper has the function's own signature less its options
