"""The host's own clock: it counts the time while the host is suspended, stopped or busy."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: What two clocks read one after the other may differ by, without a suspend in between.
_READING_S: Final = 0.05


def suspended_s() -> float:
    """Return for how long the machine has been suspended since it started; 0 where the system does not tell."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def loop_s() -> float:
    """Return the clock of the running event loop."""
    return asyncio.get_running_loop().time()


def unix_clock_us() -> int:
    """Return the host's calendar clock, in µs since 1970."""
    return time.time_ns() // 1000


class HostClock:
    """Seconds on the clock of the running event loop, and on top those for which the machine has slept meanwhile.

    It never goes back. The clock of a loop goes on while the process is stopped or the loop is blocked, and not while
    the machine sleeps; on a loop with virtual time this clock is virtual too.
    """

    def __init__(self, loop_time: Callable[[], float] = loop_s, slept: Callable[[], float] = suspended_s) -> None:
        self._loop_time = loop_time
        self._slept = slept
        self._before_s = self._so_far_s = slept()

    def now_s(self) -> float:
        """Return the time."""
        slept_s = self._slept()
        if slept_s > self._so_far_s + _READING_S:
            self._so_far_s = slept_s
        return self._loop_time() + self._so_far_s - self._before_s
