"""Fewer points for a track, at most a stated distance from it at every moment.

From each kept point on, the slopes are held that pass every later point within the error; when none is left, a point
is kept and the next line begins. One pass, whatever the file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.routine.imports.follow import RISE_HZ_PER_S, RISE_PER_S
from glowtool.routine.imports.track import HIGHEST_HZ, LOWEST_HZ, Point

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The finest error that is worth a point, and the growth from one try to the next, as shares of full.
FINEST: Final = 0.01
_COARSER: Final = 1.3
COARSEST: Final = 0.5

#: An error of the frequency counts as a share of this range.
RANGE_HZ: Final = HIGHEST_HZ - LOWEST_HZ


class Simplified(NamedTuple):
    """A track of fewer points, and the most that it is off, as a share of full amplitude and of the motor's range."""

    points: tuple[Point, ...]
    error: float


def simplified(points: Sequence[Point], most: int, finest: float = FINEST) -> Simplified | None:
    """Return the track with at most so many points and the least error that gives it, or None when none does."""
    error = finest
    while error <= COARSEST:
        fewer = within(points, error)
        if len(fewer) <= most:
            return Simplified(fewer, error)
        error *= _COARSER
    return None


def within(points: Sequence[Point], error: float) -> tuple[Point, ...]:
    """Return a track at most `error` from this one, with as few points as one pass finds, and no faster rise."""
    if len(points) <= 2:
        return tuple(points)
    of_amplitude = _Bounds(0.0, 1.0, error, RISE_PER_S)
    of_frequency = _Bounds(LOWEST_HZ, HIGHEST_HZ, error * RANGE_HZ, RISE_HZ_PER_S)
    pivot = before = points[0]
    kept = [pivot]
    amplitude, frequency = _Cone(pivot.amplitude, of_amplitude), _Cone(pivot.frequency_hz, of_frequency)
    for point in points[1:]:
        span_s = point.at_s - pivot.at_s
        if not (amplitude.takes(point.amplitude, span_s) and frequency.takes(point.frequency_hz, span_s)):
            pivot = _at(before.at_s, before, amplitude, frequency, pivot.at_s)
            kept.append(pivot)
            amplitude, frequency = _Cone(pivot.amplitude, of_amplitude), _Cone(pivot.frequency_hz, of_frequency)
            span_s = point.at_s - pivot.at_s
        amplitude.narrow(point.amplitude, span_s)
        frequency.narrow(point.frequency_hz, span_s)
        before = point
    kept.append(_at(before.at_s, before, amplitude, frequency, pivot.at_s))
    return tuple(kept)


def _at(at_s: float, wanted: Point, amplitude: _Cone, frequency: _Cone, pivot_s: float) -> Point:
    span_s = at_s - pivot_s
    return Point(at_s, amplitude.value(wanted.amplitude, span_s), frequency.value(wanted.frequency_hz, span_s))


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The range of a quantity, how far a line may be off it, and its steepest rise."""

    low: float
    high: float
    error: float
    steepest: float = math.inf


class _Cone:
    """The slopes from one value on that pass all later values within the error, and never leave the range."""

    __slots__ = ("_bounds", "_from", "_high", "_low")

    def __init__(self, value: float, bounds: _Bounds) -> None:
        self._from, self._bounds = value, bounds
        self._low, self._high = -math.inf, bounds.steepest

    def takes(self, value: float, span_s: float) -> bool:
        """Return whether a line remains that passes this value, too."""
        return max(self._low, self._down(value, span_s)) <= min(self._high, self._up(value, span_s))

    def narrow(self, value: float, span_s: float) -> None:
        """Hold on to the lines that pass this value, too."""
        self._low = max(self._low, self._down(value, span_s))
        self._high = max(min(self._high, self._up(value, span_s)), self._low)

    def value(self, wanted: float, span_s: float) -> float:
        """Return the value after a time that is nearest to the wanted one."""
        slope = min(max((wanted - self._from) / span_s, self._low), self._high)
        return min(max(self._from + slope * span_s, self._bounds.low), self._bounds.high)  # but for rounding, it is

    def _up(self, value: float, span_s: float) -> float:
        return (min(value + self._bounds.error, self._bounds.high) - self._from) / span_s

    def _down(self, value: float, span_s: float) -> float:
        # A track that can be followed never needs a steeper line than the steepest; but for rounding.
        return min((max(value - self._bounds.error, self._bounds.low) - self._from) / span_s, self._bounds.steepest)
