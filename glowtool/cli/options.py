"""The options that every command takes, before or after its name, and the source of their defaults."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

import click

from glowtool import app
from glowtool.cli.passphrase import given_passphrase, passphrase_of
from glowtool.kit.storage.named_path import named_path
from glowtool.kit.system.interrupts import interrupt_instead
from glowtool.link.allowed import ALLOWED_SPECS

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.place import Place

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line that apply to every command."""

    adapter: str = "auto"
    data_dir: Path | None = None
    person: str | None = None
    json: bool = False
    plain: bool = False
    verbosity: int = 0
    quiet: bool = False

    @property
    def place(self) -> Place:
        """The adapter, the data folder, and who is massaged."""
        return app.place.Place(self.adapter, self.data_dir, self.person, passphrase_of, given_passphrase())


def _take(name: str) -> Callable[[click.Context, click.Parameter, object], None]:
    """Return a callback that stores the value of an option in the context's `Options`."""

    def callback(context: click.Context, _: click.Parameter, value: object) -> None:
        if value is None or value is False or value == 0:
            return
        options = context.ensure_object(Options)
        given = named_path(str(value), "the data directory") if name == "data_dir" else value
        context.obj = replace(options, **{name: given})  # type: ignore[arg-type]  # one field, checked by the option's own type

    return callback


def _declarations() -> tuple[click.Option, ...]:
    def option(*names: str, field: str, **more: object) -> click.Option:
        return click.Option([*names, field], expose_value=False, callback=_take(field), **more)  # type: ignore[arg-type]  # click's own keywords

    return (
        option(
            "--adapter",
            field="adapter",
            metavar="SPEC",
            help=f"{ALLOWED_SPECS}.",
        ),
        option("--data-dir", field="data_dir", metavar="DIR", help="The folder for bonds and logs."),
        option(
            "--person", field="person", metavar="NAME", help="Who is massaged; else the person in use, or the only one."
        ),
        option(
            "--json",
            field="json",
            is_flag=True,
            help="Print one JSON object (one a line for streams) and nothing else.",
        ),
        option(
            "--plain",
            field="plain",
            is_flag=True,
            help="For a screen reader: short lines, nothing redrawn, no tables.",
        ),
        option("-v", "--verbose", field="verbosity", count=True, help="Show more; twice: also what libraries log."),
        option("--quiet", field="quiet", is_flag=True, help="Print only results and errors."),
    )


#: The fields that a person may want to set once for all commands.
_FROM_ENVIRONMENT: Final = frozenset({"adapter", "data_dir", "person", "plain"})


def global_options() -> list[click.Parameter]:
    """Return the options for the group; only these read environment variables."""
    made = list(_declarations())
    for option in (each for each in made if each.name in _FROM_ENVIRONMENT):
        option.envvar = f"GLOWTOOL_{(option.name or '').upper()}"
        option.show_envvar = True
    return list(made)


def repeated_options(command: click.Command) -> click.Command:
    """Let a command take the same options after its name, where people also write them; its help leaves them out."""
    taken = {name for parameter in command.params for name in parameter.opts}
    for option in _declarations():
        if not taken & set(option.opts):
            option.hidden = True
            command.params.append(option)
    return command


def pass_options(function: F) -> F:
    """Give a command its `Options` as first argument, with the options before and after its name."""

    @click.pass_context
    @functools.wraps(function)
    def with_options(context: click.Context, /, *arguments: object, **keywords: object) -> object:
        interrupt_instead()  # from here on there may be something to clean up
        return context.invoke(function, context.find_object(Options) or Options(), *arguments, **keywords)

    return with_options  # type: ignore[return-value]  # the wrapper has the function's own signature less its first argument
