"""Standard streams that can always be written and read, and text that is safe on a terminal."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from glowtool.kit.terminal.width import fitted
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
    """Redirect streams of a closed terminal to the null device, so that nothing fails without the terminal."""
    for descriptor in _terminals:
        _lead_to_nowhere(descriptor)


def terminal_closed() -> bool:
    """Return whether a standard stream was a terminal and is no longer one."""
    return any(not os.isatty(descriptor) for descriptor in _terminals)


def show(text: str, stream: TextIO, *, end: str = "\n") -> None:
    """Print any text as one line; on a terminal, break it at words and make invisible characters visible."""
    stream.write(f"{fitted(visible(text), stream)}{end}")  # in one write, so that it is kept or dropped as a whole
    stream.flush()


def show_json(value: Mapping[str, object]) -> None:
    """Print one JSON object on a line of its own, at once: safe on a terminal, exact for a parser."""
    sys.stdout.write(f"{json_line(value)}\n")
    sys.stdout.flush()


def give_up_unwritten() -> None:
    """Drop what standard output does not take: Python retries at exit, and would change the exit status."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):  # full, gone, or closed
        _lead_to_nowhere(1)


def die_of_broken_pipe() -> NoReturn:
    """End like other tools in a pipe that nobody reads any more: by SIGPIPE, without a message."""
    _lead_to_nowhere(1)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    sys.exit(1)


def _lead_to_nowhere(descriptor: int) -> None:
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, descriptor)
    os.close(devnull)
