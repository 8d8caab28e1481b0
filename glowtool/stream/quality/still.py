"""Cells that stand still: stuck at a pressure, dead, or at the end of their range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.quality.kinds import HARD_SHARE, STILL_S, CellFaultKind
from glowtool.stream.quality.sign import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.block import BoolArray
    from glowtool.stream.quality.cells import Watched
    from glowtool.stream.quality.sign import Window
    from glowtool.stream.quality.slots import Moment, Slots

#: So many whole slots last longer than `STILL_S`, wherever they begin.
SLOTS: Final = round(STILL_S * 10) + 1

#: A head may be pressed at one edge for a while before its other cell counts as dead.
DEAD_SLOTS: Final = 5

#: A slot with fewer samples shows nothing.
LEAST: Final = 5

#: A cell with coarse steps is stuck only while its neighbour moves by this many of them.
MOVING_STEPS: Final = 10


@dataclass(slots=True)
class Run:
    """Consecutive slots in which a cell read one value, and what its mates read meanwhile, in steps."""

    value: int
    since: Moment
    last: int
    slots: int = 0
    pressed: int = 0
    pressed_since: Moment = (0, 0)
    mates: list[float] = field(default_factory=list)
    low: int = 0
    high: int = 0


class Still:
    """Follows the runs of equal values, slot by slot."""

    def __init__(self, cells: tuple[Watched, ...]) -> None:
        self._cells = cells
        self._floor = np.array([cell.still for cell in cells])[:, None]
        self._still: BoolArray = np.zeros((len(cells), 0), np.bool_)
        self._runs: dict[int, Run] = {}

    def mark(self, slots: Slots) -> BoolArray | None:
        """Return the slots in which a still cell means something."""
        still = (slots.low == slots.high) & (slots.counts >= LEAST)
        if still.any():
            still &= (slots.low > self._floor) | slots.touched.any(axis=0)
        self._still = still
        marked: BoolArray = still.any(axis=0)
        return marked if marked.any() else None

    def take(self, window: Window, failed: set[int]) -> Iterator[Found]:
        """Yield the cells that stand still in this window, and did long enough."""
        places, cells = np.nonzero(self._still[:, window.start : window.stop].T)
        for place, own in zip(places.tolist(), cells.tolist(), strict=True):
            if own not in failed:
                run = self._follow(own, window.slots, window.start + place, failed)
                kind = self._judge(own, run)
                if kind is not None:
                    yield Found(own, kind, run.pressed_since if kind is CellFaultKind.DEAD else run.since)

    def _follow(self, own: int, slots: Slots, at: int, failed: set[int]) -> Run:
        cell, value, number = self._cells[own], int(slots.low[own, at]), int(slots.numbers[at])
        run = self._runs.get(own)
        if run is None or run.value != value or run.last != number - 1:
            run = self._runs[own] = Run(value, slots.moment(at), number)
        run.last, run.slots = number, run.slots + 1
        mates = [mate for mate in cell.mates if mate not in failed]
        lows, highs = [int(slots.low[mate, at]) for mate in mates], [int(slots.high[mate, at]) for mate in mates]
        if mates:
            count = int(slots.counts[at])
            run.mates.append(sum(int(slots.sums[mate, at]) for mate in mates) / count / len(mates))
            run.low = min(lows) if run.slots == 1 else min(run.low, *lows)
            run.high = max(highs) if run.slots == 1 else max(run.high, *highs)
            # Noise about zero is no pressure: a pressed cell reads some all the time.
            if run.mates[-1] > cell.touched and min(lows) > cell.touched / 2:
                run.pressed += 1
                run.pressed_since = slots.moment(at) if run.pressed == 1 else run.pressed_since
            else:
                run.pressed = 0
        return run

    def _judge(self, own: int, run: Run) -> CellFaultKind | None:
        cell = self._cells[own]
        if run.slots < SLOTS:
            return None
        if run.value >= cell.full - 1:
            clear = bool(run.mates) and sum(run.mates) / len(run.mates) < HARD_SHARE * cell.full
            return CellFaultKind.SATURATED if clear else None
        if run.value > cell.still:
            clear = cell.is_fine or (bool(run.mates) and run.high - run.low >= MOVING_STEPS)
            return CellFaultKind.STUCK if clear else None
        return CellFaultKind.DEAD if run.pressed >= DEAD_SLOTS else None
