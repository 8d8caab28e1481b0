"""Rows by the chunk: the extremes of each, and whether a head turns inside it, found for all chunks side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from glowtool.stream.block import BoolArray, FloatArray


class Chunks(NamedTuple):
    """For each chunk of rows, seen in one direction: its farthest and its nearest point, and the turns inside it.

    `back` says whether the head comes back by a turn inside, `onward` whether it goes on by as much. A chunk is plain
    unless it is `notable`: it leads on from the one before, so that a head that had come as far as that one did only
    goes on. Python looks at a few of them, one by one; views and bytes are what it reads fastest.
    """

    farthest_mm: memoryview
    nearest_mm: memoryview
    back: bytes
    onward: bytes
    notable: bytes


def chunks_of(travel_mm: FloatArray, size: int, turn_mm: float) -> tuple[Chunks, Chunks]:
    """Return the chunks of so many rows, seen upwards and downwards (with all signs changed); the rest is in none."""
    # A row of this array holds the same place of every chunk, so that each step below is one for all of them.
    places = np.ascontiguousarray(travel_mm[: len(travel_mm) // size * size].reshape(-1, size).T)
    low, high = places[0].copy(), places[0].copy()
    fall, rise, way = np.zeros_like(low), np.zeros_like(low), np.empty_like(low)
    for place in places[1:]:
        np.minimum(low, place, out=low)
        np.maximum(high, place, out=high)
        np.maximum(rise, np.subtract(place, low, out=way), out=rise)
        np.maximum(fall, np.subtract(high, place, out=way), out=fall)
    falls, rises = fall >= turn_mm, rise >= turn_mm
    return _seen(high, low, falls, rises, turn_mm), _seen(-low, -high, rises, falls, turn_mm)


def _seen(
    farthest_mm: FloatArray, nearest_mm: FloatArray, back: BoolArray, onward: BoolArray, turn_mm: float
) -> Chunks:
    notable = back.copy()
    notable[:1] = True
    notable[1:] |= farthest_mm[1:] <= farthest_mm[:-1]
    notable[1:] |= farthest_mm[:-1] - nearest_mm[1:] >= turn_mm
    return Chunks(farthest_mm.data, nearest_mm.data, back.tobytes(), onward.tobytes(), notable.tobytes())
