"""The terminal of a roller that is served: lines that are typed, and one line at its bottom that lives."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from glowsim.background import background

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_REDRAW_S: Final = 0.2

#: DEC private modes and CSI sequences that every terminal of today knows: scroll all rows but the last one.
_SCROLL: Final = "\x1b7\x1b[1;{rows}r\x1b8"
_SCROLL_ALL: Final = "\x1b7\x1b[r\x1b[{last};1H\x1b[2K\x1b8"
_DRAW: Final = "\x1b7\x1b[{last};1H\x1b[2K\x1b[7m{line}\x1b[0m\x1b8"


def read_lines(obey: Callable[[str], None]) -> None:
    """Pass lines of standard input on, if it is a terminal or a pipe. Its end means nothing."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(0)):
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        # A thread with raw reads: asyncio would make the terminal non-blocking for everybody who shares it, and a
        # buffered reader held by a thread cannot be closed at exit.
        pending = b""
        while chunk := os.read(0, 4096):
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                if loop.is_closed():
                    return
                loop.call_soon_threadsafe(obey, line.decode("utf-8", "replace"))

    threading.Thread(target=read, name="standard input", daemon=True).start()


@asynccontextmanager
async def living_line(line: Callable[[], str], write: Callable[[str], None]) -> AsyncIterator[None]:
    """Keep the terminal's bottom row for a line that is drawn anew five times a second, while the block runs."""
    # Room for the row, so that nothing that stands at the bottom is overdrawn.
    write("\n\x1b[A")
    try:
        async with background(_draw(line, write)):
            yield
    finally:
        write(_SCROLL_ALL.format(last=shutil.get_terminal_size().lines))


async def _draw(line: Callable[[], str], write: Callable[[str], None]) -> None:
    rows = 0
    while True:
        size = shutil.get_terminal_size()
        if size.lines != rows:
            rows = size.lines
            write(_SCROLL.format(rows=max(1, rows - 1)))
        write(_DRAW.format(last=rows, line=line()[: size.columns - 1]))
        await asyncio.sleep(_REDRAW_S)
