"""The live meter: what a coach shows, ten times a second, without flicker."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Band(enum.StrEnum):
    """Where a head's pressure stands against the band of the step."""

    NO_CONTACT = "no contact"
    BELOW = "below"
    IN = "in"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class HeadMeter:
    """One head at one moment. `direction` is +1, −1, or 0 when the head does not move."""

    pressure_kpa: float
    contact: bool
    band: Band
    direction: int


@dataclass(frozen=True, slots=True)
class MeterReading:
    """Both heads at one moment. `stroke_rate_per_min` is over the last ten seconds, both heads' mean."""

    sample: int
    device_time_us: int
    left: HeadMeter
    right: HeadMeter
    strokes: int
    stroke_rate_per_min: float
