"""One head's consecutive samples, and the runs of them in which it stays on the skin."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from glowtool.stream.block import BoolArray, FloatArray, IntArray
    from glowtool.stream.strokes.rule import Thresholds

#: Samples [start, stop) of a piece.
Run = tuple[int, int]


class Piece(NamedTuple):
    """Consecutive samples of one head, each column of shape (n,)."""

    first_sample: int
    times_us: IntArray
    travel_mm: FloatArray
    pressure_kpa: FloatArray
    contact: BoolArray

    def cut(self, start: int, stop: int) -> Piece:
        """Return the samples [start, stop)."""
        if start == 0 and stop >= self.length:
            return self
        at = slice(start, stop)
        columns = self.times_us[at], self.travel_mm[at], self.pressure_kpa[at], self.contact[at]
        return Piece(self.first_sample + start, *columns)

    def runs(self, rule: Thresholds) -> list[Run]:
        """Return the runs of samples in contact; a jump from one sample to the next that no hand makes cuts them."""
        contact, travel_mm = self.contact, self.travel_mm
        with np.errstate(invalid="ignore"):
            changes = np.abs(travel_mm[1:] - travel_mm[:-1]) > rule.fastest_mm
        changes |= contact[1:] != contact[:-1]
        if rule.rest_samples < 1:
            changes[:] = True  # so few samples that each of them is a rest
        edges = (changes.nonzero()[0] + 1).tolist()
        return [(start, stop) for start, stop in pairwise((0, *edges, len(contact))) if contact[start]]

    @property
    def length(self) -> int:
        """How many samples there are."""
        return len(self.contact)

    @property
    def is_finite(self) -> bool:
        """Whether all of its numbers are."""
        return bool(np.isfinite(self.travel_mm).all() and np.isfinite(self.pressure_kpa).all())
