"""Groups of commands that suggest corrections for a wrong word, and show the help of each of their commands."""

from __future__ import annotations

from typing import ClassVar

import click

from glowtool.kit.command_line.suggestions import NO_OTHER_WORDS, OtherWords, command_hint


class HelpfulGroup(click.Group):
    """A group whose answer to an unknown command names the likely one, or all commands."""

    #: Synonyms of commands; a program sets its own.
    other_words: ClassVar[OtherWords] = NO_OTHER_WORDS

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand that the arguments begin with; `click.UsageError` when there is none.

        `help COMMAND` means `COMMAND --help`.
        """
        if args[0] == "help" and self.get_command(ctx, "help") is None:
            if len(args) == 1:
                click.echo(ctx.get_help())
                ctx.exit()
            return self.resolve_command(ctx, [*args[1:], "--help"])
        if args[0].startswith("-") or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        raise click.UsageError(f"no such command {args[0]!r}; {self.hint(ctx, args[0])}", ctx)

    def hint(self, ctx: click.Context, word: str) -> str:
        """Return what may have been meant by a word that is no command."""
        return command_hint(ctx.command_path, word, self.list_commands(ctx), self.other_words)
