"""The way from travel and contact to strokes: one movement in one direction, from turning point to turning point."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from glowtool.stream.block import Reading
from glowtool.stream.layout import Layout
from glowtool.stream.strokes.piece import Piece
from glowtool.stream.strokes.rule import StrokeSettings, Thresholds
from glowtool.stream.strokes.tracker import HeadTracker

if TYPE_CHECKING:
    from glowtool.stream.block import IntArray
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
        if not len(reading):
            return replace(reading, strokes=())
        found = [
            stroke
            for each in reading.layout.heads
            if each.travel is not None
            for stroke in self._tracker(each.head, reading.rate_hz).take(_piece(reading, each.head, each.travel))
        ]
        found.sort(key=attrgetter("known_sample"))  # which keeps left before right
        self.state.next_sample = reading.first_sample + len(reading)
        return replace(reading, strokes=tuple(found))

    def flush(self) -> Reading:
        """Return the strokes in progress as if contact were lost now."""
        rate_hz, sample = 1, self.state.next_sample  # of no samples
        found = (stroke for tracker in self.state.trackers.values() for stroke in tracker.lift(sample))
        return Reading(sample, rate_hz, 0, 0, {}, Layout(), tuple(found))

    def _tracker(self, head: Head, rate_hz: int) -> HeadTracker:
        trackers = self.state.trackers
        if head not in trackers:
            trackers[head] = HeadTracker(head, Thresholds.at(rate_hz, self.settings))
        return trackers[head]


def _piece(reading: Reading, head: Head, travel: str) -> Piece:
    times_us = cast("IntArray", reading.columns["device_time_us"])
    pressure_kpa, contact = reading.floats(f"pressure_{head}_kpa"), reading.flags(f"contact_{head}")
    return Piece(reading.first_sample, times_us, reading.floats(travel), pressure_kpa, contact)
