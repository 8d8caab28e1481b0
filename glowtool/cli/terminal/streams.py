"""Standard streams that can always be written to and read from, and text that is safe on a terminal."""

from __future__ import annotations

import os
import re
import signal
import sys
import textwrap
from typing import TYPE_CHECKING, NoReturn

from glowtool.kit.text.visible import json_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

#: Descriptors of standard streams that were terminals when the process began.
_terminals: tuple[int, ...] = ()


def remember_terminals() -> None:
    """Note which standard streams are terminals, before one is closed."""
    global _terminals  # noqa: PLW0603 - a fact of the process
    _terminals = tuple(descriptor for descriptor in (0, 1, 2) if os.isatty(descriptor))


def leave_terminals() -> None:
    """Lead to the null device what leads to a terminal that was closed, so that nothing fails for want of it."""
    for descriptor in _terminals:
        _lead_to_nowhere(descriptor)


def terminal_closed() -> bool:
    """Return whether a standard stream was a terminal, and is one no longer."""
    return any(not os.isatty(descriptor) for descriptor in _terminals)


def show(text: str, stream: TextIO, *, end: str = "\n") -> None:
    """Print one line, whatever is in it: on a terminal broken at words, and with what cannot be seen made visible."""
    stream.write(f"{fitted(visible(text), stream)}{end}")  # at once, so that it is kept or dropped as a whole
    stream.flush()


def show_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on a line of its own, at once: a terminal can show it, a parser reads what was given."""
    sys.stdout.write(f"{json_line(value)}\n")
    sys.stdout.flush()


def fitted(text: str, stream: TextIO) -> str:
    """Return a text, its lines broken at words if the stream is a terminal too narrow for them, else unchanged.

    What follows in a broken line is as far to the right as its beginning, the number of a list left out.
    """
    columns = _columns(stream)
    if columns is None or all(len(line) <= columns for line in text.splitlines()):
        return text
    return "\n".join(_broken(line, columns) for line in text.split("\n"))


def _broken(line: str, columns: int) -> str:
    if len(line) <= columns:
        return line
    head = re.match(r" *(?:\d{1,3}\. )?", line)
    indent = " " * len(head[0] if head else "")
    return textwrap.fill(line, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _columns(stream: TextIO) -> int | None:
    """Return the width of the terminal behind a stream; None for anything else, and when the width is unknown."""
    try:
        return (os.get_terminal_size(stream.fileno()).columns or None) if stream.isatty() else None
    except (OSError, ValueError):  # closed, or no descriptor behind it
        return None


def give_up_unwritten() -> None:
    """Drop what standard output does not take: Python tries once more on leaving, and ends with a status of its own."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):  # full, gone, or closed
        _lead_to_nowhere(1)


def die_of_broken_pipe() -> NoReturn:
    """End as other tools in a pipe do when nobody reads on: by SIGPIPE, without a word."""
    _lead_to_nowhere(1)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    sys.exit(1)


def _lead_to_nowhere(descriptor: int) -> None:
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, descriptor)
    os.close(devnull)
