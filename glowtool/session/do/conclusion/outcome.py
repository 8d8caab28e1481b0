"""The outcome of a massage while it comes about: over or not, confirmed zero or not, left at once, and the cause."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.errors import GlowtoolError


class Outcome:
    """How a massage ends; made and asked on its event loop, by the task that `begin` is called in."""

    def __init__(self) -> None:
        self.confirmed = False
        """Whether the roller confirmed that its outputs are zero."""
        self.left = False
        """Whether the person left at once, without waiting for the roller or the log."""
        self.cause: GlowtoolError | None = None
        """The error that the person is told of, beside the ending."""
        self._over = asyncio.Event()
        self._running: asyncio.Task[object] | None = None

    def begin(self) -> None:
        """Take the task of the caller for that of the massage."""
        self._running = asyncio.current_task()

    @property
    def is_over(self) -> bool:
        """Whether nothing of the program will run any more."""
        return self._over.is_set()

    async def over(self) -> None:
        """Wait until nothing of the program will run any more."""
        await self._over.wait()

    def end(self, *, confirmed: bool) -> None:
        """End the massage in order; `confirmed`: with its outputs zero, as the roller says."""
        self.confirmed = confirmed
        self._over.set()

    def leave(self) -> None:
        """Leave at once: the massage's task is cancelled."""
        self.left = True
        if self._running is not None:
            self._running.cancel()

    def was_left(self) -> bool:
        """Tell, after a cancellation, whether it was `leave`, and take that one back."""
        if not self.left or self._running is None:
            return False
        self._running.uncancel()
        return True
