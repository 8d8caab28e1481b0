"""The soft start as lines that amplitude, acceleration, peak, r.m.s. and phase charge may not exceed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge.ceilings import CURRENT_HZ, FULL, PEAK_UA, SLACK, SOFT_START_S, VIBRATION_HZ
from chaos.judge.margins import MOTOR, SHAKEN, STEP_UA, STEP_UC
from glowtool.model.output import Waveform

if TYPE_CHECKING:
    from glowsim.physics.types import Delivered, Drive

#: Each waveform's r.m.s. as a share of its peak, and the charge of a phase in µC for 1 µA at 1 Hz (protocol).
RMS: Final = {
    Waveform.NONE: 0.0, Waveform.BIPHASIC_SQUARE: 1.0, Waveform.BIPHASIC_PULSE: 0.1**0.5, Waveform.MODULATED: 0.5**0.5,
}  # fmt: skip
CHARGE: Final = {
    Waveform.NONE: 0.0, Waveform.BIPHASIC_SQUARE: 0.5, Waveform.BIPHASIC_PULSE: 0.05, Waveform.MODULATED: 0.3183099,
}  # fmt: skip

#: The largest charge that the ceilings allow: 400 µA at 1 Hz, square.
FULL_UC: Final = PEAK_UA * CHARGE[Waveform.BIPHASIC_SQUARE] / CURRENT_HZ[0]


class Rise:
    """The steepest rise so far: no value may stand above an earlier one by more than the slope allows.

    `excess` is the most that one stood above, `full_us` the shortest time from zero to full, reckoned from values of at
    least half, less what is allowed above.
    """

    def __init__(self, full: float, allowance: float) -> None:
        self._full = full
        self._slope = full / (SOFT_START_S * 1e6)
        self._allowed = allowance + SLACK
        self._line = self._lowest = 0.0
        self._time_us = self._zero_us = 0
        self.excess = 0.0
        self.full_us = float("inf")

    def rest(self, time_us: int) -> None:
        """Take note that the value was zero until now."""
        self._time_us = self._zero_us = time_us
        self._line = self._lowest = 0.0

    def passes(self, time_us: int, value: float, ramp_s: float = SOFT_START_S) -> bool:
        """Return whether `value` rose too fast since the last one, for a time from zero to full of `ramp_s`."""
        self._line += self._slope * (time_us - self._time_us) * (SOFT_START_S / ramp_s)
        self._time_us = time_us
        if value == 0.0:
            self._zero_us = time_us
        elif value >= 0.5 * self._full:
            self.full_us = min(self.full_us, (time_us - self._zero_us) * self._full / (value - self._allowed))
        level = value - self._line
        if level < self._lowest:
            self._lowest = level
            return False
        self.excess = max(self.excess, level - self._lowest)
        return level > self._lowest + self._allowed


class SoftStart:
    """All lines, of what is asked for and of what is done.

    `ramp_s` is the step's own time from zero to full. It counts for what is asked for: a motor comes after it.
    """

    def __init__(self) -> None:
        self._asked = Rise(FULL, 0.0), Rise(PEAK_UA, STEP_UA)
        self.motor, self.source = Rise(FULL, MOTOR), Rise(PEAK_UA, STEP_UA)
        self._asked_shaking, self.shaking = Rise(FULL, SHAKEN), Rise(FULL, SHAKEN)
        self.rms, self.charge = Rise(PEAK_UA, STEP_UA), Rise(FULL_UC, STEP_UC)
        self._asked_rms, self._asked_charge = Rise(PEAK_UA, STEP_UA), Rise(FULL_UC, STEP_UC)
        self._still = True
        self._then_us = 0
        self._all = (
            *self._asked, self.motor, self.source, self._asked_shaking, self.shaking, self.rms, self.charge,
            self._asked_rms, self._asked_charge,
        )  # fmt: skip

    def judge(self, now_us: int, delivered: Delivered, drive: Drive, ramp_s: float) -> str:
        """Return what rose too fast."""
        then_us, self._then_us = self._then_us, now_us
        if drive.quiet and delivered.quiet:
            self._still = True
            return ""
        if self._still:
            self._still = False
            for rise in self._all:
                rise.rest(then_us)
        return self._drive(now_us, drive, ramp_s) or self._done(now_us, delivered)

    def _drive(self, now_us: int, drive: Drive, ramp_s: float) -> str:
        amplitude, peak_ua = self._asked
        if amplitude.passes(now_us, drive.amplitude, ramp_s) or peak_ua.passes(now_us, drive.peak_ua, ramp_s):
            return "soft start (drive)"
        if self._asked_shaking.passes(now_us, drive.amplitude * (drive.vibration_hz / VIBRATION_HZ[1]) ** 2):
            return "soft start of the acceleration (drive)"
        if self._asked_rms.passes(now_us, drive.peak_ua * RMS[drive.waveform]):
            return "soft start of the r.m.s. current (drive)"
        charge_uc = drive.peak_ua * CHARGE[drive.waveform] / drive.current_hz if drive.peak_ua else 0.0
        return "soft start of the phase charge (drive)" if self._asked_charge.passes(now_us, charge_uc) else ""

    def _done(self, now_us: int, delivered: Delivered) -> str:
        moved = self.motor.passes(now_us, delivered.amplitude)
        if self.source.passes(now_us, delivered.peak_ua) or moved:
            return "soft start (electrode, motor)"
        if self.shaking.passes(now_us, delivered.amplitude * (delivered.vibration_hz / VIBRATION_HZ[1]) ** 2):
            return "soft start of the acceleration (motor)"
        if self.rms.passes(now_us, delivered.density_rms_ua_cm2 * delivered.contact_area_cm2):
            return "soft start of the r.m.s. current (electrode)"
        charged = self.charge.passes(now_us, max(delivered.phase_charge_uc))
        return "soft start of the phase charge (electrode)" if charged else ""
