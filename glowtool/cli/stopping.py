"""What Ctrl-C, SIGTERM and a closed terminal do to a command: cancel it in order, or what a block asks for instead."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from glowtool.cli.terminal.streams import leave_terminals
from glowtool.errors import InterruptedSessionError
from glowtool.kit.interrupts import STOPPED, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType

T = TypeVar("T")


class _Stopper:
    """Called when the person wants it to end; a signal that comes before the command's task is kept for it."""

    def __init__(self) -> None:
        self.asked = False
        self.instead: Callable[[], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[object] | None = None
        self._hung_up = False
        self._called = False
        self._unheard = False

    def heard(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal, between any two lines of the main thread."""
        if signal.Signals(number).name == "SIGHUP":
            leave_terminals()
            if self._hung_up:  # the system tells of a closed terminal, and a shell too
                return
            self._hung_up = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self)
        elif self._unheard:
            os._exit(STOPPED)  # who asks twice is not kept waiting
        else:
            self._unheard = True

    @contextmanager
    def stops(self, task: asyncio.Task[object]) -> Iterator[None]:
        """Mean a task, for the time of the block; it is cancelled at its next step if a signal came before."""
        self._loop, self._task = task.get_loop(), task
        if self._unheard:
            self._unheard = False
            self()
        try:
            yield
        finally:
            self._loop = self._task = None

    def once(self) -> None:
        """Stop because another terminal asks: what stops already is not asked twice, which would mean to leave."""
        if not self._called:
            self()

    def __call__(self) -> None:
        self._called = True
        if self.instead is not None:
            self.instead()
        elif self._task is not None:
            self.asked = True
            self._task.cancel()


_STOPPER: ContextVar[_Stopper] = ContextVar("stopper")


@contextmanager
def listening() -> Iterator[None]:
    """Keep signals for the command that is `stoppable` within the block; afterwards they do what they did before."""
    stopper = _Stopper()
    before = {number: signal.getsignal(number) for number in taken()}
    token = _STOPPER.set(stopper)
    try:
        for number in before:
            signal.signal(number, stopper.heard)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _STOPPER.reset(token)


async def stoppable(work: Coroutine[object, object, T]) -> T:
    """Return what `work` returns; a signal cancels it, and `InterruptedSessionError` says so.

    Signals are heard within `listening`, here at the latest.
    """
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("stoppable() runs inside a task")
    with ExitStack() as stack:
        if _STOPPER.get(None) is None:
            stack.enter_context(listening())
        stopper = _STOPPER.get()
        stack.enter_context(stopper.stops(task))
        try:
            return await work
        except asyncio.CancelledError:
            if not stopper.asked:
                raise
            task.uncancel()
            raise InterruptedSessionError("stopped") from None


def stop_once() -> None:
    """Stop the running command as one Ctrl-C does; nothing happens when it is being stopped already."""
    _STOPPER.get().once()


@contextmanager
def stopping_by(stop: Callable[[], None]) -> Iterator[None]:
    """Let a signal call `stop` from the event loop for the time of the block, instead of cancelling the command."""
    stopper = _STOPPER.get()
    stopper.instead = stop
    try:
        yield
    finally:
        stopper.instead = None
