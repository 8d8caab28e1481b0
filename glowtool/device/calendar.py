"""The calendar of one massage: read once, then advanced by a clock that cannot be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.device.host_clock import HostClock, unix_clock_us
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

#: The wall clock and ours may differ by this much although nobody set it: by the steps of their readings, and slewing.
_TOGETHER_S: Final = 1.0


def steady_clock_us() -> Callable[[], int]:
    """Return a clock of unix µs that is read once and then goes on evenly, whatever becomes of the wall clock."""
    return SteadyCalendar(unix_clock_us, HostClock().now_s).unix_us


class SteadyCalendar:
    """Unix time that advances evenly from its first reading, whatever happens to the wall clock meanwhile.

    `wall_us` is the wall clock in unix µs, `clock_s` one that never goes back. A massage whose times came from the wall
    clock could end before it began.
    """

    def __init__(self, wall_us: Callable[[], int], clock_s: Callable[[], float]) -> None:
        self._wall_us = wall_us
        self._clock_s = clock_s
        self._origin: tuple[int, float] | None = None
        self._apart_s = 0.0

    def unix_us(self) -> int:
        """Return the time in unix µs."""
        if self._origin is None:
            self._origin = self._wall_us(), self._clock_s()
        origin_us, origin_s = self._origin
        return origin_us + round((self._clock_s() - origin_s) * MICROSECONDS_PER_SECOND)

    def step_s(self) -> float | None:
        """Return by how much the wall clock was set since the last call; None when it was not."""
        apart_s = (self._wall_us() - self.unix_us()) / MICROSECONDS_PER_SECOND
        step_s = apart_s - self._apart_s
        if abs(step_s) <= _TOGETHER_S:
            return None
        self._apart_s = apart_s
        return step_s
