"""Groups of commands that say what was perhaps meant."""

from __future__ import annotations

import difflib

import click


class SuggestingGroup(click.Group):
    """A group whose answer to an unknown command names the nearest one, or all of them."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand that the arguments begin with; `click.UsageError` when there is none."""
        if args[0].startswith("-") or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        names = self.list_commands(ctx)
        near = difflib.get_close_matches(args[0], names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
        raise click.UsageError(f"no such command {args[0]!r}; {hint}", ctx)
