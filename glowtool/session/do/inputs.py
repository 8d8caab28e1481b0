"""The queue of events for the machine: one after the other, including the times in which the host did nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from glowtool.session.decide.moves import StoodStill, Tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.session.decide.moves import Input

#: How often the machine is told that time passes.
TICK_S: Final = 0.1

#: A host that takes nothing in for this long, though ticks come ten times a second, was suspended, stopped or busy.
STILL_S: Final = 1.0


class Inputs:
    """Hands events to `take` in the order in which they come; one that comes while another is taken comes after it."""

    def __init__(self, take: Callable[[Input], None], clock: Callable[[], float]) -> None:
        self._take = take
        self._clock = clock
        self._waiting: deque[Input] = deque()
        self._last_s: float | None = None
        self._taking = False

    def watch(self) -> None:
        """Tell from now on of times in which nothing came: ticks come from now on."""
        self._last_s = self._clock()

    async def tick(self, each: Callable[[], None]) -> None:
        """Tell until cancelled that time passes, and do `each` then."""
        self.watch()
        while True:
            await asyncio.sleep(TICK_S)
            self.feed(Tick(self._clock()))
            each()

    def feed(self, event: Input) -> None:
        """Hand an event over; never waits."""
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
