"""What a motor makes of a track: it rises no faster than its soft start, and falls at once.

What is felt rises with the amplitude and with the shaking, amplitude × frequency²: neither goes from nothing to full
in less than the soft start, also where only the frequency rises.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.routine.imports.track import HIGHEST_HZ, Point, between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The fastest rise: full amplitude, or full shaking, in the shortest soft start.
RISE_PER_S: Final = 1.0 / limit(CeilingId.SOFT_START)

#: Where the frequency rises, a line is followed in so many parts.
_PARTS: Final = 4
_NEAR: Final = 1e-12

#: How often the end of a line that is too steep is halved towards one that is not.
_HALVINGS: Final = 12


def followed(points: Sequence[Point], rise_per_s: float = RISE_PER_S) -> tuple[Point, ...]:
    """Return a track that rises no faster than this, never above the given one, and equal to it where it can be."""
    return tuple(point for _, line in _lines(points, rise_per_s) for point in line)


def largest_loss(points: Sequence[Point], rise_per_s: float = RISE_PER_S) -> float:
    """Return by how much the track that can be followed lies below the given one, where that is most."""
    return max((wanted.amplitude - line[-1].amplitude for wanted, line in _lines(points, rise_per_s)), default=0.0)


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
        before = begin
        for after in _parts(begin, end):
            for point in _along(before, after, reached.amplitude, rise_per_s):
                reached = _held(reached, point, rise_per_s)
                line.append(reached)
            before = after
        yield end, tuple(line)


def _parts(begin: Point, end: Point) -> Iterator[Point]:
    if end.frequency_hz > begin.frequency_hz:
        span_s = (end.at_s - begin.at_s) / _PARTS
        yield from (between(begin, end, begin.at_s + span_s * part) for part in range(1, _PARTS))
    yield end


def _along(before: Point, after: Point, reached: float, rise_per_s: float) -> Iterator[Point]:
    """Follow one line of the track from a level at or below its beginning."""
    span_s = after.at_s - before.at_s
    gap = before.amplitude - reached
    closing_per_s = rise_per_s - (after.amplitude - before.amplitude) / span_s
    if gap > _NEAR and closing_per_s * span_s > gap:
        yield between(before, after, before.at_s + gap / closing_per_s)
        yield after
    elif gap <= _NEAR and closing_per_s >= 0:
        yield after
    else:
        yield after._replace(amplitude=min(reached + rise_per_s * span_s, after.amplitude))


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
    rise = rise_per_s * (after.at_s - before.at_s)
    if after.amplitude - before.amplitude > rise:
        return False
    if before.frequency_hz == after.frequency_hz:
        return True
    looks = [between(before, after, before.at_s + (after.at_s - before.at_s) * part / 16) for part in range(17)]
    return all(_shaking(now) - _shaking(was) <= rise / 16 for was, now in itertools.pairwise(looks))


def _lowered(before: Point, point: Point, rise_per_s: float) -> Point:
    for wanted in (point, point._replace(frequency_hz=before.frequency_hz)):
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
