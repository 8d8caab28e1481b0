"""Interruption from outside: a signal, another terminal or the caller stops the running task."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from glowtool.errors import InterruptedSessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Stopper:
    """Stops one task at a time by cancelling it, or by the call that a block sets instead.

    A request that comes before there is a task is kept for it.
    """

    def __init__(self) -> None:
        self._asked = False
        self._instead: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._called = False
        self._unheard = False

    def hear(self) -> bool:
        """Take a request between any two lines of the main thread; return False when one already waits for a task."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self)
            return True
        first, self._unheard = not self._unheard, True
        return first

    def once(self) -> None:
        """Stop because another terminal asks; a task that is stopping is not asked twice, which would mean to leave."""
        if not self._called:
            self()

    def __call__(self) -> None:
        """Stop, from the event loop."""
        self._called = True
        if self._instead is not None:
            self._instead()
        elif self._task is not None:
            self._asked = True
            self._task.cancel()

    @contextmanager
    def stops_this_task(self) -> Iterator[None]:
        """Let requests stop this task, for the time of the block; `InterruptedSessionError` says that one did.

        A request that came before the block cancels it at its next step.
        """
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can be stopped")
        self._loop, self._task = task.get_loop(), task
        if self._unheard:
            self._unheard = False
            self()
        try:
            yield
        except asyncio.CancelledError:
            if not self._asked:
                raise
            task.uncancel()
            raise InterruptedSessionError("stopped") from None
        finally:
            self._loop = self._task = None

    @contextmanager
    def does_instead(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` from the event loop for the time of the block, instead of cancelling the task."""
        self._instead = stop
        try:
            yield
        finally:
            self._instead = None


#: Stops the running task from outside, if anything can.
STOPPER: Final[ContextVar[Stopper]] = ContextVar("stopper")
