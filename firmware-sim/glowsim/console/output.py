"""The output of `glowsim`: a line stays one line, whatever text it quotes."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Final

import click

from glowsim.console.width import fitted
from glowtool.errors import StoreError
from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

#: The exit status of other tools in a pipe that nobody reads to its end.
_UNREAD: Final = 141


def unwritten(error: OSError) -> int:
    """Say that standard output does not take what is written, and return the exit status; raise any other error."""
    if error.filename is not None:
        raise error
    # Python tries once more on leaving.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:
        return _UNREAD
    say(f"glowsim: standard output cannot be written to: {error.strerror}; open it, or lead it to a file", err=True)
    return StoreError.exit_code


def show(line: str, stream: TextIO) -> None:
    """Print one line, whatever is in it."""
    click.echo(fitted(visible(line), stream), file=stream)


def say(line: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a line to who reads along, if anybody does; without `nl`, an order to the terminal."""
    stream = sys.stderr if err else sys.stdout
    try:
        if nl:
            show(line, stream)
        else:  # orders of ours to the terminal
            click.echo(line, file=stream, nl=False)
        stream.flush()
    except OSError:
        # The reader has gone, or the terminal has; the roller stays on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def either(numbers: Sequence[int]) -> str:
    """Return which numbers of rollers are allowed, in words."""
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
