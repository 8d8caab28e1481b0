"""The strokes of one head, block by block."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from glowtool.stream.strokes.parts import Doubt, Last, Mark, Moment, Moving, Phase
from glowtool.stream.strokes.steps import Steps
from glowtool.stream.strokes.sweep.rows import Rows
from glowtool.stream.strokes.sweep.sweep import Sweep

if TYPE_CHECKING:
    from glowtool.stream.block import Stroke
    from glowtool.stream.heads import Head
    from glowtool.stream.strokes.piece import Piece, Run
    from glowtool.stream.strokes.rule import Thresholds

#: Up to so many samples a step for each costs less than the array operations for all.
SHORT: Final = 640

#: After a gap that leaves a doubt, so many samples are taken one by one, and so many more until the doubt is gone.
WARY: Final = 256

#: Longer blocks are taken in pieces, so that the arrays over one stay small whatever comes.
LONG: Final = 65_536


class HeadTracker:
    """The segmenter of one head. Nothing looks ahead; the cost goes by strokes, not by samples."""

    def __init__(self, head: Head, rule: Thresholds) -> None:
        self._head, self._rule = head, rule
        self._phase: Phase | None = None
        self._last: Last | None = None

    def take(self, samples: Piece) -> list[Stroke]:
        """Take consecutive samples; return the strokes that become known in them."""
        found: list[Stroke] = []
        at = 0
        while at < samples.length:
            width = WARY if self._is_doubtful(samples.first_sample + at) else LONG
            found += self._take(samples.cut(at, at + width))
            at += width
        return found

    def lift(self, known_sample: int) -> list[Stroke]:
        """Note that contact is lost; return the stroke that this ends."""
        phase, self._phase, self._last = self._phase, None, None
        if isinstance(phase, Moving) and abs(phase.way_mm()) >= self._rule.shortest_mm:
            return [phase.stroke(self._head, known_sample)]
        return []

    def _take(self, piece: Piece) -> list[Stroke]:
        found = self._enter(piece)
        runs = piece.runs(self._rule)
        if not runs:
            return found
        if piece.length <= SHORT or self._has_doubt or not self._is_finite(piece):
            return found + self._step(piece, runs)
        sweep = Sweep(self._rule, self._head, Rows.of(piece, runs, self._phase, self._last))
        self._phase, self._last = sweep.phase, sweep.last
        return found + sweep.found

    def _enter(self, piece: Piece) -> list[Stroke]:
        """Cross over to the first of these samples; return the stroke that ends before it."""
        last, phase = self._last, self._phase
        if last is None:
            return []
        if not piece.contact[0]:
            return self.lift(piece.first_sample)
        travel_mm = float(piece.travel_mm[0])
        samples, way_mm = piece.first_sample - last.sample, travel_mm - last.travel_mm
        if abs(way_mm) > samples * self._rule.fastest_mm or samples - 1 >= self._rule.rest_samples:
            return self.lift(last.sample + 1)
        if isinstance(phase, Moving) and phase.doubt is None and not self._explains(phase, samples, way_mm):
            at = Moment(piece.first_sample, int(piece.times_us[0]), last.seen, last.sum_kpa)
            self._phase = phase._replace(doubt=Doubt(phase, Mark(travel_mm, at, float(piece.pressure_kpa[0]))))
        return []

    def _explains(self, moving: Moving, samples: int, way_mm: float) -> bool:
        """Return whether the stroke leads over the samples that are missing."""
        if samples - 1 <= self._rule.blink_samples:
            return True
        rolled_samples = moving.end.sample - moving.start.at.sample
        return way_mm * moving.sign * rolled_samples >= self._rule.onward_share * abs(moving.way_mm()) * samples

    def _step(self, piece: Piece, runs: list[Run]) -> list[Stroke]:
        """Take the samples one by one."""
        found: list[Stroke] = []
        for start, stop in runs:
            steps = Steps(self._rule, self._head, piece.cut(start, stop), self._last)
            self._phase, self._last = steps.walk(self._phase), steps.last
            found += steps.found
            if stop < piece.length:
                found += self.lift(piece.first_sample + stop)
        return found

    def _is_finite(self, piece: Piece) -> bool:
        """Return whether all numbers are: those of the samples, and those remembered of the contact."""
        if self._phase is not None and not self._phase.is_finite:
            return False
        return piece.is_finite and (self._last is None or math.isfinite(self._last.sum_kpa))

    def _is_doubtful(self, sample: int) -> bool:
        """Return whether it is, or may be from this sample on, in doubt to which stroke a sample belongs."""
        if self._last is not None and sample - self._last.sample - 1 > self._rule.blink_samples:
            return True
        return self._has_doubt

    @property
    def _has_doubt(self) -> bool:
        return isinstance(self._phase, Moving) and self._phase.doubt is not None
