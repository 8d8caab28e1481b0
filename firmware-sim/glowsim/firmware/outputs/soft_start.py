"""The soft start over time: the limiter, tick by tick, with a motor that lags behind its drive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware.outputs.limiter import STEP_UA, limit
from glowsim.firmware.outputs.spin import Spin

if TYPE_CHECKING:
    from glowsim.firmware.outputs.limiter import Cap
    from glowsim.physics.types import Drive

_AMPLITUDE_STEP = 0.001


class SoftStart:
    """Raises the outputs to the wanted level, under a cap and no faster than a soft start allows.

    `rises` says whether the soft start, and not a cap, keeps an output below the wanted level.
    """

    def __init__(self, now_us: int) -> None:
        self._then_us = now_us
        self._spin = Spin()
        self._steady: tuple[Drive, Drive, Cap, int, float] | None = None
        self.rises = False

    def raised(self, now_us: int, level: Drive, wanted: Drive, cap: Cap, ramp_s: float) -> Drive:
        """Return the level from `now_us` on, given the `level` until now; `ramp_s` is the program's own ramp."""
        dt_us, self._then_us = now_us - self._then_us, now_us
        if self._spin.must_stop(now_us, level, wanted.vibration_hz if wanted.amplitude > 0.0 else 0.0):
            self._steady, self.rises = None, True
            return limit(level, wanted, dt_us * 1e-6, cap._replace(amplitude_max=0.0), ramp_s)
        asked = level, wanted, cap, dt_us, ramp_s
        if asked == self._steady:
            return level
        new = limit(level, wanted, dt_us * 1e-6, cap, ramp_s)
        self.rises = _rising(new, wanted, cap)
        # A request that left the level unchanged will leave it unchanged again, as long as it stays exactly the same.
        self._steady = asked if new is level else None
        return new


def _rising(level: Drive, wanted: Drive, cap: Cap) -> bool:
    if level.amplitude >= wanted.amplitude and level.peak_ua >= wanted.peak_ua:
        return False
    amplitude = min(wanted.amplitude * cap.share, cap.amplitude_max)
    peak_ua = min(wanted.peak_ua * cap.share, cap.peak_ua_max)
    return level.amplitude < amplitude - _AMPLITUDE_STEP or level.peak_ua < peak_ua - STEP_UA
