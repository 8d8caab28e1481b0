"""The queue of events for the machine: one after the other, including the times in which the host did nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from glowtool.session.decide.moves import StoodStill, Tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.session.decide.moves import Input

#: The interval of the machine's ticks.
TICK_S: Final = 0.1

#: A host that reads nothing for this long, although ticks come ten times a second, was suspended, stopped or busy.
STILL_S: Final = 1.0


class Inputs:
    """Passes events to `take` in their order; an event that comes while another is taken waits for it."""

    def __init__(self, take: Callable[[Input], None], clock: Callable[[], float]) -> None:
        self._take = take
        self._clock = clock
        self._waiting: deque[Input] = deque()
        self._last_s: float | None = None
        self._taking = False

    def watch(self) -> None:
        """Report standstills from now on: ticks come from now on."""
        self._last_s = self._clock()

    async def tick(self, each: Callable[[], None]) -> None:
        """Send ticks until cancelled, and call `each` with them."""
        self.watch()
        while True:
            await asyncio.sleep(TICK_S)
            self.feed(Tick(self._clock()))
            each()

    def feed(self, event: Input) -> None:
        """Pass an event on; never waits."""
        if self._last_s is not None:
            now_s, since_s = self._clock(), self._last_s
            if now_s - since_s > STILL_S:
                self._waiting.append(StoodStill(since_s, now_s))
            self._last_s = now_s
        self._waiting.append(event)
        if self._taking:
            return
        self._taking = True
        try:
            while self._waiting:
                self._take(self._waiting.popleft())
        finally:
            self._taking = False
            self._waiting.clear()
