"""From travel and contact to strokes: one movement in one direction, from turning point to turning point."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from glowtool.stream.block import Head, Reading, Stroke

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class StrokeSettings:
    """A reversal counts from `turn_mm` on, a stroke from `shortest_mm`; a head that stays within `jitter_mm` rests.

    A rest of `rest_s` ends a stroke; it ended when the head came to rest.
    """

    turn_mm: float = 3.0
    shortest_mm: float = 10.0
    jitter_mm: float = 0.15
    rest_s: float = 0.4


class _Point(NamedTuple):
    """One sample of one head. `before_kpa` is the sum of the pressure of all samples before it, in this contact."""

    sample: int
    time_us: int
    travel_mm: float
    pressure_kpa: float
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
    """A stroke in progress: its start, the peak so far, and the point at which it would end if the head rested now."""

    start: _Mark
    peak_kpa: float
    end: _Point
    end_peak_kpa: float


@dataclass(slots=True)
class HeadState:
    """One head in contact: the two turning points that are followed, the stroke in progress, the sum of pressure."""

    low: _Mark | None = None
    high: _Mark | None = None
    moving: _Moving | None = None
    total_kpa: float = 0.0


class HeadTracker:
    """The segmenter of one head. Every sample costs a few comparisons; nothing looks ahead."""

    def __init__(self, head: Head, settings: StrokeSettings, rate_hz: int) -> None:
        self._head = head
        self._settings = settings
        self._rest_samples = round(settings.rest_s * rate_hz)
        self.state = HeadState()

    def touch(self, sample: int, time_us: int, travel_mm: float, pressure_kpa: float) -> Stroke | None:
        """Take one sample in contact; return the stroke that it shows to be over."""
        state = self.state
        point = _Point(sample, time_us, travel_mm, pressure_kpa, state.total_kpa)
        state.total_kpa += pressure_kpa
        if state.low is None or state.high is None:
            state.low, state.high = _Mark.fresh(-1, point), _Mark.fresh(1, point)
            return None
        state.low.follow(point, self._settings.jitter_mm)
        state.high.follow(point, self._settings.jitter_mm)
        if state.moving is None:
            self._look_for_start(state.low, state.high, point)
            return None
        return self._go_on(state.moving, state.low, state.high, point)

    def lift(self, known_sample: int) -> Stroke | None:
        """Note that contact is lost; return the stroke that this ends."""
        over = self._close(known_sample)
        self.state = HeadState()
        return over

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

    def _go_on(self, moving: _Moving, low: _Mark, high: _Mark, point: _Point) -> Stroke | None:
        moving.peak_kpa = max(moving.peak_kpa, point.pressure_kpa)
        ahead = high if moving.start.sign < 0 else low
        if ahead.left_by_mm(point) >= self._settings.turn_mm:
            over = self._close(point.sample)
            self._start(ahead, point)
            return over
        if (point.travel_mm - moving.end.travel_mm) * ahead.sign > self._settings.jitter_mm:
            moving.end, moving.end_peak_kpa = point, moving.peak_kpa
        if point.sample - moving.end.sample < self._rest_samples:
            return None
        # The turning point ahead stays: a slow turn looks like a rest, and the way back begins there.
        if ahead is high:
            self.state.low = _Mark.fresh(-1, point)
        else:
            self.state.high = _Mark.fresh(1, point)
        return self._close(point.sample)

    def _close(self, known_sample: int) -> Stroke | None:
        """End the stroke in progress at its farthest point; None when there is none, or when it was too short."""
        moving, self.state.moving = self.state.moving, None
        if moving is None:
            return None
        start, end = moving.start.at, moving.end
        length_mm = end.travel_mm - moving.start.farthest_mm
        if abs(length_mm) < self._settings.shortest_mm:
            return None
        total_kpa = end.before_kpa + end.pressure_kpa - start.before_kpa
        mean_kpa = total_kpa / (end.sample - start.sample + 1)
        return Stroke(
            self._head,
            start.sample,
            end.sample,
            start.time_us,
            end.time_us,
            length_mm,
            mean_kpa,
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

    Needs `travel_*_mm`, `pressure_*_kpa` and `contact_*`; a head without an encoder has no strokes. A gap ends what
    is in progress, for what happened in it is not known.
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
        elif len(reading) and reading.first_sample != state.next_sample:
            found += self._lift_all()
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
            over = tracker.lift(self.state.next_sample)
            if over is not None:
                yield over

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
            over = tracker.touch(sample, time_us, travel_mm, pressure_kpa) if touching else tracker.lift(sample)
            if over is not None:
                yield over
