"""How the device's clock relates to the host's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClockModel:
    """A line from unwrapped device time to host unix time, both in µs."""

    device_origin_us: int
    host_origin_us: int
    drift_ppm: float

    def host_time_us(self, device_time_us: int) -> int:
        """Return the host's unix time of a device time."""
        raise NotImplementedError
