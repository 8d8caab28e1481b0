"""The units of glowtool: kPa, µA, Hz, s and mm, and their conversion to those of the wire and of the physics.

Names carry the unit as a suffix (`pressure_kpa`, `peak_ua`, `rate_hz`, `duration_s`, `length_mm`). The wire
carries integers in the steps of the channel table; physics works in SI base units; people read the units here.
"""

from typing import Final

PASCAL_PER_KPA: Final = 1000.0
MICROSECONDS_PER_SECOND: Final = 1_000_000
MILLISECONDS_PER_SECOND: Final = 1000

#: The unit of what is a part of a whole, 0 to 1.
SHARE: Final = "share"


def seconds_from_us(time_us: int) -> float:
    """Return seconds from whole microseconds."""
    return time_us / MICROSECONDS_PER_SECOND


def spoken(value: float, unit: str) -> str:
    """Return a quantity as people say it: 6.5 and "s" are "6.5 s", a share of 0.3 is "30 %"."""
    if unit == SHARE:
        value, unit = value * 100, "%"
    return f"{value:.12g} {unit}".rstrip()
