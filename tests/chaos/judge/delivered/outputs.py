"""Electrode and motor as they really act, compared with the ceilings and with what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge import margins
from chaos.judge.ceilings import (
    CONTACT_US,
    CURRENT_HZ,
    DENSITY,
    DIRECT,
    FULL,
    IMBALANCE,
    PEAK_UA,
    SLACK,
    VIBRATION_HZ,
)
from chaos.judge.delivered.shaking import ACTION_MS2, Exposure
from chaos.judge.delivered.soft_start import CHARGE, RMS
from glowsim.physics.types import IMPEDANCE_OPEN, Drive

if TYPE_CHECKING:
    from chaos.judge.margins import Nearest
    from glowsim.physics.types import Delivered, Sensed

#: How exactly shape and frequency can be told from what flows.
_SHARE: Final = 1e-3


class Outputs:
    """Electrode and motor. `before_us` of vibration count for the day already."""

    def __init__(self, nearest: Nearest, before_us: int) -> None:
        self._nearest = nearest
        self._exposure = Exposure(before_us, VIBRATION_HZ[1])
        self._asked, self._moved = Drive(), 0.0
        self._open_us: int | None = None

    @property
    def asked(self) -> Drive:
        """What was asked for until the last tick."""
        return self._asked

    def judge(self, dt_us: int, delivered: Delivered, drive: Drive) -> str:
        """Return what was delivered and should not have been; `drive` is asked for from now on."""
        asked, self._asked = self._asked, drive
        moved, self._moved = self._moved, delivered.amplitude
        broken = ""
        if delivered.peak_ua > 0.0:
            broken = self._electrode(delivered) or _flows(delivered, asked)
        if delivered.amplitude > 0.0:
            broken = broken or self._shaken(delivered, dt_us)
            if delivered.amplitude > max(asked.amplitude, moved) + SLACK:
                return "motion that was not asked for"
        return broken

    def contact(self, now_us: int, sensed: Sensed, delivered: Delivered, drive: Drive) -> str:
        """Return whether current goes on where nothing is touched, or where the device knows of nothing."""
        if delivered.contact_area_cm2 > 0.0 and sensed.impedance_raw != IMPEDANCE_OPEN:
            self._open_us = None
            return ""
        if self._open_us is None:
            self._open_us = now_us
        lasted_us = now_us - self._open_us
        if drive.peak_ua == 0.0 and delivered.peak_ua == 0.0:
            return ""
        self._nearest.most(margins.CONTACT, lasted_us / 1000)
        return "contact" if lasted_us > CONTACT_US else ""

    def _shaken(self, delivered: Delivered, dt_us: int) -> str:
        frequency_hz, note = delivered.vibration_hz, self._nearest
        self._exposure.add(dt_us, delivered)
        note.most(margins.EXPOSURE, self._exposure.a8_ms2)
        if self._exposure.a8_ms2 > ACTION_MS2:
            return "daily exposure of the hand"
        note.most(margins.AMPLITUDE, 1000 * delivered.amplitude)
        note.least(margins.VIBRATION_LOW, frequency_hz)
        note.most(margins.VIBRATION_HIGH, frequency_hz)
        if delivered.amplitude > FULL + SLACK:
            return "amplitude"
        low, high = VIBRATION_HZ
        return "" if low - SLACK <= frequency_hz <= high + SLACK else "vibration frequency (motor)"

    def _electrode(self, delivered: Delivered) -> str:
        positive, negative = delivered.phase_charge_uc
        net, largest = abs(positive - negative), max(positive, negative)
        # Both phases come at most a hundred times a second: what is left over flows as direct current.
        direct = net * CURRENT_HZ[1] / max(delivered.contact_area_cm2, 1e-9)
        note = self._nearest
        note.most(margins.PEAK, delivered.peak_ua)
        note.most(margins.DENSITY, delivered.density_rms_ua_cm2)
        note.most(margins.DIRECT, direct)
        note.most(margins.IMBALANCE, 1000 * net / largest if largest else 0.0)
        if delivered.peak_ua > PEAK_UA:
            return "peak current"
        if delivered.density_rms_ua_cm2 > DENSITY:
            return "current density"
        return "direct current" if net > IMBALANCE * largest + SLACK or direct > DIRECT else ""


def _flows(delivered: Delivered, asked: Drive) -> str:
    """Return how what flows differs from what was asked for; shape and frequency show in r.m.s. and charge."""
    peak_ua = delivered.peak_ua
    if peak_ua > asked.peak_ua + SLACK:
        return "current that was not asked for"
    rms_ua = delivered.density_rms_ua_cm2 * delivered.contact_area_cm2
    if abs(rms_ua - peak_ua * RMS[asked.waveform]) > _SHARE * peak_ua:
        return "a waveform that was not asked for"
    charge_uc = peak_ua * CHARGE[asked.waveform] / asked.current_hz
    wrong = abs(max(delivered.phase_charge_uc) - charge_uc) > _SHARE * charge_uc
    return "a frequency of the current that was not asked for" if wrong else ""
