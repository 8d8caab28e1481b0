"""The keys of the terminal during a massage: taken without echo and dropped, so that none reaches the shell."""

from __future__ import annotations

import atexit
import os
import select
import signal
import sys
import threading
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from glowtool.kit.terminal.foreground import in_foreground

if sys.platform != "win32":
    import termios

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType
    from typing import TextIO

#: The settings of a terminal, as termios reports them.
Settings: TypeAlias = list[int | list[bytes | int]]

#: A shell does not notify a running job that it puts in the foreground, so the job has to check.
_LOOK_EVERY_S: Final = 0.25

_SHOW_CURSOR: Final = b"\x1b[?25h"
_HIDE_CURSOR: Final = b"\x1b[?25l"

_INPUT_FLAGS, _LOCAL_FLAGS, _CHARACTERS = 0, 3, 6


class Keyboard:
    """Takes the terminal's keys while it is `held`, without echo; Ctrl-C and Ctrl-Z keep their meaning.

    Keys that were typed and not read are dropped at the end. While the process is suspended or in the background, the
    terminal has its original settings and the shell gets the keys. `descriptor` is the terminal, None if there is none.
    With `live`, a view hides the cursor; the shell gets it back.
    """

    def __init__(self, descriptor: int | None, *, live: bool = False) -> None:
        self.descriptor = descriptor
        self._live = live
        self._before: Settings | None = None
        self._taken = False
        self._look_again: TimerHandle | None = None
        self._away: Callable[[], AbstractContextManager[None]] = nullcontext

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the keys for the time of the block, however it ends; call it from the main thread."""
        if self.descriptor is None:
            yield
            return
        suspended, went_on = signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGCONT)
        if suspended is signal.SIG_DFL:
            signal.signal(signal.SIGTSTP, self._suspend)
        signal.signal(signal.SIGCONT, self._go_on)
        try:
            self.look()
            yield
        finally:
            self.give_back()
            atexit.register(self.drop)  # the last output and the end of the interpreter take a moment, too
            signal.signal(signal.SIGTSTP, suspended)
            signal.signal(signal.SIGCONT, went_on)

    @contextmanager
    def suspending(self, away: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
        """Let Ctrl-Z suspend the process within `away()`, for the time of the block."""
        self._away = away
        try:
            yield
        finally:
            self._away = nullcontext

    @contextmanager
    def watched(self, loop: AbstractEventLoop) -> Iterator[None]:
        """Check now and then whether the process is in the foreground, for the time of the block."""

        def look() -> None:
            self.look()
            self._look_again = loop.call_later(_LOOK_EVERY_S, look)

        look()
        try:
            yield
        finally:
            if self._look_again is not None:
                self._look_again.cancel()

    @property
    def ours(self) -> bool:
        """Whether this process owns the terminal at present; a job in the background leaves it to the shell."""
        return self.descriptor is not None and in_foreground(self.descriptor)

    def look(self) -> None:
        """Take the keys if the terminal is ours and they are not taken yet; or note that it is no longer ours."""
        if not self.ours:
            self._taken = False
        elif not self._taken:
            self._take()

    def drop(self) -> None:
        """Drop the unread keys, if the terminal is ours."""
        if self.descriptor is not None and self.ours:
            with suppress(termios.error):  # the terminal is gone
                termios.tcflush(self.descriptor, termios.TCIFLUSH)

    def give_back(self) -> None:
        """Drop the unread keys and restore the terminal; do nothing if it is not ours, or gone."""
        if self._taken and self._before is not None and self.descriptor is not None and self.ours:
            self.drop()
            # At once, not after all output: a halted terminal would never finish it.
            with suppress(termios.error):
                termios.tcsetattr(self.descriptor, termios.TCSANOW, self._before)
            self._cursor(_SHOW_CURSOR)
        self._taken = False

    def _take(self) -> None:
        if self.descriptor is None:
            return
        with suppress(termios.error):  # the terminal is gone
            found: Settings = termios.tcgetattr(self.descriptor)
            if found != _unseen(found):
                self._before = found
            termios.tcsetattr(self.descriptor, termios.TCSANOW, _unseen(found))
            self._taken = True
            self._cursor(_HIDE_CURSOR)

    def _cursor(self, order: bytes) -> None:
        if self._live and self.descriptor is not None:
            # A terminal that this descriptor cannot write to, or that nobody reads now, keeps its cursor hidden.
            with suppress(OSError, ValueError):
                if select.select([], [self.descriptor], [], 0)[1]:
                    os.write(self.descriptor, order)

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        with self._away():
            self.give_back()
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
            signal.signal(signal.SIGTSTP, self._suspend)
        self._go_on(signal.SIGCONT, None)

    def _go_on(self, _number: int, _frame: FrameType | None) -> None:
        self._taken = False  # the shell may have changed the terminal while we were stopped
        self.look()


def keyboard_here(*, live: bool) -> Keyboard:
    """Return the keyboard of the terminal that started this process, or one without keys if there is none."""
    terminals = (_terminal(stream) for stream in (sys.stdin, sys.stdout, sys.stderr))
    return Keyboard(next((found for found in terminals if found is not None), None), live=live)


def drop_keys(stream: TextIO) -> None:
    """Drop the unread keys, if a stream is a terminal and ours."""
    descriptor = _terminal(stream)
    if descriptor is not None:
        Keyboard(descriptor).drop()


def _terminal(stream: TextIO) -> int | None:
    """Return the descriptor of a stream that is a terminal; None for anything else, and without termios."""
    try:
        return stream.fileno() if sys.platform != "win32" and stream.isatty() else None
    except (OSError, ValueError):  # closed, or without a descriptor
        return None


def _unseen(found: Settings) -> Settings:
    """Return terminal settings that hand over each key, echo none, and ignore Ctrl-S."""
    settings = list(found)
    local, characters, flags = settings[_LOCAL_FLAGS], settings[_CHARACTERS], settings[_INPUT_FLAGS]
    if not (isinstance(local, int) and isinstance(flags, int) and isinstance(characters, list)):
        raise TypeError("termios describes a terminal by numbers and a list of characters")
    settings[_LOCAL_FLAGS] = local & ~(termios.ECHO | termios.ICANON)
    settings[_INPUT_FLAGS] = flags & ~termios.IXON
    one_by_one: list[bytes | int] = list(characters)
    one_by_one[termios.VMIN], one_by_one[termios.VTIME] = 1, 0
    settings[_CHARACTERS] = one_by_one
    return settings
