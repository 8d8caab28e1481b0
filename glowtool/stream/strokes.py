"""From travel and contact to strokes: one movement in one direction, from turning point to turning point."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from glowtool.stream.block import Head, Reading, Stroke
from glowtool.stream.stroke_rule import StrokeSettings
from glowtool.stream.tracker import HeadTracker

if TYPE_CHECKING:
    from collections.abc import Iterator


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
