"""The argument that names a routine: when it is missing, a person is told where the names are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from glowtool import app
from glowtool.cli.options import Options
from glowtool.errors import GlowtoolError

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object] | click.Command")


class _Routine(click.types.StringParamType):
    """A routine by its name, a file, or a text."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Return what click adds to its own message: what the plan has for today, and where the names are."""
        names = "`glowtool routines list` shows the names"
        command = None if ctx is None or ctx.info_name != "run" else _due_today(ctx)
        return names if command is None else f"your plan has `{command}` for today; {names}"


def _due_today(ctx: click.Context) -> str | None:
    """Return the command for what the person's plan has today; None when nothing tells, which is no fault here."""
    from glowtool.cli.commands.plan import clock  # noqa: PLC0415 - only where a routine is missing

    options = ctx.find_object(Options) or Options()
    try:
        return app.following.due_today(options.place, app.following.follower(options.place), clock.now())
    except GlowtoolError:
        return None


def routines_argument(function: F) -> F:
    """Give a command the argument `routines`: one or several, the last of which may be a roller."""
    return click.argument("routines", nargs=-1, required=True, metavar="NAME|FILE|TEXT...", type=_Routine())(function)


def routine_argument(function: F) -> F:
    """Give a command the argument `routine`."""
    return click.argument("routine", metavar="NAME|FILE|TEXT", type=_Routine())(function)
