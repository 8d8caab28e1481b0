"""The motor as it turns: its frequency and amplitude lag behind the drive, and so does the acceleration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.outputs.limiter import FULL_SHAKING
from glowsim.firmware.watchdog import RUN_DOWN_US
from glowtool.model.output import HALFWAY, LAG_S, TOLERATED

if TYPE_CHECKING:
    from glowsim.physics.types import Drive

#: A frequency counts as reached within this many Hz (design).
_REACHED_HZ: Final = 0.1


class Spin:
    """Decides when a motor must stop before it may turn faster.

    A drive whose amplitude falls while its frequency rises keeps the acceleration on its line, but the motor follows
    both with a lag: halfway, it shakes with half of the old amplitude at half of the new frequency, which is more than
    either end. Where a person would feel that, the motor stops, and starts again from zero.
    """

    def __init__(self) -> None:
        # An upper bound of the motor's amplitude, and a lower bound of its frequency.
        self._amplitude = self._vibration_hz = 0.0
        self._looked_us = self._driven_us = 0

    def must_stop(self, now_us: int, level: Drive, wanted_hz: float) -> bool:
        """Return whether a motor driven with `level` until now may not be driven with `wanted_hz` yet."""
        dt_s, self._looked_us = (now_us - self._looked_us) * 1e-6, now_us
        if level.amplitude > 0.0:
            self._follow(level, dt_s / (LAG_S + dt_s))
            self._driven_us = now_us
        elif now_us - self._driven_us >= RUN_DOWN_US:
            self._amplitude = self._vibration_hz = 0.0
        turns_hz = self._vibration_hz
        if wanted_hz <= turns_hz or turns_hz == 0.0:
            return False
        return HALFWAY * self._amplitude * (wanted_hz - turns_hz) ** 2 > TOLERATED * FULL_SHAKING

    def _follow(self, level: Drive, share: float) -> None:
        amplitude, vibration_hz = level.amplitude, level.vibration_hz
        if amplitude >= self._amplitude:
            self._amplitude = amplitude
        else:
            self._amplitude += share * (amplitude - self._amplitude)
        if vibration_hz - self._vibration_hz < _REACHED_HZ or self._vibration_hz == 0.0:
            self._vibration_hz = vibration_hz
        else:
            self._vibration_hz += share * (vibration_hz - self._vibration_hz)
