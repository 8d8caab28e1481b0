"""The day's vibration of the hand: A(8) by ISO 5349-1, as in 2002/44/EC.

Everything is taken so that the figure is too high rather than too low: the heads' acceleration counts as the hand's,
although a handle shakes less; an eccentric mass shakes along two axes, each with what one axis has; all of the motion
of a massage and of the dose that came before counts for one day, and the latter as if the motor had run at its most.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from glowsim.physics.motor import Motor

if TYPE_CHECKING:
    from glowsim.physics.types import Delivered

#: 2002/44/EC, article 3: daily exposure, over eight hours, in m/s².
LIMIT_MS2: Final = 5.0
ACTION_MS2: Final = 2.5

_EIGHT_HOURS_S: Final = 8 * 3600.0

#: Axes along which an eccentric mass shakes; their root sum of squares is the total of ISO 5349-1.
_AXES: Final = 2

#: The weighting W_h of ISO 5349-1, annex A: corners in Hz and the resonance of its two filters.
_LOW_HZ, _HIGH_HZ, _CORNER_HZ, _RESONANCE = 6.310, 1258.9, 15.915, 0.64


@lru_cache(maxsize=4096)
def weighting(frequency_hz: float) -> float:
    """Return the factor of W_h at a frequency."""
    if frequency_hz <= 0.0:
        return 0.0
    band = math.hypot(1.0, (_LOW_HZ / frequency_hz) ** 2) * math.hypot(1.0, (frequency_hz / _HIGH_HZ) ** 2)
    ratio = frequency_hz / _CORNER_HZ
    return math.hypot(1.0, ratio) / math.hypot(1.0 - ratio**2, ratio / _RESONANCE) / band


class Exposure:
    """The vibration of a day. `before_us` is the time that the day already has, taken for the motor's most."""

    def __init__(self, before_us: int, highest_hz: float) -> None:
        motor = Motor()
        motor.amplitude, motor.vibration_hz = 1.0, highest_hz
        self._sum_m2_s3 = _squared(motor.acceleration_ms2, highest_hz) * before_us * 1e-6

    def add(self, dt_us: int, delivered: Delivered) -> None:
        """Add what was delivered for a time."""
        self._sum_m2_s3 += _squared(delivered.acceleration_ms2, delivered.vibration_hz) * dt_us * 1e-6

    @property
    def a8_ms2(self) -> float:
        """Return a_hv sqrt(T / 8 h), r.m.s., in m/s²."""
        return math.sqrt(self._sum_m2_s3 / _EIGHT_HOURS_S)


def _squared(axis_ms2: float, frequency_hz: float) -> float:
    return _AXES * (weighting(frequency_hz) * axis_ms2) ** 2
