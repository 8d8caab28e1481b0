"""The way from travel and contact to strokes: one movement in one direction, from turning point to turning point."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from glowtool.stream.block import Reading, Stroke
from glowtool.stream.layout import Layout
from glowtool.stream.strokes.rule import StrokeSettings
from glowtool.stream.strokes.tracker import HeadTracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.heads import Head


@dataclass(slots=True)
class SegmenterState:
    """A tracker for each head that has an encoder, and the sample that comes next."""

    trackers: dict[Head, HeadTracker] = field(default_factory=dict)
    next_sample: int = 0


class StrokeSegmenter:
    """Adds strokes to the readings in which they become known, in the order of `known_sample`, left before right.

    Needs the travel, the pressure and the contact of a head; without an encoder its strokes are not known. A stroke
    goes on over a gap that encoder and pressure on both sides explain (`StrokeSettings`); any other gap ends it.
    """

    def __init__(self, settings: StrokeSettings | None = None) -> None:
        self.settings = settings or StrokeSettings()
        self.state = SegmenterState()

    def process(self, reading: Reading) -> Reading:
        """Segment one reading."""
        state = self.state
        found: list[Stroke] = []
        for each in reading.layout.heads:
            if each.travel is not None:
                if each.head not in state.trackers:
                    state.trackers[each.head] = HeadTracker(each.head, self.settings, reading.rate_hz)
                found += self._track(each.head, each.travel, reading)
        if len(reading):
            state.next_sample = reading.first_sample + len(reading)
        return replace(reading, strokes=tuple(sorted(found, key=lambda stroke: (stroke.known_sample, stroke.head))))

    def flush(self) -> Reading:
        """Return the strokes in progress as if contact were lost now."""
        rate_hz = 1  # of no samples
        return Reading(self.state.next_sample, rate_hz, 0, 0, {}, Layout(), tuple(self._lift_all()))

    def _lift_all(self) -> Iterator[Stroke]:
        for tracker in self.state.trackers.values():
            yield from tracker.lift(self.state.next_sample)

    def _track(self, head: Head, travel: str, reading: Reading) -> Iterator[Stroke]:
        tracker = self.state.trackers[head]
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
