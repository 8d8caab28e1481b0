"""The four pressure cells: gain, zero offset, noise, steps of 0.01 kPa, saturation at 40 kPa."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glowsim.physics.noise import Noise

RAW_FULL: Final = 4000
RAW_PER_KPA: Final = 100.0


@dataclass(frozen=True, slots=True)
class CellParameters:
    """Tolerances of a cell. Assumptions, in the order of a good piezoresistive cell after calibration."""

    gain_tolerance: float = 0.01
    offset_kpa: float = 0.03
    noise_kpa: float = 0.015


class Cells:
    """Four cells, left-front, left-rear, right-front, right-rear, with tolerances drawn once."""

    def __init__(self, parameters: CellParameters, noise: Noise) -> None:
        self._noise = noise
        self._noise_raw = parameters.noise_kpa * RAW_PER_KPA
        self._gains = tuple(RAW_PER_KPA * (1.0 + parameters.gain_tolerance * noise.normal()) for _ in range(4))
        self._offsets = tuple(RAW_PER_KPA * parameters.offset_kpa * abs(noise.normal()) for _ in range(4))

    def sense(self, pressures_kpa: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        """Return the raw counts for true pressures in kPa."""
        a, b, c, d = (self._one(index, pressure) for index, pressure in enumerate(pressures_kpa))
        return a, b, c, d

    def _one(self, index: int, pressure_kpa: float) -> int:
        raw = pressure_kpa * self._gains[index] + self._offsets[index] + self._noise_raw * self._noise.normal()
        return min(RAW_FULL, max(0, round(raw)))
