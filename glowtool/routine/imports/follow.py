"""What a motor makes of a track: it rises no faster than its soft start, and falls at once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.routine.imports.track import Point, between

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The fastest rise: full amplitude in the shortest soft start.
RISE_PER_S: Final = 1.0 / limit(CeilingId.SOFT_START)

_NEAR: Final = 1e-12


def followed(points: Sequence[Point], rise_per_s: float = RISE_PER_S) -> tuple[Point, ...]:
    """Return a track that rises no faster than this, never above the given one, and equal to it where it can be."""
    if not points:
        return ()
    first = points[0]
    # Before its first point a track is silent.
    reached = min(first.amplitude, rise_per_s * first.at_s)
    found = [Point(first.at_s, reached, first.frequency_hz)]
    for before, after in itertools.pairwise(points):
        for point in _along(before, after, reached, rise_per_s):
            found.append(point)
            reached = point.amplitude
    return tuple(found)


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
        yield Point(after.at_s, min(reached + rise_per_s * span_s, after.amplitude), after.frequency_hz)


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


def largest_loss(points: Sequence[Point], rise_per_s: float = RISE_PER_S) -> float:
    """Return by how much the track that can be followed lies below the given one, where that is most."""
    if not points:
        return 0.0
    reached = min(points[0].amplitude, rise_per_s * points[0].at_s)
    most = points[0].amplitude - reached
    for before, after in itertools.pairwise(points):
        for point in _along(before, after, reached, rise_per_s):
            reached = point.amplitude
        most = max(most, after.amplitude - reached)
    return most
