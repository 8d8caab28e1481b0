"""The argument that names a routine: when it is missing, a person is told where the names are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object] | click.Command")


class _Routine(click.types.StringParamType):
    """A built-in routine by its name, or a file."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Return what click adds to its own message."""
        return "`glowtool routines list` shows the names"


def routine_argument(function: F) -> F:
    """Give a command the argument `routine`."""
    return click.argument("routine", metavar="NAME|FILE", type=_Routine())(function)
