"""The command groups of `glowtool`: they know the synonyms that people type for its commands."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import click

from glowtool import app
from glowtool.cli.options import Options, repeated_options
from glowtool.cli.terminal.suggestions import BEGINNING, MEANT
from glowtool.errors import GlowtoolError
from glowtool.kit.command_line.command_group import HelpfulGroup

if TYPE_CHECKING:
    from collections.abc import Mapping


class SuggestingGroup(HelpfulGroup):
    """A group of commands of `glowtool`."""

    other_words = MEANT

    def hint(self, ctx: click.Context, word: str) -> str:
        """Return what may have been meant by a word that is no command; for a massage, what can be done now."""
        if ctx.parent is not None or word.casefold() not in BEGINNING:
            return super().hint(ctx, word)
        options = ctx.find_object(Options) or Options()
        try:
            return app.routines.to_begin(options.place).words("the command for that is {}")
        except GlowtoolError:  # the data directory tells nothing; the command itself will say why
            return "the command for that is `glowtool run --help`"


class RoomGroup(SuggestingGroup):
    """A group whose further commands are loaded when they are called: each by its module and its name in it."""

    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType({})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all commands, in alphabetical order as in every group."""
        return sorted({*self.commands, *self.elsewhere})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return a command; None for a word that is none."""
        if cmd_name in self.commands or cmd_name not in self.elsewhere:
            return super().get_command(ctx, cmd_name)
        module, attribute = self.elsewhere[cmd_name]
        found = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{module}.{attribute} is not a command")
        return repeated_options(found)
