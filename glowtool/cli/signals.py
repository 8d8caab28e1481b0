"""Ctrl-C, SIGTERM and a closed terminal: each stops a command in an orderly way."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TypeVar

from glowtool.app.hold.interruption import STOPPER, Stopper
from glowtool.cli.terminal.streams import leave_terminals
from glowtool.kit.system.interrupts import STOPPED, taken

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from types import FrameType

T = TypeVar("T")


class _Signals:
    """Passes signals on to the task that they stop; a signal that comes before the task is kept for it."""

    def __init__(self, stopper: Stopper) -> None:
        self._stopper = stopper
        self._hung_up = False

    def heard(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal, between any two lines of the main thread."""
        if signal.Signals(number).name == "SIGHUP":
            leave_terminals()
            if self._hung_up:  # both the system and a shell report a closed terminal
                return
            self._hung_up = True
        if not self._stopper.hear():
            os._exit(STOPPED)  # a second request is not kept waiting


@contextmanager
def listening() -> Iterator[None]:
    """Keep signals for the `stoppable` command within the block; afterwards restore what they did before."""
    stopper = Stopper()
    signals = _Signals(stopper)
    before = {number: signal.getsignal(number) for number in taken()}
    token = STOPPER.set(stopper)
    try:
        for number in before:
            signal.signal(number, signals.heard)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        STOPPER.reset(token)


async def stoppable(work: Coroutine[object, object, T]) -> T:
    """Return the result of `work`; a signal cancels it and raises `InterruptedSessionError`.

    Signals are caught within `listening`, here at the latest.
    """
    with ExitStack() as stack:
        if STOPPER.get(None) is None:
            stack.enter_context(listening())
        stack.enter_context(STOPPER.get().stops_this_task())
        return await work
