"""The connecting to the device of a massage or a recording, which a stop ends at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, TypeVar

from glowtool.device.host_clock import loop_s
from glowtool.errors import InterruptedSessionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager, AsyncExitStack

    from glowtool.device.attempts import Attempt

T = TypeVar("T")

T_co = TypeVar("T_co", covariant=True)


class Opens(Protocol[T_co]):
    """A plan with a device: that of a massage, or that of a free recording."""

    @property
    def host_clock_us(self) -> Callable[[], int]:
        """The wall clock."""
        ...

    @property
    def open_driver(
        self,
    ) -> Callable[[Callable[[], int], Callable[[Attempt], None]], AbstractAsyncContextManager[T_co]]:
        """What opens the device."""
        ...


class Connecting:
    """The way to the one device of `what`: `await to(...)` once; `give_up()` may be called at any time."""

    def __init__(self, what: str = "the massage") -> None:
        self._what = what
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

    async def to(self, plan: Opens[T], publish: Callable[[Attempt], None], stack: AsyncExitStack) -> T:
        """Return the plan's device, connected as long as `stack` is open; `publish` hears of each attempt.

        Raises the driver's errors, and `InterruptedSessionError` when it was given up.
        """
        opening = plan.open_driver(plan.host_clock_us, publish)
        try:
            async with asyncio.timeout(0 if self._given_up else None) as self._limit:
                return await stack.enter_async_context(opening)
        except TimeoutError:
            raise InterruptedSessionError(f"stopped before {self._what} began; nothing was recorded") from None
        finally:
            self._limit = None
