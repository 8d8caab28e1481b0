"""What Ctrl-C, SIGTERM and a closed terminal do to a command: cancel it in order, or what a block asks for instead."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.errors import InterruptedSessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")

_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class _Stopper:
    """Called when the person wants it to end."""

    def __init__(self, task: asyncio.Task[object]) -> None:
        self._task = task
        self.asked = False
        self._hung_up = False
        self._called = False
        self.instead: Callable[[], None] | None = None

    def hung_up(self) -> None:
        """Stop because the terminal was closed: once, however many tell of it (the system does, and a shell too)."""
        if not self._hung_up:
            self._hung_up = True
            self()

    def once(self) -> None:
        """Stop because another terminal asks: what stops already is not asked twice, which would mean to leave."""
        if not self._called:
            self()

    def __call__(self) -> None:
        self._called = True
        if self.instead is not None:
            self.instead()
            return
        self.asked = True
        self._task.cancel()


_STOPPER: ContextVar[_Stopper] = ContextVar("stopper")


async def stoppable(work: Coroutine[object, object, T]) -> T:
    """Return what `work` returns; a signal cancels it, and `InterruptedSessionError` says so."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("stoppable() runs inside a task")
    stopper = _Stopper(task)
    _STOPPER.set(stopper)
    with _listening(stopper):
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


@contextmanager
def _listening(stopper: _Stopper) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    taken: list[signal.Signals] = []
    try:
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and a shell's background jobs, ignore some
                loop.add_signal_handler(number, stopper.hung_up if number.name == "SIGHUP" else stopper)
                taken.append(number)
    except NotImplementedError:  # Windows: Ctrl-C cancels the running task, which ends in the same clean-up
        pass
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
