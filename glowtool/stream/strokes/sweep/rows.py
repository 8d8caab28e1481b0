"""The samples of a piece as rows, below a few rows for what is remembered of the contact that goes on into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.strokes.parts import Moment, Moving

if TYPE_CHECKING:
    from glowtool.stream.block import FloatArray, IntArray
    from glowtool.stream.strokes.parts import Last, Phase
    from glowtool.stream.strokes.piece import Piece, Run

#: A remembered sample, the travel it stands for, and the peak from it on to the next of them.
_Memory = tuple[Moment, float, float]


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of shape (n,): samples from row `first` on, remembered ones before it; and the runs of rows in contact.

    A row that is a sample has the number `base` + row. `before_kpa` and `through_kpa` add up the pressure of a contact
    as its samples came, without and with the row's own; `counts` numbers them in it.
    """

    first: int
    base: int
    runs: list[Run]
    phase: Phase | None
    samples: IntArray
    times_us: IntArray
    counts: IntArray
    travel_mm: FloatArray
    pressure_kpa: FloatArray
    before_kpa: FloatArray
    through_kpa: FloatArray

    @classmethod
    def of(cls, piece: Piece, runs: list[Run], phase: Phase | None, last: Last | None) -> Rows:
        """Return the rows of a piece; its first run goes on from `last` in this phase, if that is given."""
        memory = _remembered(phase)
        first = len(memory)
        base = piece.first_sample - first
        runs = [(start + first, stop + first) for start, stop in runs]
        moments = [moment for moment, _, _ in memory]
        samples = np.arange(base, base + first + piece.length, dtype=np.int64)
        counts = samples + ((last.seen if last is not None else 0) - piece.first_sample)
        samples[:first] = [moment.sample for moment in moments]
        counts[:first] = [moment.seen for moment in moments]
        times_us = np.concatenate((np.array([moment.time_us for moment in moments], np.int64), piece.times_us))
        travel_mm = np.concatenate(([way_mm for _, way_mm, _ in memory], piece.travel_mm))
        pressure_kpa = np.concatenate(([peak_kpa for _, _, peak_kpa in memory], piece.pressure_kpa))
        before_kpa, through_kpa = _sums(pressure_kpa, runs, last.sum_kpa if last is not None else 0.0)
        before_kpa[:first] = through_kpa[:first] = [moment.sum_kpa for moment in moments]
        if memory:
            runs[0] = (0, runs[0][1])
        return cls(
            first, base, runs, phase, samples, times_us, counts, travel_mm, pressure_kpa, before_kpa, through_kpa
        )

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def moving(self) -> Moving | None:
        """The stroke that goes on into these rows; its start is in row 0, its end so far in row 1."""
        return self.phase if isinstance(self.phase, Moving) else None

    def count_samples(self, row: int) -> int:
        """Return how many samples the encoder took for its last count at the row where a leg begins."""
        return self.moving.count_samples if self.moving is not None and row < self.first else 1

    def before(self, row: int) -> Moment:
        """Return a row as a stroke's beginning."""
        at = int(self.samples[row]), int(self.times_us[row])
        return Moment(*at, int(self.counts[row]), float(self.before_kpa[row]))

    def through(self, row: int) -> Moment:
        """Return a row as a stroke's end."""
        at = int(self.samples[row]), int(self.times_us[row])
        return Moment(*at, int(self.counts[row]) + 1, float(self.through_kpa[row]))

    def peak_kpa(self, start: int, stop: int) -> float:
        """Return the highest pressure of the rows [start, stop)."""
        return float(self.pressure_kpa[start:stop].max())


def _remembered(phase: Phase | None) -> list[_Memory]:
    """Return the rows for a phase: in the order of their samples, so that the peak from any of them on is right."""
    if phase is None:
        return []
    if isinstance(phase, Moving):
        start, ahead, end = phase.start, phase.ahead, phase.end._replace(seen=phase.end.seen - 1)
        return [
            (start.at, start.farthest_mm, phase.end_peak_kpa),
            (end, ahead.farthest_mm, phase.end_peak_kpa),
            (end, ahead.farthest_mm, start.peak_kpa),
            (ahead.at, ahead.farthest_mm, ahead.peak_kpa),
        ]
    marks = sorted((phase.low, phase.high), key=lambda mark: mark.at.sample)
    return [(mark.at, mark.farthest_mm, mark.peak_kpa) for mark in marks]


def _sums(pressure_kpa: FloatArray, runs: list[Run], sum_kpa: float) -> tuple[FloatArray, FloatArray]:
    """Return the sums before and through each row of the runs, the first of which goes on from `sum_kpa`."""
    through_kpa = pressure_kpa.copy()
    through_kpa[runs[0][0]] += sum_kpa
    for start, stop in runs:
        np.add.accumulate(through_kpa[start:stop], out=through_kpa[start:stop])
    before_kpa = np.empty_like(through_kpa)
    before_kpa[1:] = through_kpa[:-1]
    before_kpa[[start for start, _ in runs]] = 0.0
    before_kpa[runs[0][0]] = sum_kpa
    return before_kpa, through_kpa
