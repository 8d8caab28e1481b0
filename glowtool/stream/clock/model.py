"""Lines from the device's clock to the host's, each with its error and the time from which it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from glowtool.stream.block import IntArray


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A line from unwrapped device time to host unix time, both in µs, for device times of `from_us` and later.

    Mapped times are off by at most `error_us` in 95 of 100 recordings; the time that the fastest frame takes is not
    part of it, since a host that only listens cannot see that.
    """

    from_us: int
    device_origin_us: int
    host_origin_us: int
    drift_ppm: float
    error_us: int

    def host_times_us(self, device_times_us: IntArray) -> IntArray:
        """Return the host's unix times of device times, shape (n,)."""
        since_us = device_times_us - self.device_origin_us
        drift_us: IntArray = np.rint(since_us * (self.drift_ppm * 1e-6)).astype(np.int64)
        times_us: IntArray = self.host_origin_us + since_us + drift_us
        return times_us

    def host_time_us(self, device_time_us: int) -> int:
        """Return the host's unix time of one device time."""
        since_us = device_time_us - self.device_origin_us
        return self.host_origin_us + since_us + round(since_us * (self.drift_ppm * 1e-6))


@dataclass(frozen=True, slots=True)
class ClockModel:
    """At least one line, ordered by the time from which each holds, until the next; the first also holds before."""

    lines: tuple[ClockLine, ...]

    @property
    def last(self) -> ClockLine:
        """The line that holds now."""
        return self.lines[-1]

    @property
    def error_us(self) -> int:
        """The largest error of all lines."""
        return max(line.error_us for line in self.lines)

    def host_times_us(self, device_times_us: IntArray) -> IntArray:
        """Return the host's unix times of device times, shape (n,)."""
        if len(self.lines) == 1:
            return self.last.host_times_us(device_times_us)
        starts_us = np.array([line.from_us for line in self.lines[1:]], np.int64)
        at = np.searchsorted(starts_us, device_times_us, side="right")
        times_us = np.empty(device_times_us.shape, np.int64)
        for number in np.unique(at).tolist():
            chosen = at == number
            times_us[chosen] = self.lines[number].host_times_us(device_times_us[chosen])
        return times_us
