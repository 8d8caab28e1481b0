"""The terminal's alternate screen, for the live view: resizing wraps no line, and nothing stays behind."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from glowtool.cli.terminal.outlet import Outlet, UnreadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, RenderableType

FRAMES_PER_SECOND: Final = 8

#: Switch to the alternate screen, without line wrap and cursor; and switch back. A terminal without an alternate
#: screen (the Linux console) is left with an empty one.
_ENTER: Final = "\x1b[?1049h\x1b[?7l\x1b[?25l"
_LEAVE: Final = "\x1b[H\x1b[J\x1b[?7h\x1b[?25h\x1b[?1049l"

#: Each line is erased before it is written: erasing after a line that fills its row would erase its last character.
_FIRST_LINE: Final = "\x1b[H\x1b[K"
_NEXT_LINE: Final = "\r\n\x1b[K"
_ERASE_BELOW: Final = "\r\n\x1b[J"

#: The shell gets the terminal once the drawing is out, or after this time at the latest.
_PATIENCE_S: Final = 0.3

#: Longer text would help no reader.
_KEPT_CHARACTERS: Final = 64 * 1024


class Stage:
    """Draws a view repeatedly, from a thread of its own, at the current size of the terminal.

    `draw` takes columns and rows. While the terminal is not `ours` but the shell's, nothing is drawn. Text that is
    written to standard error meanwhile is kept and printed at the end.
    """

    def __init__(self, draw: Callable[[int, int], RenderableType], console: Console, ours: Callable[[], bool]) -> None:
        self._draw = draw
        self._console = console
        self._ours = ours
        self._stream = sys.stdout
        self._lock = threading.RLock()  # a signal handler takes it, too, on a thread that may hold it already
        self._entered = False
        self._is_away = False
        self._end = threading.Event()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Draw for the time of the block, then restore the terminal."""
        thread = threading.Thread(target=self._run, name="live view", daemon=True)
        with _kept_errors():
            thread.start()
            try:
                yield
            finally:
                self._end.set()
                thread.join()
                with suppress(OSError):
                    self._leave()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Leave the terminal to the shell for the time of the block."""
        with self._lock:
            self._is_away = True
            with suppress(OSError, UnreadError):  # a terminal that is gone, or hangs, needs no restoring
                self._leave()
                if isinstance(self._stream, Outlet):
                    self._stream.settle(_PATIENCE_S)
        try:
            yield
        finally:
            self._is_away = False

    def frame(self, columns: int, rows: int) -> str:
        """Return the text that draws the present view on a screen of that size, whatever was on it."""
        self._console.size = (columns, rows)
        with self._console.capture() as printed:
            self._console.print(self._draw(columns, rows))
        lines = printed.get().splitlines()
        return f"{_FIRST_LINE}{_NEXT_LINE.join(lines)}{_ERASE_BELOW if len(lines) < rows else ''}"

    def _run(self) -> None:
        with suppress(OSError):  # the terminal is gone; a signal of its own reports that
            self._show()
            while not self._end.wait(1 / FRAMES_PER_SECOND):
                self._show()

    def _show(self) -> None:
        with self._lock:
            if self._is_away or not self._ours():
                return
            enter = "" if self._entered else _ENTER
            self._entered = True
            self._stream.write(f"{enter}{self.frame(*self._size())}")
            self._stream.flush()

    def _size(self) -> tuple[int, int]:
        """Return the present columns and rows; the environment may still hold those of the start."""
        with suppress(OSError, ValueError):
            columns, rows = os.get_terminal_size(self._stream.fileno())
            if columns and rows:
                return columns, rows
        return 80, 24

    def _leave(self) -> None:
        with self._lock:
            if self._entered:
                self._entered = False
                self._stream.write(_LEAVE)
                self._stream.flush()


@contextmanager
def _kept_errors() -> Iterator[None]:
    """Keep what is written to standard error, if that is a terminal, and print it at the end."""
    stream = sys.stderr
    if not stream.isatty():
        yield
        return
    kept = io.StringIO()
    handlers = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.StreamHandler)]
    logging_here = [handler for handler in handlers if handler.stream is stream]
    sys.stderr = kept
    for handler in logging_here:
        handler.setStream(kept)
    try:
        yield
    finally:
        sys.stderr = stream
        for handler in logging_here:
            handler.setStream(stream)
        if kept.tell():
            with suppress(OSError):
                stream.write(kept.getvalue()[:_KEPT_CHARACTERS])
                stream.flush()
