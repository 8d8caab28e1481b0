"""The command groups of `glowtool`: they know the synonyms that people type for its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool import app
from glowtool.cli.options import Options
from glowtool.cli.terminal.suggestions import BEGINNING, MEANT
from glowtool.errors import GlowtoolError
from glowtool.kit.command_line.command_group import HelpfulGroup

if TYPE_CHECKING:
    import click


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
