"""A head's movements in one direction, each from one turning point to the next: one by one, and by column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glowtool.stream.block import FloatArray, IntArray


class Leg(NamedTuple):
    """A movement in one direction, in the rows [begin, stop): it leads from `start_mm` to `end_mm`.

    `start` is the last row at the turning point before, `end` the row that reached the farthest point first.
    """

    begin: int
    stop: int
    start: int
    end: int
    start_mm: float
    end_mm: float

    @property
    def sign(self) -> int:
        """The direction: 1 upwards, −1 downwards."""
        return 1 if self.end_mm > self.start_mm else -1


@dataclass(frozen=True, slots=True)
class Legs:
    """Legs in their order, a column of shape (legs,) for each of their fields."""

    begins: IntArray
    stops: IntArray
    starts: IntArray
    ends: IntArray
    start_mm: FloatArray
    end_mm: FloatArray

    def __len__(self) -> int:
        return len(self.begins)

    def leg(self, at: int) -> Leg:
        """Return one of them."""
        rows = int(self.begins[at]), int(self.stops[at]), int(self.starts[at]), int(self.ends[at])
        return Leg(*rows, float(self.start_mm[at]), float(self.end_mm[at]))

    def replacing(self, legs: Mapping[int, Sequence[Leg]]) -> Legs:
        """Return these legs with each of those given by its index replaced by others."""
        if not legs:
            return self
        counts = np.ones(len(self), np.int64)
        counts[list(legs)] = [len(parts) for parts in legs.values()]
        firsts = np.cumsum(counts) - counts
        rows = [np.repeat(column, counts) for column in (self.begins, self.stops, self.starts, self.ends)]
        ways = [np.repeat(column, counts) for column in (self.start_mm, self.end_mm)]
        for at, parts in legs.items():
            for column, values in zip((*rows, *ways), zip(*parts, strict=True), strict=True):
                column[firsts[at] : firsts[at] + len(parts)] = values
        begins, stops, starts, ends = rows
        return Legs(begins, stops, starts, ends, *ways)
