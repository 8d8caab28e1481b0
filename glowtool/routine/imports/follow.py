"""What a motor makes of a track: it rises no faster than its soft start, and falls at once.

What is felt rises with the amplitude and with the shaking, amplitude × frequency²: neither goes from nothing to full
in less than the soft start, also where only the frequency rises. A motor that shall turn much faster at once stops and
starts anew, so the frequency rises slowly, too.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.model.ceilings import CeilingId, limit
from glowtool.routine.imports.track import HIGHEST_HZ, Point, between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The fastest rise: full amplitude, or full shaking, in the shortest soft start.
RISE_PER_S: Final = 1.0 / limit(CeilingId.SOFT_START)

#: The fastest rise of the frequency: with it a motor at full amplitude lags so little that it need not stop first.
RISE_HZ_PER_S: Final = 50.0

#: Where the frequency rises, a line is followed in so many parts.
_PARTS: Final = 4
_NEAR: Final = 1e-12

#: No line is cut into shorter ones: numbers would not tell their ends apart.
_NEAR_S: Final = 1e-6

#: The step of a device's frequencies.
_HZ_STEP: Final = 0.1

#: How often the end of a line that is too steep is halved towards one that is not.
_HALVINGS: Final = 12


def followed(points: Sequence[Point], rise_per_s: float = RISE_PER_S) -> tuple[Point, ...]:
    """Return a track that rises no faster than this, never above the given one, and equal to it where it can be."""
    return tuple(point for _, line in _lines(points, rise_per_s) for point in line)


class Loss(NamedTuple):
    """By how much a track that can be followed lies below the given one, where that is most."""

    amplitude: float
    frequency_hz: float


def largest_loss(points: Sequence[Point], rise_per_s: float = RISE_PER_S) -> Loss:
    """Return the largest distances between a track and what can be followed of it."""
    ends = [(wanted, line[-1]) for wanted, line in _lines(points, rise_per_s)]
    return Loss(
        max((wanted.amplitude - end.amplitude for wanted, end in ends), default=0.0),
        max((wanted.frequency_hz - end.frequency_hz for wanted, end in ends if wanted.amplitude > 0), default=0.0),
    )


def mean_amplitude(points: Sequence[Point]) -> float:
    """Return the mean of a track's amplitude over its time, 0 for a track without time."""
    span_s = points[-1].at_s - points[0].at_s if points else 0.0
    if span_s <= 0:
        return 0.0
    area = sum(
        (before.amplitude + after.amplitude) / 2 * (after.at_s - before.at_s)
        for before, after in itertools.pairwise(points)
    )
    return area / span_s


def softened(begin: Point, points: Sequence[Point], rise_per_s: float = RISE_PER_S) -> tuple[Point, ...]:
    """Return as many points, none higher, in a device's steps, between which no line from `begin` on is too steep.

    Where that is not to be had with less amplitude, the frequency stays as it was.
    """
    kept = [begin]
    for point in points:
        if not _soft(kept[-1], point, rise_per_s):
            point = _lowered(kept[-1], point, rise_per_s)  # noqa: PLW2901 - the same moment, with less
        kept.append(as_carried(point))
    return tuple(kept[1:])


def as_carried(point: Point) -> Point:
    """Return a point in a device's steps: 1 ms, a tenth of a percent, rounded down, and a tenth of a hertz."""
    return Point(round(point.at_s, 3), math.floor(point.amplitude * 1000 + _NEAR) / 1000, round(point.frequency_hz, 1))


def farthest(points: Sequence[Point], others: Sequence[Point]) -> float:
    """Return the largest distance between the amplitudes of two tracks that begin and end together."""
    moments = sorted({point.at_s for track in (points, others) for point in track})
    one, other = _levels(points, moments), _levels(others, moments)
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _levels(points: Sequence[Point], moments: Sequence[float]) -> Iterator[float]:
    """Yield the amplitude of a track at moments in their order."""
    index = 0
    for at_s in moments:
        while index < len(points) - 2 and points[index + 1].at_s < at_s:
            index += 1
        yield between(points[index], points[index + 1], min(at_s, points[-1].at_s)).amplitude


def _lines(points: Sequence[Point], rise_per_s: float) -> Iterator[tuple[Point, tuple[Point, ...]]]:
    """Yield each point of a track, and the line that is followed to its moment."""
    if not points:
        return
    # Before its first point a track is silent.
    first = points[0]
    reached = first._replace(amplitude=min(first.amplitude, rise_per_s * first.at_s))
    yield first, (reached,)
    for begin, end in itertools.pairwise(points):
        line: list[Point] = []
        before = begin._replace(frequency_hz=reached.frequency_hz)
        for after in _parts(begin, end, reached.frequency_hz):
            for at_s, amplitude in _climb(before, after, reached.amplitude, rise_per_s):
                point = between(before, after, at_s)._replace(amplitude=amplitude)
                reached = _held(reached, point, rise_per_s)
                line.append(reached)
            before = after
        yield end, tuple(line)


def _parts(begin: Point, end: Point, reached_hz: float) -> Iterator[Point]:
    """Yield the line in parts, with a frequency that rises slowly; where it rises, the parts are short."""
    slow, wanted = begin._replace(amplitude=begin.frequency_hz), end._replace(amplitude=end.frequency_hz)
    before = begin._replace(frequency_hz=reached_hz)
    for at_s, frequency_hz in _climb(slow, wanted, reached_hz, RISE_HZ_PER_S):
        after = between(begin, end, at_s)._replace(frequency_hz=frequency_hz)
        span_s = (after.at_s - before.at_s) / _PARTS
        if after.frequency_hz > before.frequency_hz and span_s > _NEAR_S:
            yield from (between(before, after, before.at_s + span_s * part) for part in range(1, _PARTS))
        yield after
        before = after


def _climb(before: Point, after: Point, reached: float, rise_per_s: float) -> Iterator[tuple[float, float]]:
    """Yield where the amplitude goes along one line of a track, from a level at or below its beginning."""
    span_s = after.at_s - before.at_s
    gap = before.amplitude - reached
    closing_per_s = rise_per_s - (after.amplitude - before.amplitude) / span_s
    if gap > _NEAR and closing_per_s * span_s > gap:
        meets = between(before, after, before.at_s + gap / closing_per_s)
        if before.at_s + _NEAR_S < meets.at_s < after.at_s - _NEAR_S:
            yield meets.at_s, meets.amplitude
        yield after.at_s, after.amplitude
    elif gap <= _NEAR and closing_per_s >= 0:
        yield after.at_s, after.amplitude
    else:
        yield after.at_s, min(reached + rise_per_s * span_s, after.amplitude)


def _held(before: Point, point: Point, rise_per_s: float) -> Point:
    rise = rise_per_s * (point.at_s - before.at_s)
    most = before.amplitude + rise
    if point.frequency_hz > before.frequency_hz:
        most = min(most, (_shaking(before) + rise) / (point.frequency_hz / HIGHEST_HZ) ** 2)
    return point if point.amplitude <= most else point._replace(amplitude=most)


def _shaking(point: Point) -> float:
    return point.amplitude * (point.frequency_hz / HIGHEST_HZ) ** 2


def _soft(before: Point, after: Point, rise_per_s: float) -> bool:
    """Return whether a line is nowhere too steep, looked at in parts where its frequency changes."""
    if after.frequency_hz - before.frequency_hz > RISE_HZ_PER_S * (after.at_s - before.at_s) + _HZ_STEP:
        return False
    rise = rise_per_s * (after.at_s - before.at_s)
    if after.amplitude - before.amplitude > rise:
        return False
    if before.frequency_hz == after.frequency_hz:
        return True
    looks = [between(before, after, before.at_s + (after.at_s - before.at_s) * part / 16) for part in range(17)]
    return all(_shaking(now) - _shaking(was) <= rise / 16 for was, now in itertools.pairwise(looks))


def _lowered(before: Point, point: Point, rise_per_s: float) -> Point:
    most_hz = before.frequency_hz + RISE_HZ_PER_S * (point.at_s - before.at_s)
    slow = point._replace(frequency_hz=min(point.frequency_hz, most_hz))
    for wanted in (slow, point._replace(frequency_hz=min(point.frequency_hz, before.frequency_hz))):
        low, high = 0.0, min(wanted.amplitude, before.amplitude + rise_per_s * (point.at_s - before.at_s))
        if _soft(before, wanted._replace(amplitude=high), rise_per_s):
            return wanted._replace(amplitude=high)
        if not _soft(before, wanted._replace(amplitude=low), rise_per_s):
            continue
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if _soft(before, wanted._replace(amplitude=middle), rise_per_s) else (low, middle)
            )
        return wanted._replace(amplitude=low)
    raise AssertionError("a line that only falls, at one frequency, is never too steep")
