"""The stroke finder's memory of one head between blocks: what a later sample may still need of the earlier ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from glowtool.stream.block import Stroke

if TYPE_CHECKING:
    from glowtool.stream.heads import Head


class Moment(NamedTuple):
    """A sample that is remembered: how many of its contact were seen by then, and the sum of their pressure.

    A stroke's beginning counts the samples before it, its end those up to it: their difference is the stroke's own.
    """

    sample: int
    time_us: int
    seen: int
    sum_kpa: float


class Mark(NamedTuple):
    """A turning point: how far out it lies, the last sample at which the head was still there, the peak since."""

    farthest_mm: float
    at: Moment
    peak_kpa: float

    @property
    def is_finite(self) -> bool:
        """Whether all of its numbers are."""
        return math.isfinite(self.farthest_mm + self.peak_kpa + self.at.sum_kpa)


class Last(NamedTuple):
    """The last sample of a contact, and the samples up to it."""

    sample: int
    travel_mm: float
    seen: int
    sum_kpa: float


class Seeking(NamedTuple):
    """A head in contact without a stroke: it has not yet moved away from its lowest or its highest point."""

    low: Mark
    high: Mark

    @property
    def is_finite(self) -> bool:
        """Whether all of its numbers are."""
        return self.low.is_finite and self.high.is_finite


class Moving(NamedTuple):
    """A stroke in progress, up (`sign` 1) or down (−1).

    `ahead` is the farthest point so far, where the next stroke begins if the head turns; `end` is the sample that
    reached it first, where this one ends. `count_samples` is how long the encoder took for its last count.
    """

    sign: int
    start: Mark
    ahead: Mark
    end: Moment
    end_peak_kpa: float
    count_samples: int = 1
    doubt: Doubt | None = None

    @property
    def is_finite(self) -> bool:
        """Whether all of its numbers are."""
        return self.start.is_finite and self.ahead.is_finite

    def mean_kpa(self) -> float:
        """Return the mean pressure from the start to the end so far, over the samples present."""
        start, end = self.start.at, self.end
        return (end.sum_kpa - start.sum_kpa) / (end.seen - start.seen)

    def way_mm(self) -> float:
        """Return the signed distance from the start to the end so far."""
        return self.ahead.farthest_mm - self.start.farthest_mm

    def stroke(self, head: Head, known_sample: int) -> Stroke:
        """Return the stroke as it ends now, at its farthest point."""
        start, end = self.start.at, self.end
        ends = (start.sample, end.sample, start.time_us, end.time_us)
        return Stroke(head, *ends, self.way_mm(), self.mean_kpa(), self.end_peak_kpa, known_sample)


class Doubt(NamedTuple):
    """Two ways to take a gap: the stroke as it was before, and the first sample after, where another may begin."""

    before: Moving
    after: Mark


Phase = Seeking | Moving
