"""The way from one head's travel and contact to its strokes, sample by sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glowtool.stream.block import Stroke
from glowtool.stream.strokes.parts import Crossing, Doubt, Mark, Moving, Point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.heads import Head
    from glowtool.stream.strokes.rule import StrokeSettings


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
