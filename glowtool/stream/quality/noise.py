"""Cells that read mostly noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.quality.kinds import NOISIER, CellFaultKind
from glowtool.stream.quality.sign import Found
from glowtool.stream.quality.slots import PER_WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.block import BoolArray
    from glowtool.stream.quality.cells import Watched
    from glowtool.stream.quality.sign import Window
    from glowtool.stream.quality.slots import Slots

#: Without a cell beside it that is calm under the same hand, noise has to be larger by this.
_ALONE: Final = 2.0


class Noise:
    """Compares the changes from sample to sample with those of the cells beside it, over a window."""

    def __init__(self, cells: tuple[Watched, ...]) -> None:
        self._cells = cells

    def mark(self, slots: Slots) -> BoolArray | None:
        """Return the slots in which most changes are rough: a window of which that is true has one."""
        if slots.rough is None:
            return None
        marked: BoolArray = np.any(2 * slots.rough > slots.changes, axis=0)
        return marked

    def take(self, window: Window, failed: set[int]) -> Iterator[Found]:
        """Yield the cells that are rough in most of the window."""
        slots, inside = window.slots, slice(window.start, window.stop)
        if slots.rough is None or window.stop - window.start < PER_WINDOW // 2:
            return
        changes = int(slots.changes[inside].sum())
        for own, cell in enumerate(self._cells):
            if own in failed or 2 * int(slots.rough[own, inside].sum()) <= changes:
                continue
            mates = [mate for mate in cell.mates if mate not in failed]
            if any(int(slots.high[mate, inside].max()) >= self._cells[mate].full - 1 for mate in mates):
                continue  # at the end of its range a cell shows no noise
            beside = [slots.noise(mate, window.start, window.stop) for mate in mates]
            limit = NOISIER * max(beside) if beside else _ALONE * cell.noisy
            if slots.noise(own, window.start, window.stop) > limit:
                yield Found(own, CellFaultKind.NOISY, slots.moment(window.start))
