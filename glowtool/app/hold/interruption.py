"""Interruption from outside: a signal, another terminal or the caller stops what is going on."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from glowtool.errors import InterruptedSessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Stopper:
    """Stops one task at a time by cancelling it, or does instead what a block asks for.

    What is asked before there is a task is kept for it.
    """

    def __init__(self) -> None:
        self._asked = False
        self._instead: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._called = False
        self._unheard = False

    def hear(self) -> bool:
        """Take a request between any two lines of the main thread; False when one waits already for a task to stop."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self)
            return True
        first, self._unheard = not self._unheard, True
        return first

    def once(self) -> None:
        """Stop because another terminal asks: what stops already is not asked twice, which would mean to leave."""
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
        """Mean the running task, for the time of the block; `InterruptedSessionError` says that it was stopped.

        It is cancelled at its next step if it was to be stopped before.
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


#: Who stops what runs here, if anybody outside can.
STOPPER: Final[ContextVar[Stopper]] = ContextVar("stopper")
