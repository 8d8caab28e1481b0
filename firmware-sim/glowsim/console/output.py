"""The output of `glowsim`: a line stays one line, whatever text it quotes."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Final

import click

from glowtool.errors import StoreError
from glowtool.kit.terminal.width import fitted
from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

#: The exit status of other tools when the reader of their pipe leaves early.
_UNREAD: Final = 141


def unwritten(error: OSError) -> int:
    """Report that standard output cannot be written to, and return the exit status; raise any other error."""
    if error.filename is not None:
        raise error
    # Python tries once more when it exits.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:
        return _UNREAD
    say(f"glowsim: standard output cannot be written to: {error.strerror}; open it, or redirect it to a file", err=True)
    return StoreError.exit_code


def show(line: str, stream: TextIO) -> None:
    """Print a text as one line, whatever it contains."""
    click.echo(fitted(visible(line), stream), file=stream)


def say(line: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a line, if anybody still reads; without `nl` it is a control sequence for the terminal."""
    stream = sys.stderr if err else sys.stdout
    try:
        if nl:
            show(line, stream)
        else:  # our own control sequences
            click.echo(line, file=stream, nl=False)
        stream.flush()
    except OSError:
        # The reader or the terminal has gone; the roller stays on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def either(numbers: Sequence[int]) -> str:
    """Return the allowed numbers of rollers in words."""
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
