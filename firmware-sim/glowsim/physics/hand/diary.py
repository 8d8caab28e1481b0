"""The truth about the hand, to score an analysis against: every contact and every stroke, noted as it happens."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from glowtool.model.face import Direction
from glowtool.model.program import NO_STEP

#: More than a day of stroking; older entries are dropped.
_KEPT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Press:
    """The pressure of one head over its projected area, in kPa: the mean of all ticks, and the peak."""

    mean_kpa: float
    peak_kpa: float


NO_PRESS: Final = Press(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke as it truly was; `length_mm` is positive in the encoders' positive direction.

    Times are the device clock's, in µs. `heads` are left and right; the peak of a head that was not pressed is zero.
    """

    start_us: int
    end_us: int
    length_mm: float
    step: int = NO_STEP
    asked: Direction = Direction.ANY
    heads: tuple[Press, Press] = (NO_PRESS, NO_PRESS)
    power_cycle: int = 0


@dataclass(frozen=True, slots=True)
class Touch:
    """One contact of one head (0 left, 1 right): from the first to the last moment under any pressure."""

    head: int
    start_us: int
    end_us: int
    step: int
    press: Press
    power_cycle: int = 0


class _Tally:
    """The pressure of one head: its total, and the peak since it was last taken."""

    __slots__ = ("at_start", "peak_kpa", "start_us", "step", "sum_kpa", "ticks", "ticks_at_start", "touch_peak_kpa")

    def __init__(self) -> None:
        self.sum_kpa = self.peak_kpa = self.touch_peak_kpa = self.at_start = 0.0
        self.ticks = self.ticks_at_start = 0
        self.start_us: int | None = None
        self.step = NO_STEP

    def begin(self, time_us: int, step: int) -> None:
        self.start_us, self.step = time_us, step
        self.at_start, self.ticks_at_start = self.sum_kpa, self.ticks
        self.peak_kpa = self.touch_peak_kpa = 0.0

    def take_peak(self) -> float:
        """Return the peak since it was last taken, and keep it for the contact as a whole."""
        peak_kpa, self.peak_kpa = self.peak_kpa, 0.0
        self.touch_peak_kpa = max(self.touch_peak_kpa, peak_kpa)
        return peak_kpa


class Diary:
    """The diary of contacts and strokes; `strokes` and `touches` are the completed ones."""

    __slots__ = ("_began", "_left", "_right", "power_cycle", "step", "strokes", "touches")

    def __init__(self) -> None:
        self.strokes: deque[Stroke] = deque(maxlen=_KEPT)
        self.touches: deque[Touch] = deque(maxlen=_KEPT)
        self.power_cycle = 0
        self.step = NO_STEP
        self._left, self._right = _Tally(), _Tally()
        self._began: tuple[int, float, int, Direction, float, float, int] | None = None

    def press(self, time_us: int, left_kpa: float, right_kpa: float) -> None:
        """Note the pressure of both heads in one tick; call it while either is or was pressed."""
        left, right = self._left, self._right
        if left_kpa > 0.0:
            if left.start_us is None:
                left.begin(time_us, self.step)
            left.sum_kpa += left_kpa
            if left_kpa > left.peak_kpa:
                left.peak_kpa = left_kpa
        elif left.start_us is not None:
            self._end_touch(0, time_us)
        if right_kpa > 0.0:
            if right.start_us is None:
                right.begin(time_us, self.step)
            right.sum_kpa += right_kpa
            if right_kpa > right.peak_kpa:
                right.peak_kpa = right_kpa
        elif right.start_us is not None:
            self._end_touch(1, time_us)
        left.ticks += 1
        right.ticks += 1

    def begin_stroke(self, time_us: int, position_mm: float, asked: Direction) -> None:
        """Note that a stroke begins."""
        left, right = self._left, self._right
        left.take_peak()
        right.take_peak()
        self._began = (time_us, position_mm, self.step, asked, left.sum_kpa, right.sum_kpa, left.ticks)

    def end_stroke(self, time_us: int, position_mm: float) -> None:
        """Note that the stroke in progress, if any, ends; a stroke without any movement does not count."""
        stroke = self._stroke(time_us, position_mm)
        self._left.take_peak()
        self._right.take_peak()
        self._began = None
        if stroke is not None:
            self.strokes.append(stroke)

    def power_cycle_at(self, time_us: int, position_mm: float) -> None:
        """End the stroke and contacts in progress; later ones belong to the next power cycle."""
        self.end_stroke(time_us, position_mm)
        for head in (0, 1):
            self._end_touch(head, time_us)
        self.power_cycle += 1

    def until(self, time_us: int, position_mm: float) -> tuple[tuple[Stroke, ...], tuple[Touch, ...]]:
        """Return strokes and contacts, those in progress as if they ended now, and change nothing."""
        stroke = self._stroke(time_us, position_mm)
        touches = (self._touch(head, time_us) for head in (0, 1))
        return (
            (*self.strokes, *([] if stroke is None else [stroke])),
            (*self.touches, *(touch for touch in touches if touch is not None)),
        )

    def _stroke(self, time_us: int, position_mm: float) -> Stroke | None:
        if self._began is None:
            return None
        start_us, start_mm, step, asked, left_sum, right_sum, ticks = self._began
        if position_mm == start_mm:
            return None
        count = max(1, self._left.ticks - ticks)
        heads = (
            Press((self._left.sum_kpa - left_sum) / count, self._left.peak_kpa),
            Press((self._right.sum_kpa - right_sum) / count, self._right.peak_kpa),
        )
        return Stroke(start_us, time_us, position_mm - start_mm, step, asked, heads, self.power_cycle)

    def _touch(self, head: int, time_us: int) -> Touch | None:
        tally = (self._left, self._right)[head]
        if tally.start_us is None:
            return None
        # The peak belongs to the stroke in progress, which has not taken it yet, but it counts for the contact, too.
        peak_kpa = max(tally.touch_peak_kpa, tally.peak_kpa)
        mean_kpa = (tally.sum_kpa - tally.at_start) / max(1, tally.ticks - tally.ticks_at_start)
        return Touch(
            head,
            tally.start_us,
            time_us,
            tally.step,
            Press(mean_kpa, peak_kpa),
            self.power_cycle,
        )

    def _end_touch(self, head: int, time_us: int) -> None:
        touch = self._touch(head, time_us)
        if touch is not None:
            self.touches.append(touch)
            (self._left, self._right)[head].start_us = None
