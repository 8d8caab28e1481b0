"""The stroke finder's data on one head: samples, turning points, and the stroke in progress."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Crossing(enum.Enum):
    """The effect of samples missing before this one: the gap is bridged, it leaves a doubt, or it ends the stroke."""

    BRIDGED = enum.auto()
    DOUBTFUL = enum.auto()
    ENDED = enum.auto()


class Point(NamedTuple):
    """One sample of one head. `before` counts the samples before it in this contact, `before_kpa` adds them up."""

    sample: int
    time_us: int
    travel_mm: float
    pressure_kpa: float
    before: int
    before_kpa: float


@dataclass(slots=True)
class Mark:
    """A turning point that may become the start of a stroke: how far out it lies, its last sample, the peak since."""

    sign: int
    farthest_mm: float
    at: Point
    peak_kpa: float

    @classmethod
    def fresh(cls, sign: int, point: Point) -> Mark:
        """Return a turning point at this sample; `sign` is 1 for a highest one, −1 for a lowest."""
        return cls(sign, point.travel_mm, point, point.pressure_kpa)

    def follow(self, point: Point, jitter_mm: float) -> None:
        """Move along while the head is at the turning point or beyond it."""
        beyond_mm = (point.travel_mm - self.farthest_mm) * self.sign
        if beyond_mm >= -jitter_mm:
            if beyond_mm > 0:
                self.farthest_mm = point.travel_mm
            self.at, self.peak_kpa = point, point.pressure_kpa
        else:
            self.peak_kpa = max(self.peak_kpa, point.pressure_kpa)

    def left_by_mm(self, point: Point) -> float:
        """Return how far the head has moved back from the turning point."""
        return (self.farthest_mm - point.travel_mm) * self.sign


@dataclass(slots=True)
class Moving:
    """A stroke in progress: its start, the peak so far, and the point at which it would end if the head rested now.

    `count_samples` is how long the encoder took for its last count. `doubt` is set after a gap in which the head may
    have been lifted.
    """

    start: Mark
    peak_kpa: float
    end: Point
    end_peak_kpa: float
    count_samples: int = 1
    doubt: Doubt | None = None

    def follow(self, point: Point) -> None:
        """Note the pressure of one more sample."""
        self.peak_kpa = max(self.peak_kpa, point.pressure_kpa)
        if self.doubt is not None:
            self.doubt.after.peak_kpa = max(self.doubt.after.peak_kpa, point.pressure_kpa)

    def advance(self, point: Point) -> None:
        """Note that the head has reached a new farthest point."""
        self.count_samples = point.sample - self.end.sample
        self.end, self.end_peak_kpa = point, self.peak_kpa

    def mean_kpa(self) -> float:
        """Return the mean pressure from the start to the end so far, over the samples present."""
        start, end = self.start.at, self.end
        return (end.before_kpa + end.pressure_kpa - start.before_kpa) / (end.before + 1 - start.before)

    def way_mm(self) -> float:
        """Return the signed distance from the start to the end so far."""
        return self.end.travel_mm - self.start.farthest_mm


@dataclass(slots=True)
class Doubt:
    """Two ways to take a gap: the stroke as it was before, and the first sample after, where another may begin."""

    before: Moving
    after: Mark
