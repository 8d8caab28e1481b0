"""The stroke finder in its plainest form: every sample an object, one after the other.

It is slow, and the rule can be read from it. The stream's finder must give the same strokes, bit for bit.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from glowtool.stream.block import Stroke
from glowtool.stream.strokes.rule import StrokeSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.block import Reading
    from glowtool.stream.heads import Head


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


@dataclass(slots=True)
class HeadState:
    """One head in contact: the two tracked turning points, the stroke in progress, the last sample."""

    low: Mark | None = None
    high: Mark | None = None
    moving: Moving | None = None
    last: Point | None = None


class HeadTracker:
    """The segmenter of one head. Every sample costs a few comparisons; nothing looks ahead."""

    def __init__(self, head: Head, settings: StrokeSettings, rate_hz: int) -> None:
        self._head = head
        self._settings = settings
        self._rest_samples = round(settings.rest_s * rate_hz)
        self._still_samples = round(settings.still_s * rate_hz)
        self._slowing_samples = round(settings.slowing_s * rate_hz)
        self._blink_samples = round(settings.blink_s * rate_hz)
        self._fastest_mm = settings.fastest_mm_per_s / rate_hz
        self.state = HeadState()

    def touch(self, sample: int, time_us: int, travel_mm: float, pressure_kpa: float) -> Iterator[Stroke]:
        """Take one sample in contact; yield the stroke that it ends."""
        last = self.state.last
        crossing = Crossing.BRIDGED if last is None else self._crossing(last, sample, travel_mm)
        if last is not None and crossing is Crossing.ENDED:
            yield from self.lift(last.sample + 1)
            last = None
        before, before_kpa = (0, 0.0) if last is None else (last.before + 1, last.before_kpa + last.pressure_kpa)
        point = Point(sample, time_us, travel_mm, pressure_kpa, before, before_kpa)
        moving = self.state.moving
        if moving is not None and crossing is Crossing.DOUBTFUL and moving.doubt is None:
            moving.doubt = Doubt(replace(moving), Mark.fresh(moving.start.sign, point))
        yield from self._take(point)
        self.state.last = point

    def lift(self, known_sample: int) -> Iterator[Stroke]:
        """Note that contact is lost; yield the stroke that this ends."""
        yield from self._close(known_sample)
        self.state = HeadState()

    def _take(self, point: Point) -> Iterator[Stroke]:
        state = self.state
        if state.low is None or state.high is None:
            state.low, state.high = Mark.fresh(-1, point), Mark.fresh(1, point)
            return
        state.low.follow(point, self._settings.jitter_mm)
        state.high.follow(point, self._settings.jitter_mm)
        if state.moving is None:
            self._look_for_start(state.low, state.high, point)
        else:
            yield from self._go_on(state.moving, state.low, state.high, point)

    def _crossing(self, last: Point, sample: int, travel_mm: float) -> Crossing:
        """Return whether one movement leads from the last sample to this one, whatever is missing between them."""
        samples, way_mm = sample - last.sample, travel_mm - last.travel_mm
        missing, moving = samples - 1, self.state.moving
        if abs(way_mm) > samples * self._fastest_mm or missing >= self._rest_samples:
            return Crossing.ENDED
        if missing <= self._blink_samples or moving is None:
            return Crossing.BRIDGED
        onward_mm = way_mm * -moving.start.sign
        rolled_samples = moving.end.sample - moving.start.at.sample
        enough = onward_mm * rolled_samples >= self._settings.onward_share * abs(moving.way_mm()) * samples
        return Crossing.BRIDGED if enough else Crossing.DOUBTFUL

    def _look_for_start(self, low: Mark, high: Mark, point: Point) -> None:
        for start in (low, high):
            if start.left_by_mm(point) >= self._settings.turn_mm:
                self._start(start, point)
                return

    def _start(self, start: Mark, point: Point) -> None:
        """Begin the stroke that leaves `start`; search for the next turning point from here."""
        state = self.state
        state.moving = Moving(replace(start), start.peak_kpa, point, start.peak_kpa)
        if start.sign < 0:
            state.high = Mark.fresh(1, point)
        else:
            state.low = Mark.fresh(-1, point)

    def _go_on(self, moving: Moving, low: Mark, high: Mark, point: Point) -> Iterator[Stroke]:
        moving.follow(point)
        ahead = high if moving.start.sign < 0 else low
        if ahead.left_by_mm(point) >= self._settings.turn_mm:
            yield from self._close(point.sample)
            self._start(ahead, point)
            return
        if (point.travel_mm - moving.end.travel_mm) * ahead.sign > 0:
            moving.advance(point)
            yield from self._settle(moving, point)
        elif self._rests(moving, point):
            # The turning point ahead stays: a slow turn looks like a rest, and the way back begins there.
            if ahead is high:
                self.state.low = Mark.fresh(-1, point)
            else:
                self.state.high = Mark.fresh(1, point)
            yield from self._close(point.sample)

    def _settle(self, moving: Moving, point: Point) -> Iterator[Stroke]:
        """End the stroke before a doubtful gap when the head has moved far enough after it to make another one."""
        if moving.doubt is None:
            return
        before, after = moving.doubt.before, moving.doubt.after
        if after.left_by_mm(point) >= self._settings.shortest_mm:
            self.state.moving = before
            yield from self._close(point.sample)
            self._start(after, point)

    def _rests(self, moving: Moving, point: Point) -> bool:
        """Return whether the head has stood still for long enough, or was lifted meanwhile."""
        standing = point.sample - moving.end.sample
        if standing >= self._still_samples and point.pressure_kpa <= self._settings.eased_share * moving.mean_kpa():
            return True
        return standing >= self._rest_samples + min(2 * moving.count_samples, self._slowing_samples)

    def _close(self, known_sample: int) -> Iterator[Stroke]:
        """End the stroke in progress at its farthest point; yield it unless there is none, or it was too short."""
        moving, self.state.moving = self.state.moving, None
        if moving is None or abs(moving.way_mm()) < self._settings.shortest_mm:
            return
        start, end = moving.start.at, moving.end
        yield Stroke(
            self._head,
            start.sample,
            end.sample,
            start.time_us,
            end.time_us,
            moving.way_mm(),
            moving.mean_kpa(),
            moving.end_peak_kpa,
            known_sample,
        )


@dataclass(slots=True)
class StepwiseSegmenter:
    """A tracker for each head that has an encoder, and the sample that comes next."""

    settings: StrokeSettings = field(default_factory=StrokeSettings)
    trackers: dict[Head, HeadTracker] = field(default_factory=dict)
    next_sample: int = 0

    def take(self, reading: Reading) -> list[Stroke]:
        """Return the strokes that become known in one reading, in the stream's order."""
        found: list[Stroke] = []
        for each in reading.layout.heads:
            if each.travel is not None:
                if each.head not in self.trackers:
                    self.trackers[each.head] = HeadTracker(each.head, self.settings, reading.rate_hz)
                found += self._track(each.head, each.travel, reading)
        if len(reading):
            self.next_sample = reading.first_sample + len(reading)
        return sorted(found, key=lambda stroke: (stroke.known_sample, stroke.head))

    def flush(self) -> list[Stroke]:
        """Return the strokes in progress as if contact were lost now."""
        return [stroke for tracker in self.trackers.values() for stroke in tracker.lift(self.next_sample)]

    def _track(self, head: Head, travel: str, reading: Reading) -> Iterator[Stroke]:
        tracker = self.trackers[head]
        rows = zip(
            reading.columns["sample"].tolist(),
            reading.columns["device_time_us"].tolist(),
            reading.floats(travel).tolist(),
            reading.floats(f"pressure_{head}_kpa").tolist(),
            reading.flags(f"contact_{head}").tolist(),
            strict=True,
        )
        for sample, time_us, travel_mm, pressure_kpa, touching in rows:
            if touching:
                yield from tracker.touch(sample, time_us, travel_mm, pressure_kpa)
            elif tracker.state.last is not None:
                yield from tracker.lift(sample)
