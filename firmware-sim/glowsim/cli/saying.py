"""How `glowsim` prints: one line is one line, whatever it quotes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from glowsim.width import fitted
from glowtool.kit.visible import visible

if TYPE_CHECKING:
    from typing import TextIO


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
        # Whoever read along has gone, or the terminal has; the roller stays on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
