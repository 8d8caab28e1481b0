"""A prompt that shows the time left for an answer, and counts down while the person types."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from glowtool.cli.terminal.streams import show

if TYPE_CHECKING:
    from types import TracebackType

#: Save the cursor's place and go to the beginning of its line; go back to the saved place (DECSC, CR, DECRC).
_TO_THE_PROMPT: Final = "\x1b7\r"
_BACK: Final = "\x1b8"

#: Six digits, a space between them, and one character too many.
_ANSWER_COLUMNS: Final = 8


class Countdown:
    """Shows `what (28 s): ` on standard error for the time of the block, each second with the time left.

    Only the prompt is rewritten, and only on a terminal that can do so and has room; a pipe gets it once.
    """

    def __init__(self, what: str, within_s: float, *, redraws: bool = True) -> None:
        self._what = what
        self._redraws = redraws
        self._until_s = asyncio.get_running_loop().time() + within_s
        self._counting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to count."""
        if self._redraws and _can_count(len(self._text())):
            self._counting = asyncio.ensure_future(self._count())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop counting."""
        if self._counting is not None:
            self._counting.cancel()
            await asyncio.wait({self._counting})

    def prompt(self) -> None:
        """Ask, on a line of its own."""
        show(self._text(), sys.stderr, end=" " if sys.stdin.isatty() else " \n")

    def _text(self) -> str:
        left_s = max(0.0, self._until_s - asyncio.get_running_loop().time())
        return f"{self._what} ({left_s:2.0f} s):"

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            with suppress(OSError):  # the terminal is gone; reading the answer will report it
                sys.stderr.write(f"{_TO_THE_PROMPT}{self._text()}{_BACK}")  # our own control sequences and text
                sys.stderr.flush()


def _can_count(columns: int) -> bool:
    terminal = sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return terminal and shutil.get_terminal_size().columns > columns + _ANSWER_COLUMNS
