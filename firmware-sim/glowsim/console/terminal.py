"""The terminal of a served roller: typed lines, and one live line at the bottom."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from glowsim.time.background import background
from glowtool.kit.terminal.foreground import in_foreground

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_REDRAW_S: Final = 0.2
_RETRY_S: Final = 0.5

#: DEC private modes and CSI sequences that today's terminals know: move up what stands on the last row, then scroll all
#: rows but that one.
_SCROLL: Final = "\x1b7\x1b[r\x1b8\x1bD\x1b[A\x1b7\x1b[1;{rows}r\x1b8"
_SCROLL_ALL: Final = "\x1b7\x1b[r\x1b[{last};1H\x1b[2K\x1b8"
_DRAW: Final = "\x1b7\x1b[{last};1H\x1b[2K\x1b[7m{line}\x1b[0m\x1b8"


def can_live() -> bool:
    """Whether standard output is a terminal on which a line can be redrawn."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def read_lines(obey: Callable[[str], None], on_end: Callable[[], None] = lambda: None) -> None:
    """Pass on lines of standard input, also a last one without a line feed. The end of input switches nothing off.

    At a terminal the end is a key (Ctrl-D), and more can be typed after it: `on_end` is called then. A job in the
    background leaves the terminal to others, and goes on reading when it is in the foreground again.
    """
    try:
        os.fstat(0)
    except OSError:
        return
    # Otherwise the system would stop a background job that reads, with everything that it serves.
    if hasattr(signal, "SIGTTIN"):
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    loop = asyncio.get_running_loop()

    def tell(act: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(act)

    def read() -> None:
        # A thread with raw reads: asyncio would make the terminal non-blocking for every process that shares it, and a
        # buffered reader held by a thread cannot be closed at exit.
        pending = b""
        while (chunk := _chunk()) is not None:
            *lines, pending = (pending + (chunk or b"\n")).split(b"\n")
            for line in filter(None, lines):
                tell(partial(obey, line.decode("utf-8", "replace")))
            if chunk:
                continue
            if not os.isatty(0):
                return
            tell(on_end)
            time.sleep(_RETRY_S)

    threading.Thread(target=read, name="standard input", daemon=True).start()


def _chunk() -> bytes | None:
    """Wait for bytes of standard input; empty at its end, None when there will never be any."""
    while True:
        try:
            return os.read(0, 4096)
        except OSError:
            if in_foreground(0):
                return None
            time.sleep(_RETRY_S)


@asynccontextmanager
async def living_line(line: Callable[[int], str], write: Callable[[str], None]) -> AsyncIterator[None]:
    """Keep the terminal's bottom row for a line that is redrawn five times a second while the block runs.

    `line` gets the number of columns that it may take. In the background nothing is drawn.
    """
    row = _BottomRow(write)
    try:
        async with background(_live(line, row)):
            yield
    finally:
        row.leave()


async def _live(line: Callable[[int], str], row: _BottomRow) -> None:
    while True:
        if in_foreground(1):
            row.draw(line)
        else:
            row.leave()
        await asyncio.sleep(_REDRAW_S)


class _BottomRow:
    """The bottom row of the terminal: it does not scroll from the first drawing until it is released."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._rows = 0

    def draw(self, line: Callable[[int], str]) -> None:
        size = shutil.get_terminal_size()
        if size.lines != self._rows:
            self._rows = size.lines
            self._write(_SCROLL.format(rows=max(1, size.lines - 1)))
        columns = max(0, size.columns - 1)
        self._write(_DRAW.format(last=size.lines, line=line(columns)[:columns]))

    def leave(self) -> None:
        if self._rows:
            self._rows = 0
            self._write(_SCROLL_ALL.format(last=shutil.get_terminal_size().lines))
