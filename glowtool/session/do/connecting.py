"""The connecting to the device of a massage, which a stop ends at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from glowtool.device.host_clock import loop_s
from glowtool.errors import InterruptedSessionError

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from glowtool.device.driver import Driver
    from glowtool.session.news import Publish
    from glowtool.session.plan import SessionPlan


class Connecting:
    """The way to one device: `await to(...)` once; `give_up()` may be called at any time."""

    def __init__(self) -> None:
        self._given_up = False
        self._limit: asyncio.Timeout | None = None

    def give_up(self) -> None:
        """End it at once, or let it not begin; nothing happens once the device is connected, or the second time."""
        if self._given_up:
            return
        self._given_up = True
        if self._limit is not None:
            # By the loop's own clock: the massage's is ahead of it by what the machine has slept.
            self._limit.reschedule(loop_s())

    async def to(self, plan: SessionPlan, publish: Publish, stack: AsyncExitStack) -> Driver:
        """Return the plan's device, connected as long as `stack` is open; `publish` hears of each attempt.

        Raises the driver's errors, and `InterruptedSessionError` when it was given up.
        """
        opening = plan.open_driver(plan.host_clock_us, publish)
        try:
            async with asyncio.timeout(0 if self._given_up else None) as self._limit:
                return await stack.enter_async_context(opening)
        except TimeoutError:
            raise InterruptedSessionError("stopped before the massage began; nothing was recorded") from None
        finally:
            self._limit = None
