"""The strokes of many samples at once: found by what the hand does, however many samples it takes for that."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.block import Stroke
from glowtool.stream.strokes.parts import Last, Mark, Moving, Phase, Seeking
from glowtool.stream.strokes.sweep.halts import split_at_rests
from glowtool.stream.strokes.sweep.rests import ended, last_count
from glowtool.stream.strokes.sweep.search import legs_of
from glowtool.stream.strokes.sweep.sums import means_kpa, spans

if TYPE_CHECKING:
    from glowtool.stream.block import IntArray
    from glowtool.stream.heads import Head
    from glowtool.stream.strokes.rule import Thresholds
    from glowtool.stream.strokes.sweep.legs import Leg
    from glowtool.stream.strokes.sweep.rows import Rows


class Sweep:
    """A piece's rows, all at once. `found` are the strokes that they end; `phase` and `last` are what they leave.

    Turning points do not depend on rests: a rest ends a stroke earlier, and another one may follow in its direction
    before the head turns. So the turning points are found first, the rests in the legs between them afterwards.
    """

    def __init__(self, rule: Thresholds, head: Head, rows: Rows) -> None:
        self._rule, self._rows = rule, rows
        legs, lingers = legs_of(rows, rule)
        self._legs = split_at_rests(legs, lingers, rows, rule)
        known = ended(self._legs, rows, rule)
        self.found = self._strokes(head, known)
        self.phase: Phase | None = None
        self.last: Last | None = None
        start, stop = rows.runs[-1]
        if stop == len(rows):
            end, last = rows.through(stop - 1), len(self._legs) - 1
            self.last = Last(end.sample, float(rows.travel_mm[-1]), end.seen, end.sum_kpa)
            goes_on = last >= 0 and self._legs.begins[last] >= start
            self.phase = self._phase(self._legs.leg(last), int(known[last])) if goes_on else self._seeking(start, start)

    def _strokes(self, head: Head, known: IntArray) -> list[Stroke]:
        """Return the strokes that are known to have ended in these rows."""
        rows, legs = self._rows, self._legs
        way_mm = legs.end_mm - legs.start_mm
        whole = np.flatnonzero((known < len(rows)) & (np.abs(way_mm) >= self._rule.shortest_mm))
        if not len(whole):
            return []
        starts, ends = legs.starts[whole], legs.ends[whole]
        columns = (
            *(rows.samples[starts], rows.samples[ends], rows.times_us[starts], rows.times_us[ends]),
            *(way_mm[whole], means_kpa(rows, starts, ends), spans(np.maximum, rows.pressure_kpa, starts, ends + 1)),
            rows.base + known[whole],
        )
        return list(map(Stroke, repeat(head), *(column.tolist() for column in columns)))

    def _phase(self, leg: Leg, known: int) -> Phase:
        """Return the phase that the last leg leaves, if its stroke is known to have ended at this row."""
        rows = self._rows
        if known < len(rows):
            return self._seeking(known, leg.begin) if leg.sign > 0 else self._seeking(leg.begin, known)
        start = Mark(leg.start_mm, rows.before(leg.start), rows.peak_kpa(leg.start, len(rows)))
        end_peak_kpa, count = rows.peak_kpa(leg.start, leg.end + 1), last_count(leg, rows)
        return Moving(leg.sign, start, self._mark(leg.end_mm, leg.end), rows.through(leg.end), end_peak_kpa, count)

    def _seeking(self, low_since: int, high_since: int) -> Seeking:
        """Return the phase of a head that has not moved: its lowest and its highest point since these rows."""
        travel_mm = self._rows.travel_mm
        low_mm, high_mm = float(travel_mm[low_since:].min()), float(travel_mm[high_since:].max())
        return Seeking(self._mark(low_mm, low_since), self._mark(high_mm, high_since))

    def _mark(self, farthest_mm: float, since: int) -> Mark:
        """Return a turning point of the rows from `since` on."""
        rows = self._rows
        there = np.flatnonzero(np.abs(rows.travel_mm[since:] - farthest_mm) <= self._rule.jitter_mm)
        at = since + int(there[-1])
        return Mark(farthest_mm, rows.before(at), rows.peak_kpa(at, len(rows)))
