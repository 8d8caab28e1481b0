"""The statistics of whole numbers: how often each count came. Everything else follows exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.stream.block import IntArray


@dataclass(slots=True)
class Tally:
    """How often each raw count came, from `low` on; it takes and merges by adding, so the order plays no part.

    Its moments are those of the counts; a linear calibration turns them into units.
    """

    low: int = 0
    times: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def count(self) -> int:
        """How many values there are."""
        return int(self.times.sum())

    def take(self, values: npt.NDArray[np.generic]) -> None:
        """Take values of an integer type, shape (n,)."""
        if len(values):
            wide = values.astype(np.int64)
            low = int(wide.min())
            self.merge(Tally(low, np.bincount(wide - low).astype(np.int64)))

    def merge(self, other: Tally) -> None:
        """Add what another tally has."""
        if not len(other.times):
            return
        if not len(self.times):
            self.low, self.times = other.low, other.times.copy()
            return
        low = min(self.low, other.low)
        end = max(self.low + len(self.times), other.low + len(other.times))
        if low < self.low or end > self.low + len(self.times):
            wider = np.zeros(end - low, np.int64)
            wider[self.low - low : self.low - low + len(self.times)] = self.times
            self.low, self.times = low, wider
        self.times[other.low - low : other.low - low + len(other.times)] += other.times

    @property
    def minimum(self) -> int | None:
        """The least value, None without any."""
        present = np.flatnonzero(self.times)
        return self.low + int(present[0]) if len(present) else None

    @property
    def maximum(self) -> int | None:
        """The largest value, None without any."""
        present = np.flatnonzero(self.times)
        return self.low + int(present[-1]) if len(present) else None

    @property
    def mean(self) -> Fraction | None:
        """The mean, exactly; None without a value."""
        return Fraction(self._sums()[0], self.count) if self.count else None

    @property
    def variance(self) -> Fraction | None:
        """The mean squared distance from the mean, exactly; None without a value."""
        count = self.count
        if not count:
            return None
        total, squares = self._sums()
        return Fraction(squares * count - total * total, count * count)

    def share(self, low: float, high: float) -> float:
        """Return the share of values with low ≤ value ≤ high; NaN without a value."""
        count = self.count
        first, last = max(math.ceil(low) - self.low, 0), math.floor(high) - self.low + 1
        inside = int(self.times[first:last].sum()) if last > first else 0
        return inside / count if count else math.nan

    def percentile(self, percent: float) -> float:
        """Return a percentile, linear between neighbours as `numpy.percentile` does by default; NaN without a value."""
        count = self.count
        if not count:
            return math.nan
        at = (count - 1) * Fraction(percent) / 100
        below = math.floor(at)
        ends = np.cumsum(self.times)
        one, other = (
            self.low + int(np.searchsorted(ends, rank, "right")) for rank in (below, min(below + 1, count - 1))
        )
        return float(one + (other - one) * (at - below))

    def _sums(self) -> tuple[int, int]:
        """Return the sum of the values and of their squares."""
        present = np.flatnonzero(self.times)
        values, times = present + self.low, self.times[present]
        if self.count * max(self.low**2, (self.low + len(self.times)) ** 2) < 1 << 62:
            return int(values @ times), int(values * values @ times)
        pairs = list(zip(values.tolist(), times.tolist(), strict=True))
        return sum(value * often for value, often in pairs), sum(value * value * often for value, often in pairs)
