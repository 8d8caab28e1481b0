"""The way through the samples of one contact, one after the other: for short blocks, and where it is not yet clear."""

from __future__ import annotations

import enum
import math
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from glowtool.stream.strokes.parts import Doubt, Last, Mark, Moment, Moving, Phase, Seeking

if TYPE_CHECKING:
    from glowtool.stream.block import Stroke
    from glowtool.stream.heads import Head
    from glowtool.stream.strokes.piece import Piece
    from glowtool.stream.strokes.rule import Thresholds

#: Stands for a sample of an earlier block.
_EARLIER: Final = -1


class _Event(enum.Enum):
    """What ends a stroke: the head turned, it rested, or a gap turns out to have held the end of one stroke."""

    TURNED = enum.auto()
    RESTED = enum.auto()
    SETTLED = enum.auto()


class Steps:
    """A run of samples in contact, which goes on from `last`, or begins here. `found` are the strokes that it ends."""

    def __init__(self, rule: Thresholds, head: Head, run: Piece, last: Last | None) -> None:
        self._rule, self._head = rule, head
        self._first, self._times_us = run.first_sample, run.times_us
        self._travel, self._pressure = run.travel_mm.tolist(), run.pressure_kpa.tolist()
        self._seen = 0 if last is None else last.seen
        self._sums = list(accumulate(self._pressure, initial=0.0 if last is None else last.sum_kpa))
        self.found: list[Stroke] = []

    def walk(self, phase: Phase | None) -> Phase:
        """Take all samples, coming from this phase, None at the beginning of a contact; return the phase after them."""
        at, stop = 0, len(self._travel)
        if phase is None:
            phase, at = Seeking(self._fresh(0), self._fresh(0)), 1
        while at < stop:
            at, phase = self._move(phase, at) if isinstance(phase, Moving) else self._seek(phase, at)
        return phase

    @property
    def last(self) -> Last:
        """The last sample."""
        count = len(self._travel)
        return Last(self._first + count - 1, self._travel[-1], self._seen + count, self._sums[-1])

    def _seek(self, phase: Seeking, begin: int) -> tuple[int, Phase]:
        """Go on until a stroke begins; return the sample after, and the phase then."""
        turn_mm, jitter_mm = self._rule.turn_mm, self._rule.jitter_mm
        low_mm, high_mm, low_at, high_at = phase.low.farthest_mm, phase.high.farthest_mm, _EARLIER, _EARLIER
        for at, travel_mm in enumerate(self._travel[begin:], begin):
            risen_mm, fallen_mm = travel_mm - low_mm, high_mm - travel_mm
            if risen_mm <= jitter_mm:
                low_at, low_mm = at, min(low_mm, travel_mm)
            if fallen_mm <= jitter_mm:
                high_at, high_mm = at, max(high_mm, travel_mm)
            if risen_mm >= turn_mm:
                return at + 1, self._begin(1, self._mark(phase.low, low_mm, low_at, (begin, at + 1)), at)
            if fallen_mm >= turn_mm:
                return at + 1, self._begin(-1, self._mark(phase.high, high_mm, high_at, (begin, at + 1)), at)
        taken = begin, len(self._travel)
        low = self._mark(phase.low, low_mm, low_at, taken)
        return taken[1], Seeking(low, self._mark(phase.high, high_mm, high_at, taken))

    def _move(self, phase: Moving, begin: int) -> tuple[int, Phase]:
        """Go on until the stroke ends; return the sample after, and the phase then."""
        now, event, stop = self._roll(phase, begin)
        at, sign, ahead = stop - 1, now.sign, now.ahead
        if event is None:
            return stop, now
        if event is _Event.SETTLED and now.doubt is not None:
            self._close(now.doubt.before, at)
            return stop, self._begin(sign, now.doubt.after, at)
        self._close(now, at)
        if event is _Event.TURNED:
            return stop, self._begin(-sign, ahead, at)
        fresh = self._fresh(at)  # the point ahead stays: a slow turn looks like a rest, and the way back begins there
        return stop, Seeking(fresh, ahead) if sign > 0 else Seeking(ahead, fresh)

    def _roll(self, phase: Moving, begin: int) -> tuple[Moving, _Event | None, int]:
        """Go on until something happens to the stroke; return it as it is then, what happened, and the sample after."""
        rule, sign, event = self._rule, phase.sign, None
        turn_mm, jitter_mm, still, shortest_mm = rule.turn_mm, rule.jitter_mm, rule.still_samples, rule.shortest_mm
        after_mm = math.inf if phase.doubt is None else phase.doubt.after.farthest_mm * sign
        best_mm, end, count, near = phase.ahead.farthest_mm * sign, phase.end.sample - self._first, 0, _EARLIER
        stood, tired, eased_kpa, at = None, 0, 0.0, begin
        for at, travel_mm in enumerate(self._travel[begin:], begin):
            way_mm = travel_mm * sign
            if way_mm > best_mm:
                best_mm, count, end, near = way_mm, at - end, at, at
                if way_mm - after_mm >= shortest_mm:
                    event = _Event.SETTLED
                    break
                continue
            if best_mm - way_mm <= jitter_mm:
                near = at
            elif best_mm - way_mm >= turn_mm:
                event = _Event.TURNED
                break
            if at - end >= still:
                if stood != end:
                    stood, (tired, eased_kpa) = end, self._patience(phase, end, count)
                if at >= tired or self._pressure[at] <= eased_kpa:
                    event = _Event.RESTED
                    break
        return self._moved(phase, best_mm * sign, (end, count, near), (begin, at + 1)), event, at + 1

    def _patience(self, phase: Moving, end: int, count: int) -> tuple[int, float]:
        """Return from which sample on a head rests that stands since `end`, and at which pressure it does at once."""
        start, through = phase.start.at, self._through(end) if count else phase.end
        mean_kpa = (through.sum_kpa - start.sum_kpa) / (through.seen - start.seen)
        return end + self._rule.rest_after(count or phase.count_samples), self._rule.eased_share * mean_kpa

    def _moved(self, phase: Moving, best_mm: float, points: tuple[int, int, int], taken: tuple[int, int]) -> Moving:
        """Return the stroke after the samples taken: its end, the time of its last count, the last one close to it."""
        end, count, near = points
        start, ahead = self._since(phase.start, taken), self._mark(phase.ahead, best_mm, near, taken)
        doubt = phase.doubt and Doubt(phase.doubt.before, self._since(phase.doubt.after, taken))
        if not count:
            return phase._replace(start=start, ahead=ahead, doubt=doubt)
        end_peak_kpa = self._since(phase.start, (taken[0], end + 1)).peak_kpa
        return Moving(phase.sign, start, ahead, self._through(end), end_peak_kpa, count, doubt)

    def _begin(self, sign: int, start: Mark, at: int) -> Moving:
        """Begin the stroke that leaves `start`; search for the next turning point from here."""
        return Moving(sign, start, self._fresh(at), self._through(at), start.peak_kpa)

    def _close(self, moving: Moving, known: int) -> None:
        if abs(moving.way_mm()) >= self._rule.shortest_mm:
            self.found.append(moving.stroke(self._head, self._first + known))

    def _mark(self, earlier: Mark, farthest_mm: float, near: int, taken: tuple[int, int]) -> Mark:
        """Return a turning point after the samples taken, of which `near` was the last one that was there."""
        if near == _EARLIER:
            return self._since(earlier, taken)
        return Mark(farthest_mm, self._before(near), max(self._pressure[near : taken[1]]))

    def _since(self, mark: Mark, taken: tuple[int, int]) -> Mark:
        """Return a turning point with the peak that it has after the samples taken."""
        begin, stop = taken
        return Mark(mark.farthest_mm, mark.at, max((mark.peak_kpa, *self._pressure[begin:stop])))

    def _fresh(self, at: int) -> Mark:
        return Mark(self._travel[at], self._before(at), self._pressure[at])

    def _before(self, at: int) -> Moment:
        return Moment(self._first + at, int(self._times_us[at]), self._seen + at, self._sums[at])

    def _through(self, at: int) -> Moment:
        return Moment(self._first + at, int(self._times_us[at]), self._seen + at + 1, self._sums[at + 1])
