"""The day's dose: within any 24 hours of the device's runtime, an output is on no longer than its ceiling allows.

Runtime is time with the power on, by the crystal. The calendar plays no part, so setting the clock gives no new dose.
The use of each hour is given back once 24 hours have passed since that hour's last output.

The dose is written ahead: before an output may be on, the flash holds a lease of some seconds more than was used, and
after a loss of power the whole lease counts. The rest of a lease is given back when outputs end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.firmware.outage import OUTPUT_STAGE_US
from glowsim.firmware.watchdog import RUN_DOWN_US
from glowsim.physics.types import TICK_US
from glowtool.model.ceilings import CeilingId
from glowtool.protocol.ceilings import ceiling
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowsim.physics.types import Drive

CURRENT_US_MAX: Final = ceiling(CeilingId.DAY_CURRENT) * MICROSECONDS_PER_SECOND
VIBRATION_US_MAX: Final = ceiling(CeilingId.DAY_VIBRATION) * MICROSECONDS_PER_SECOND
HOUR_US: Final = 3600 * MICROSECONDS_PER_SECOND
DAY_US: Final = 24 * HOUR_US

#: How much is leased ahead of use (design): a loss of power costs the person this much, and less would wear the flash.
LEASE_US: Final = 5 * MICROSECONDS_PER_SECOND

#: The time for which output may go on after counting ends: a tick, the output stage, and the motor's run-down.
AFTER_US: Final = OUTPUT_STAGE_US + RUN_DOWN_US + 2 * TICK_US


@dataclass(slots=True)
class Hour:
    """The use within one hour of runtime, and the runtime at its last output."""

    last_us: int
    current_us: int = 0
    vibration_us: int = 0


class DayDose:
    """The time that each output was on, by hour of runtime, and the rest of the present lease."""

    def __init__(self, runtime_us: int = 0, hours: Sequence[Hour] = ()) -> None:
        self._runtime_us = runtime_us
        self._hours = list(hours)
        self.current_us: int = sum(hour.current_us for hour in hours)
        self.vibration_us: int = sum(hour.vibration_us for hour in hours)
        self._current_left_us = self._vibration_left_us = 0
        self._running_down_us = self._quiet_us = 0

    @property
    def current_spent(self) -> bool:
        """Whether the day's current is used up."""
        return self.current_us + AFTER_US > CURRENT_US_MAX

    @property
    def vibration_spent(self) -> bool:
        """Whether the day's vibration is used up."""
        return self.vibration_us + AFTER_US > VIBRATION_US_MAX

    @property
    def returns_in_us(self) -> int:
        """The runtime until the oldest hour that counts is given back; zero when nothing counts."""
        return self._hours[0].last_us + DAY_US - self._runtime_us if self._hours else 0

    def pass_time(self, dt_us: int, drive: Drive) -> None:
        """Count `dt_us` under `drive`, and give back the use that is a day old."""
        self._runtime_us += dt_us
        current_us = dt_us if drive.peak_ua > 0.0 else 0
        if drive.amplitude > 0.0:
            vibration_us, self._running_down_us = dt_us, RUN_DOWN_US
        else:
            vibration_us = min(dt_us, self._running_down_us)
            self._running_down_us -= vibration_us
        self._quiet_us = self._quiet_us + dt_us if drive.quiet else 0
        if current_us or vibration_us:
            self._count(current_us, vibration_us, self._runtime_us - dt_us + max(current_us, vibration_us))
        while self._hours and self.returns_in_us <= 0:
            hour = self._hours.pop(0)
            self.current_us -= hour.current_us
            self.vibration_us -= hour.vibration_us

    def due(self, drive: Drive) -> bool:
        """Return whether the flash must be written: before `drive` is allowed, or to give back a lease."""
        short = (drive.peak_ua > 0.0 and self._current_left_us < AFTER_US) or (
            drive.amplitude > 0.0 and self._vibration_left_us < AFTER_US
        )
        return short or (self._quiet_us >= RUN_DOWN_US and bool(self._current_left_us or self._vibration_left_us))

    def take_lease(self, drive: Drive) -> None:
        """Lease the use of `drive`, and give back other leases; it holds once the result of `kept` is in the flash."""
        if not drive.quiet and (not self._hours or self._hours[-1].last_us // HOUR_US != self._runtime_us // HOUR_US):
            self._hours.append(Hour(self._runtime_us))
        self._current_left_us = min(LEASE_US, CURRENT_US_MAX - self.current_us) if drive.peak_ua > 0.0 else 0
        vibration_us = LEASE_US if drive.amplitude > 0.0 else self._running_down_us
        self._vibration_left_us = max(0, min(vibration_us, VIBRATION_US_MAX - self.vibration_us))

    def lose_lease(self) -> None:
        """Note that the flash did not take the lease."""
        self._current_left_us = self._vibration_left_us = 0

    def kept(self) -> dict[str, object]:
        """Return the content for the memory: the use, including all leases."""
        hours = [[hour.last_us, hour.current_us, hour.vibration_us] for hour in self._hours]
        left_us = max(self._current_left_us, self._vibration_left_us)
        if hours and left_us:
            _, current_us, vibration_us = hours[-1]
            hours[-1] = [
                self._runtime_us + left_us,
                current_us + self._current_left_us,
                vibration_us + self._vibration_left_us,
            ]
        return {"runtime_us": self._runtime_us, "hours": hours}

    def _count(self, current_us: int, vibration_us: int, last_us: int) -> None:
        if not self._hours:
            self._hours.append(Hour(last_us))
        hour = self._hours[-1]
        hour.last_us = last_us
        hour.current_us += current_us
        hour.vibration_us += vibration_us
        self.current_us += current_us
        self.vibration_us += vibration_us
        self._current_left_us = max(0, self._current_left_us - current_us)
        self._vibration_left_us = max(0, self._vibration_left_us - vibration_us)


def dose_from(kept: object) -> DayDose:
    """Return the dose in the memory. A dose that cannot be read counts as spent."""
    if kept is None:
        return DayDose()
    hours = _hours(kept.get("hours", [_before_hours(kept)])) if isinstance(kept, dict) else None
    runtime_us = _whole(kept.get("runtime_us", kept.get("on_us", 0))) if isinstance(kept, dict) else None
    if hours is None or runtime_us is None:
        return DayDose(0, [Hour(0, CURRENT_US_MAX, VIBRATION_US_MAX)])
    for hour in hours:
        hour.last_us = min(hour.last_us, runtime_us + LEASE_US)
    return DayDose(runtime_us, hours)


def _before_hours(kept: dict[str, object]) -> list[object]:
    """Return the single entry of firmware before 1.3: the use since `on_us`."""
    return [kept.get("on_us", 0), kept.get("current_us", 0), kept.get("vibration_us", 0)]


def _hours(kept: object) -> list[Hour] | None:
    if not isinstance(kept, list):
        return None
    hours = [_hour(entry) for entry in kept]
    return None if None in hours else [hour for hour in hours if hour is not None]


def _hour(entry: object) -> Hour | None:
    if not isinstance(entry, list) or len(entry) != 3:
        return None
    last_us, current_us, vibration_us = (_whole(value) for value in entry)
    if last_us is None or current_us is None or vibration_us is None:
        return None
    return Hour(last_us, current_us, vibration_us)


def _whole(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
