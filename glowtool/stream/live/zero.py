"""The zero of the pressure cells: their reading in the air, found in the live samples."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.layout import layout_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.model.channel import Channel
    from glowtool.stream.block import BoolArray, Columns, FloatArray
    from glowtool.stream.heads import Head

#: A zero that is off by more than this is worth a tare: a tenth of the lower edge of the gentlest band, and a third of
#: the 0.3 kPa in the air from which on the roller gives no current.
OFF_KPA: Final = 0.1

#: The noise of untouched cells stays within this; the roller requires the same before it accepts a tare.
STILL_KPA: Final = 0.2


@dataclass(frozen=True, slots=True)
class ZeroSettings:
    """How long the heads must be in the air without a break, in s, and how far a cell may wander meanwhile, in kPa."""

    window_s: float = 0.3
    still_kpa: float = STILL_KPA


@dataclass(frozen=True, slots=True)
class Zero:
    """Mean reading of each cell in the air, in kPa, by the cell's place in words ("left front"), and the heads."""

    cells_kpa: Mapping[str, float]
    heads: tuple[Head, ...] = ()

    @property
    def worst(self) -> str:
        """The cell furthest from zero."""
        return max(self.cells_kpa, key=lambda cell: abs(self.cells_kpa[cell]))

    @property
    def worst_kpa(self) -> float:
        """The reading of that cell."""
        return self.cells_kpa[self.worst]

    @property
    def off(self) -> bool:
        """Whether a tare is worth it."""
        return abs(self.worst_kpa) > OFF_KPA


@dataclass(slots=True)
class ZeroState:
    """The readings since the heads were in the air: number of samples, sum and extremes, by cell."""

    count: int = 0
    sums: FloatArray = field(default_factory=lambda: np.zeros(0))
    low: FloatArray = field(default_factory=lambda: np.zeros(0))
    high: FloatArray = field(default_factory=lambda: np.zeros(0))


class ZeroWatch:
    """Takes samples until the heads were in the air, open and still, for the window; `zero` is None before.

    Without an impedance channel, the zero cannot be told from a light touch.
    """

    def __init__(self, channels: tuple[Channel, ...], rate_hz: int, settings: ZeroSettings | None = None) -> None:
        self.settings = settings or ZeroSettings()
        self.zero: Zero | None = None
        layout = layout_of(channels)
        self._heads = layout.names
        self._cells = {cell.words: cell.column for cell in layout.cells}
        self._open = layout.impedance
        self._seen = 0
        self._wanted = max(1, round(self.settings.window_s * rate_hz))
        self._state = ZeroState()

    @property
    def can_tell(self) -> bool:
        """Whether the roller has a channel that tells a zero from a light touch."""
        return bool(self._cells) and self._open is not None

    @property
    def settled(self) -> bool:
        """Whether the zero is known or cannot be known, or the roller was not in the air for twice the window."""
        return self.zero is not None or not self.can_tell or self._seen >= 2 * self._wanted

    def take(self, samples: Columns) -> Zero | None:
        """Take calibrated samples, each column of shape (n,); return the zero once it is known, the first one found."""
        self._seen += len(samples.get("sample", ()))
        if self.zero is not None or not samples or self._open is None or not self._cells:
            return self.zero
        in_the_air = np.isinf(np.asarray(samples[self._open], np.float64))
        if in_the_air.any():
            readings = np.stack([np.asarray(samples[name], np.float64) for name in self._cells.values()])
            self._follow(readings, in_the_air)
        else:
            self._state = ZeroState()
        return self.zero

    def _follow(self, readings: FloatArray, in_the_air: BoolArray) -> None:
        edges = (np.flatnonzero(in_the_air[1:] != in_the_air[:-1]) + 1).tolist()
        for start, stop in pairwise((0, *edges, len(in_the_air))):
            if not in_the_air[start]:
                self._state = ZeroState()
            elif self._hang(readings[:, start:stop]):
                return

    def _hang(self, cells: FloatArray) -> bool:
        """Take readings in the air, shape (cells, n); return whether they make the zero known."""
        while cells.shape[1]:
            state, known = self._state, min(1, self._state.count)
            # The readings so far stand for one in front of the new ones.
            before = (state.sums, state.low, state.high) if known else ()
            joined = [np.column_stack((each, cells)) for each in before] or [cells] * 3
            sums = np.add.accumulate(joined[0], axis=1)
            low = np.minimum.accumulate(joined[1], axis=1)
            high = np.maximum.accumulate(joined[2], axis=1)
            still = np.all(high - low <= self.settings.still_kpa, axis=0)
            still[0] = True
            kept = len(still) if still.all() else int(np.argmin(still))
            at = self._wanted - state.count + known - 1
            if at < kept:
                means = sums[:, at] / self._wanted
                cells_kpa = {cell: round(float(mean), 3) for cell, mean in zip(self._cells, means, strict=True)}
                self.zero = Zero(cells_kpa, self._heads)
                return True
            count, last = state.count - known + kept, kept - 1
            # With the first one that strays, it begins anew.
            strayed = kept < len(still)
            self._state = ZeroState() if strayed else ZeroState(count, sums[:, last], low[:, last], high[:, last])
            cells = cells[:, kept - known :]
        return False
