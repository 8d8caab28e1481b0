"""Scales and ticks: from seconds and kPa to pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

#: Steps between ticks of time that people can read, in seconds.
_TIME_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to pixels; it does not clip."""

    low: float
    high: float
    low_px: float
    high_px: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.low_px + (value - self.low) / (self.high - self.low) * (self.high_px - self.low_px)


def round_step(span: float, wanted: int) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that gives about `wanted` ticks; raises `ValueError`."""
    if span <= 0 or wanted < 1:
        raise ValueError(f"a span of {span:g} cannot have {wanted} ticks")
    power = 10.0 ** math.floor(math.log10(span / wanted))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power * wanted >= span)


def time_ticks(duration_s: float, wanted: int) -> tuple[int, ...]:
    """Return the ticks of a time axis in whole seconds, from 0, about `wanted` of them."""
    step = next((step for step in _TIME_STEPS_S if step * wanted >= duration_s), math.ceil(duration_s / wanted))
    return tuple(range(0, math.floor(duration_s) + 1, step))


def clock_text(time_s: int) -> str:
    """Return a time as minutes and seconds, such as `1:05`."""
    return f"{time_s // 60}:{time_s % 60:02d}"
