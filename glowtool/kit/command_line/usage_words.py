"""Messages for a wrong command line, in the words of our programs instead of click's."""

from __future__ import annotations

import click

from glowtool.kit.command_line.suggestions import option_hint


def sentence(error: click.ClickException) -> str:
    """Return click's message in the form of ours: no capital, no full stop; and its suggestions by our rule."""
    if isinstance(error, click.NoSuchOption):
        return f"no such option {error.option_name!r}; {_option_hint(error)}"
    text = error.format_message().strip().removesuffix(".")
    return text[:1].lower() + text[1:]


def _option_hint(error: click.NoSuchOption) -> str:
    if error.ctx is None:
        return "`--help` lists those that there are"
    known = [name for parameter in error.ctx.command.get_params(error.ctx) for name in parameter.opts]
    return option_hint(error.ctx.command_path, error.option_name, known)


def usage(error: click.UsageError) -> tuple[str, ...]:
    """Return how the command is used, in lines, and where more is said; none where no command was found."""
    if error.ctx is None:
        return ()
    return (*error.ctx.get_usage().splitlines(), f"`{error.ctx.command_path} --help` says more.")
