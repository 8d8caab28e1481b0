"""Repeated work that names the moment of its next turn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from glowsim.time.virtual_time import jumper

if TYPE_CHECKING:
    from collections.abc import Callable


async def paced(turn: Callable[[], float]) -> None:
    """Call `turn` now, and then at each moment that it returns, by the loop's clock; a past moment means soon.

    This goes on until it is cancelled, or until `turn` raises; the error is raised here. Other tasks of the loop get a
    turn in between. In virtual time, turns between which nothing else would happen follow at once.
    """
    loop, jump = asyncio.get_running_loop(), jumper()
    failed: asyncio.Future[None] = loop.create_future()
    coming: asyncio.Handle | None = None

    def take_turn() -> None:
        # By timers of the loop: a sleeping task costs twice as much, and this happens hundreds of times per second.
        nonlocal coming
        try:
            due_s = turn()
            while jump(due_s):
                due_s = turn()
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the task that awaits the work
            if not failed.done():
                failed.set_exception(error)
        else:
            coming = loop.call_at(due_s, take_turn)

    coming = loop.call_soon(take_turn)
    try:
        await failed
    finally:
        coming.cancel()
