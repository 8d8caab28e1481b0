"""The vibration's patterns: the amplitude over one period, with no rise faster than the ramp allows.

Every rise is a soft start. A pattern that swung between zero and full would always be held back by the limiter, so its
depth is reduced to the ramp's rise within the rising part of the pattern.
"""

from __future__ import annotations

import math
from typing import Final

from glowtool.model.output import Pattern

#: The limiter must never shape a pattern.
_MARGIN: Final = 0.9

#: The rise within one period, as a share of a steady rise over the whole period.
_RISING: Final[dict[Pattern, float]] = {
    Pattern.STEADY: 0.0,
    Pattern.PULSE: 0.25,  # half low, a quarter rising, a quarter high
    Pattern.WAVE: 1.0 / math.pi,  # a cosine: its steepest rise is π times its mean one
    Pattern.RAMP: 1.0,
}


def depth(pattern: Pattern, amplitude: float, period_s: float, rise_per_s: float) -> float:
    """Return how far the pattern falls below `amplitude`: to zero, if the ramp can rise from there in time."""
    return min(amplitude, _MARGIN * _RISING[pattern] * rise_per_s * period_s)


def dip(pattern: Pattern, phase: float) -> float:
    """Return where the pattern stands at `phase` (0 to 1): 1 at its lowest, 0 at its full amplitude."""
    match pattern:
        case Pattern.PULSE:
            return min(1.0, max(0.0, 1.0 - (phase - 0.5) / 0.25))
        case Pattern.WAVE:
            return 0.5 * (1.0 + math.cos(2.0 * math.pi * phase))
        case Pattern.RAMP:
            return 1.0 - phase
        case Pattern.STEADY:
            return 0.0


def amplitude_at(pattern: Pattern, amplitude: float, period_s: float, rise_per_s: float, time_s: float) -> float:
    """Return the amplitude (0 to 1) that a pattern asks for at `time_s` into its step."""
    if pattern is Pattern.STEADY:
        return amplitude
    phase = time_s / period_s % 1.0
    return amplitude - depth(pattern, amplitude, period_s, rise_per_s) * dip(pattern, phase)
