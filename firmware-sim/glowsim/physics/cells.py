"""The four pressure cells: gain, zero, drift, hysteresis, noise, steps of 0.01 kPa, saturation at 40 kPa."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.physics.source import source

if TYPE_CHECKING:
    from glowsim.physics.noise import Noise

RAW_FULL: Final = 4000
RAW_PER_KPA: Final = 100.0

#: The temperature at which a cell was calibrated.
REFERENCE_C: Final = 25.0

_ORDER: Final = "assumption, in the order of a good piezoresistive cell after calibration"


@dataclass(frozen=True, slots=True)
class CellParameters:
    """Tolerances of a cell; each of the four draws its own gain, offset and thermal drift."""

    gain_tolerance: float = field(default=0.01, metadata=source("share", _ORDER))
    offset_kpa: float = field(default=0.03, metadata=source("kPa", _ORDER))
    noise_kpa: float = field(default=0.015, metadata=source("kPa", _ORDER))
    hysteresis_kpa: float = field(default=0.02, metadata=source("kPa", _ORDER + ": 0.05 % of full scale"))
    thermal_kpa_per_k: float = field(default=0.002, metadata=source("kPa/K", _ORDER))
    wander_kpa: float = field(default=0.01, metadata=source("kPa/√min", _ORDER))


class Cells:
    """Four cells, left-front, left-rear, right-front, right-rear, with tolerances drawn once.

    Hysteresis is play: a reading follows rising pressure from below and falling pressure from above, half of
    `hysteresis_kpa` off each time.
    """

    __slots__ = ("_gains", "_held", "_noise", "_noise_raw", "_offsets", "_play", "_thermal", "_wander", "_zeros")

    def __init__(self, parameters: CellParameters, noise: Noise) -> None:
        self._noise = noise
        self._noise_raw = parameters.noise_kpa * RAW_PER_KPA
        self._gains = [RAW_PER_KPA * (1.0 + parameters.gain_tolerance * noise.normal()) for _ in range(4)]
        self._zeros = [RAW_PER_KPA * parameters.offset_kpa * abs(noise.normal()) for _ in range(4)]
        self._thermal = [RAW_PER_KPA * parameters.thermal_kpa_per_k * noise.normal() for _ in range(4)]
        self._wander = RAW_PER_KPA * parameters.wander_kpa
        self._play = 0.5 * parameters.hysteresis_kpa
        self._offsets = list(self._zeros)
        self._held = 0.0, 0.0, 0.0, 0.0

    def drift(self, dt_s: float, left_c: float, right_c: float) -> None:
        """Let the zeros drift for `dt_s`, with the heads' temperatures and by themselves."""
        step = self._wander * (dt_s / 60.0) ** 0.5
        for index, thermal in enumerate(self._thermal):
            if step:
                self._zeros[index] += step * self._noise.normal()
            warmer_k = (left_c if index < 2 else right_c) - REFERENCE_C
            self._offsets[index] = self._zeros[index] + thermal * warmer_k

    def sense(self, pressures_kpa: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        """Return the raw counts for true pressures in kPa."""
        held = self._held = self._felt(pressures_kpa)
        pop, scale = self._noise.ready(4).pop, self._noise_raw
        (lf, lr, rf, rr), (lf_gain, lr_gain, rf_gain, rr_gain) = held, self._gains
        lf_zero, lr_zero, rf_zero, rr_zero = self._offsets
        raw = (
            a := round(lf * lf_gain + lf_zero + scale * pop()),
            b := round(lr * lr_gain + lr_zero + scale * pop()),
            c := round(rf * rf_gain + rf_zero + scale * pop()),
            d := round(rr * rr_gain + rr_zero + scale * pop()),
        )
        if 0 <= a <= RAW_FULL and 0 <= b <= RAW_FULL and 0 <= c <= RAW_FULL and 0 <= d <= RAW_FULL:
            return raw
        a, b, c, d = (min(RAW_FULL, max(0, count)) for count in raw)
        return a, b, c, d

    def _felt(self, pressures_kpa: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Return the pressures behind each cell's play. It is written out because a loop takes twice as long."""
        play = self._play
        lf, lr, rf, rr = self._held
        a, b, c, d = pressures_kpa
        if a > lf + play:
            lf = a - play
        elif a < lf - play:
            lf = a + play
        if b > lr + play:
            lr = b - play
        elif b < lr - play:
            lr = b + play
        if c > rf + play:
            rf = c - play
        elif c < rf - play:
            rf = c + play
        if d > rr + play:
            rr = d - play
        elif d < rr - play:
            rr = d + play
        return lf, lr, rf, rr
