"""From travel and contact to strokes: one movement in one direction, from turning point to turning point."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from glowtool.stream.block import Head, Reading, Stroke
from glowtool.stream.contact import BLINK_S

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class StrokeSettings:
    """What is one stroke, and what is two.

    A reversal counts from `turn_mm` on, a stroke from `shortest_mm`; within `jitter_mm` of a turning point the head is
    still there. A rest of `rest_s`, in which the encoder counts no further, ends a stroke where the head came to rest.
    A hand slows down before it rests: its last count takes up to two and a half times as long as the one before, and so
    does the first one after. Twice the time of the last count, but at most `slowing_s`, is therefore not yet rest.

    A lift ends a stroke. One that is too short for the filtered pressure to reach the end of contact shows all the
    same: the head stands still, and its pressure falls to `eased_share` of the stroke's mean. No hand rolls faster
    than `fastest_mm_per_s`: such a jump of the encoder is none, and ends the stroke as well.

    A gap of at most `blink_s` leaves no time for a lift or for a stroke there and back. A longer one, but shorter than
    a rest, is bridged when the encoder says that the head rolled on in it, at no less than `onward_share` of the
    stroke's speed so far; a lifted head stands still. Any longer gap ends the stroke.
    """

    turn_mm: float = 3.0
    shortest_mm: float = 10.0
    jitter_mm: float = 0.15
    rest_s: float = 0.4
    slowing_s: float = 0.1
    eased_share: float = 0.25
    fastest_mm_per_s: float = 2500.0
    blink_s: float = BLINK_S
    onward_share: float = 0.5


class _Point(NamedTuple):
    """One sample of one head. `before` counts the samples before it in this contact, `before_kpa` adds them up."""

    sample: int
    time_us: int
    travel_mm: float
    pressure_kpa: float
    before: int
    before_kpa: float


@dataclass(slots=True)
class _Mark:
    """A turning point that may become the start of a stroke: how far out it lies, its last sample, the peak since."""

    sign: int
    farthest_mm: float
    at: _Point
    peak_kpa: float

    @classmethod
    def fresh(cls, sign: int, point: _Point) -> _Mark:
        return cls(sign, point.travel_mm, point, point.pressure_kpa)

    def follow(self, point: _Point, jitter_mm: float) -> None:
        """Move along while the head is at the turning point or beyond it."""
        beyond_mm = (point.travel_mm - self.farthest_mm) * self.sign
        if beyond_mm >= -jitter_mm:
            if beyond_mm > 0:
                self.farthest_mm = point.travel_mm
            self.at, self.peak_kpa = point, point.pressure_kpa
        else:
            self.peak_kpa = max(self.peak_kpa, point.pressure_kpa)

    def left_by_mm(self, point: _Point) -> float:
        """Return how far the head has moved back from the turning point."""
        return (self.farthest_mm - point.travel_mm) * self.sign


@dataclass(slots=True)
class _Moving:
    """A stroke in progress: its start, the peak so far, and the point at which it would end if the head rested now.

    `count_samples` is how long the encoder took for its last count.
    """

    start: _Mark
    peak_kpa: float
    end: _Point
    end_peak_kpa: float
    count_samples: int = 1

    def advance(self, point: _Point) -> None:
        """Note that the head has come further than ever."""
        self.count_samples = point.sample - self.end.sample
        self.end, self.end_peak_kpa = point, self.peak_kpa

    def mean_kpa(self) -> float:
        """Return the mean pressure from the start to the end so far, over the samples that there are."""
        start, end = self.start.at, self.end
        return (end.before_kpa + end.pressure_kpa - start.before_kpa) / (end.before + 1 - start.before)

    def way_mm(self) -> float:
        """Return the signed way from the start to the end so far."""
        return self.end.travel_mm - self.start.farthest_mm


@dataclass(slots=True)
class HeadState:
    """One head in contact: the two turning points that are followed, the stroke in progress, the last sample."""

    low: _Mark | None = None
    high: _Mark | None = None
    moving: _Moving | None = None
    last: _Point | None = None


class HeadTracker:
    """The segmenter of one head. Every sample costs a few comparisons; nothing looks ahead."""

    def __init__(self, head: Head, settings: StrokeSettings, rate_hz: int) -> None:
        self._head = head
        self._settings = settings
        self._rest_samples = round(settings.rest_s * rate_hz)
        self._slowing_samples = round(settings.slowing_s * rate_hz)
        self._blink_samples = round(settings.blink_s * rate_hz)
        self._fastest_mm = settings.fastest_mm_per_s / rate_hz
        self.state = HeadState()

    def touch(self, sample: int, time_us: int, travel_mm: float, pressure_kpa: float) -> Iterator[Stroke]:
        """Take one sample in contact; yield the stroke that it shows to be over."""
        last = self.state.last
        if last is not None and not self._explained(last, sample, travel_mm):
            yield from self.lift(last.sample + 1)
            last = None
        before, before_kpa = (0, 0.0) if last is None else (last.before + 1, last.before_kpa + last.pressure_kpa)
        point = _Point(sample, time_us, travel_mm, pressure_kpa, before, before_kpa)
        yield from self._take(point)
        self.state.last = point

    def lift(self, known_sample: int) -> Iterator[Stroke]:
        """Note that contact is lost; yield the stroke that this ends."""
        yield from self._close(known_sample)
        self.state = HeadState()

    def _take(self, point: _Point) -> Iterator[Stroke]:
        state = self.state
        if state.low is None or state.high is None:
            state.low, state.high = _Mark.fresh(-1, point), _Mark.fresh(1, point)
            return
        state.low.follow(point, self._settings.jitter_mm)
        state.high.follow(point, self._settings.jitter_mm)
        if state.moving is None:
            self._look_for_start(state.low, state.high, point)
        else:
            yield from self._go_on(state.moving, state.low, state.high, point)

    def _explained(self, last: _Point, sample: int, travel_mm: float) -> bool:
        """Return whether one movement leads from the last sample to this one, whatever is missing between them."""
        samples, way_mm = sample - last.sample, travel_mm - last.travel_mm
        if abs(way_mm) > samples * self._fastest_mm:
            return False
        missing, moving = samples - 1, self.state.moving
        if missing <= self._blink_samples:
            return True
        if moving is None or missing >= self._rest_samples:
            return False
        onward_mm = way_mm * -moving.start.sign
        rolled_samples = moving.end.sample - moving.start.at.sample
        return onward_mm * rolled_samples >= self._settings.onward_share * abs(moving.way_mm()) * samples

    def _look_for_start(self, low: _Mark, high: _Mark, point: _Point) -> None:
        for start in (low, high):
            if start.left_by_mm(point) >= self._settings.turn_mm:
                self._start(start, point)
                return

    def _start(self, start: _Mark, point: _Point) -> None:
        """Begin the stroke that leaves `start`; the turning point ahead is sought from here."""
        state = self.state
        state.moving = _Moving(replace(start), start.peak_kpa, point, start.peak_kpa)
        if start.sign < 0:
            state.high = _Mark.fresh(1, point)
        else:
            state.low = _Mark.fresh(-1, point)

    def _go_on(self, moving: _Moving, low: _Mark, high: _Mark, point: _Point) -> Iterator[Stroke]:
        moving.peak_kpa = max(moving.peak_kpa, point.pressure_kpa)
        ahead = high if moving.start.sign < 0 else low
        if ahead.left_by_mm(point) >= self._settings.turn_mm:
            yield from self._close(point.sample)
            self._start(ahead, point)
            return
        if (point.travel_mm - moving.end.travel_mm) * ahead.sign > 0:
            moving.advance(point)
        elif self._rests(moving, point):
            # The turning point ahead stays: a slow turn looks like a rest, and the way back begins there.
            if ahead is high:
                self.state.low = _Mark.fresh(-1, point)
            else:
                self.state.high = _Mark.fresh(1, point)
            yield from self._close(point.sample)

    def _rests(self, moving: _Moving, point: _Point) -> bool:
        """Return whether the head has stood still for long enough, or was lifted meanwhile."""
        if point.pressure_kpa <= self._settings.eased_share * moving.mean_kpa():
            return True
        slowing = min(2 * moving.count_samples, self._slowing_samples)
        return point.sample - moving.end.sample >= self._rest_samples + slowing

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
class SegmenterState:
    """A tracker for each head (made with the first reading, which tells the rate), and the sample that comes next."""

    trackers: dict[Head, HeadTracker] = field(default_factory=dict)
    next_sample: int = 0


class StrokeSegmenter:
    """Adds strokes to the readings in which they become known, in the order of `known_sample`, left before right.

    Needs `travel_*_mm`, `pressure_*_kpa` and `contact_*`; a head without an encoder has no strokes. A stroke goes on
    over a gap that the encoder and the pressure on both sides explain (`StrokeSettings`); any other gap ends it.
    """

    def __init__(self, settings: StrokeSettings | None = None) -> None:
        self.settings = settings or StrokeSettings()
        self.state = SegmenterState()

    def process(self, reading: Reading) -> Reading:
        """Segment one reading."""
        state = self.state
        found: list[Stroke] = []
        if not state.trackers:
            state.trackers = {head: HeadTracker(head, self.settings, reading.rate_hz) for head in Head}
        for head, tracker in state.trackers.items():
            if f"travel_{head}_mm" in reading.columns:
                found += self._track(head, tracker, reading)
        if len(reading):
            state.next_sample = reading.first_sample + len(reading)
        return replace(reading, strokes=tuple(sorted(found, key=lambda stroke: (stroke.known_sample, stroke.head))))

    def flush(self) -> Reading:
        """Return the strokes in progress as if contact were lost now."""
        rate_hz = 1  # of no samples
        return Reading(self.state.next_sample, rate_hz, 0, 0, {}, tuple(self._lift_all()))

    def _lift_all(self) -> Iterator[Stroke]:
        for tracker in self.state.trackers.values():
            yield from tracker.lift(self.state.next_sample)

    def _track(self, head: Head, tracker: HeadTracker, reading: Reading) -> Iterator[Stroke]:
        rows = zip(
            reading.columns["sample"].tolist(),
            reading.columns["device_time_us"].tolist(),
            reading.floats(f"travel_{head}_mm").tolist(),
            reading.floats(f"pressure_{head}_kpa").tolist(),
            reading.flags(f"contact_{head}").tolist(),
            strict=True,
        )
        for sample, time_us, travel_mm, pressure_kpa, touching in rows:
            if touching:
                yield from tracker.touch(sample, time_us, travel_mm, pressure_kpa)
            elif tracker.state.last is not None:
                yield from tracker.lift(sample)
