"""Messages for a wrong command line, in the words of our programs instead of click's."""

from __future__ import annotations

import click

from glowtool.kit.command_line.suggestions import option_hint


def sentence(error: click.ClickException) -> str:
    """Return click's message in our form: no capital, no full stop, and suggestions by our rule."""
    if isinstance(error, click.NoSuchOption):
        return f"no such option {error.option_name!r}; {_option_hint(error)}"
    text = error.format_message().strip().removesuffix(".")
    if isinstance(error, click.MissingParameter):
        text = text.replace(". ", "; ", 1)  # what its type adds on where to find a value
        if error.param is not None and isinstance(error.param.type, click.Choice):
            # click lists them one a line, which is no sentence.
            text = f"{text.partition(';')[0]}; give one of {', '.join(map(str, error.param.type.choices))}"
    return text[:1].lower() + text[1:]


def _option_hint(error: click.NoSuchOption) -> str:
    if error.ctx is None:
        return "`--help` lists the options"
    known = [name for parameter in error.ctx.command.get_params(error.ctx) for name in parameter.opts]
    return option_hint(error.ctx.command_path, error.option_name, known)


def usage(error: click.UsageError) -> tuple[str, ...]:
    """Return the lines on the command's usage and its help; none if there is no such command."""
    if error.ctx is None:
        return ()
    return (*error.ctx.get_usage().splitlines(), f"`{error.ctx.command_path} --help` says more.")
