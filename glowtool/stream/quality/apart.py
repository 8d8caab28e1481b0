"""Cells that read another pressure than the cell beside them, and did not at the beginning."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.quality.kinds import APART, BEGINNING, CHANGED, LASTING, SOFTENED_KPA, CellFaultKind
from glowtool.stream.quality.sign import Found
from glowtool.stream.quality.slots import PER_WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.block import BoolArray, FloatArray
    from glowtool.stream.quality.cells import Watched
    from glowtool.stream.quality.sign import Window
    from glowtool.stream.quality.slots import Moment, Slots

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A window in which both heads are pressed: its number among such windows, and the mean of each cell, softened."""

    ordinal: int
    since: Moment
    means: tuple[float, ...]

    def ratio(self, one: int, other: int) -> float:
        """Return how many times one cell reads what another one reads."""
        return self.means[one] / self.means[other]


@dataclass(slots=True)
class Beginning:
    """How the hand holds the roller: the first windows, and the bounds of each head's ratio that follow from them."""

    windows: list[Pressed] = field(default_factory=list)
    bounds: dict[Pair, tuple[float, float]] = field(default_factory=dict)

    def add(self, window: Pressed, heads: tuple[Pair, ...]) -> None:
        """Take one more of the first windows."""
        self.windows.append(window)
        if len(self.windows) == BEGINNING:
            for head in heads:
                usual = median(each.ratio(*head) for each in self.windows)
                low, high = (
                    min(1 / math.exp(APART), usual / math.exp(CHANGED)),
                    max(math.exp(APART), usual * math.exp(CHANGED)),
                )
                self.bounds[head] = low, high


class Apart:
    """Compares the two cells of each of two heads, window by window; any other roller cannot tell which one is bad."""

    def __init__(self, cells: tuple[Watched, ...], slot: int) -> None:
        self._cells = cells
        members = [tuple(at for at, cell in enumerate(cells) if cell.head == head) for head in (0, 1)]
        whole = len(cells) == 4 and all(len(each) == 2 for each in members)  # two heads of two cells
        self._heads: tuple[Pair, ...] = tuple((each[0], each[1]) for each in members) if whole else ()
        self._steps = np.array([cell.step_kpa for cell in cells])
        self._half = slot * PER_WINDOW // 2
        self._seen = 0
        self._beginning = Beginning()
        self._windows: dict[int, Pressed] = {}
        self._shown: dict[tuple[Pair, bool], deque[Pressed]] = {}

    def mark(self, slots: Slots) -> BoolArray | None:
        """Return the slots of windows in which a head reads another ratio than at the beginning."""
        self._windows.clear()
        if not self._heads:
            return None
        of_slot = slots.numbers // PER_WINDOW
        starts = np.concatenate(([0], np.flatnonzero(np.diff(of_slot)) + 1))
        (one, other), (third, fourth) = self._heads
        touched = slots.touched
        pressed = (touched[one] | touched[other]) & (touched[third] | touched[fourth])
        counts = np.add.reduceat(slots.counts * pressed, starts)
        chosen = np.flatnonzero(counts > self._half)
        if not len(chosen):
            return None
        sums = np.add.reduceat(slots.sums * pressed, starts, axis=1)[:, chosen]
        self._seen += len(chosen)
        means = sums / counts[chosen] * self._steps[:, None] + SOFTENED_KPA
        worth = np.flatnonzero(self._worth(means)).tolist()
        if not worth:
            return None
        marked = np.zeros(len(slots), np.bool_)
        for at in worth:
            place = int(starts[chosen[at]])
            self._windows[int(of_slot[place])] = Pressed(
                self._seen - len(chosen) + at, slots.moment(place), tuple(means[:, at].tolist())
            )
            marked[place] = True
        return marked

    def take(self, window: Window, failed: set[int]) -> Iterator[Found]:
        """Yield the cell of each head that has come apart from the other one for some windows."""
        pressed = self._windows.get(window.number)
        if pressed is None:
            return
        if len(self._beginning.windows) < BEGINNING:
            self._beginning.add(pressed, self._heads)
            return
        for head, other in (self._heads, self._heads[::-1]):
            if failed.isdisjoint(head) and self._lasts(head, pressed):
                shown = self._shown[head, pressed.ratio(*head) > 1]
                whole = [cell for cell in other if cell not in failed]
                if whole:
                    one = max(head, key=lambda cell: self._moved(cell, whole, shown))
                    yield Found(one, CellFaultKind.DISAGREES, shown[0].since)

    def _worth(self, means: FloatArray) -> BoolArray:
        """Return the windows to look at: those of the beginning, and those in which a ratio is unusual."""
        if len(self._beginning.windows) < BEGINNING:
            return np.ones(means.shape[1], np.bool_)
        ratios = [(means[one] / means[other], *self._beginning.bounds[one, other]) for one, other in self._heads]
        worth: BoolArray = np.logical_or.reduce([(ratio < low) | (ratio > high) for ratio, low, high in ratios])
        return worth

    def _lasts(self, head: Pair, pressed: Pressed) -> bool:
        """Return whether this window shows it for the third time among the last four."""
        ratio, (low, high) = pressed.ratio(*head), self._beginning.bounds[head]
        if low <= ratio <= high:
            return False
        shown = self._shown.setdefault((head, ratio > 1), deque())
        shown.append(pressed)
        while shown[0].ordinal < pressed.ordinal - LASTING:
            shown.popleft()
        return len(shown) >= LASTING

    def _moved(self, cell: int, others: list[int], shown: deque[Pressed]) -> float:
        """Return how far a cell has moved against the other head since the beginning, as a logarithm."""

        def against(window: Pressed) -> float:
            return math.log(window.means[cell] / (sum(window.means[at] for at in others) / len(others)))

        return abs(median(map(against, shown)) - median(map(against, self._beginning.windows)))
