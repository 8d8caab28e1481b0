"""Cells that are off in the air: from the beginning, or since their zero moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.quality.kinds import CellFaultKind
from glowtool.stream.quality.sign import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.block import BoolArray
    from glowtool.stream.quality.cells import Watched
    from glowtool.stream.quality.sign import Window
    from glowtool.stream.quality.slots import Moment, Slots

#: The tissue lets go of a cell within so many whole slots after the loop opened (`LET_GO_S`).
LET_GO: Final = 2

#: So many slots of a visit to the air have to show it.
SHOWN: Final = 2


class Air:
    """Looks at the cells whenever the loop through the skin is open, once the massage has begun.

    Before the first touch the cells may still be set to zero, so that time shows nothing.
    """

    def __init__(self, cells: tuple[Watched, ...]) -> None:
        self._cells = cells
        self._last = np.array([-2, -1]), np.zeros(2, np.bool_)
        self._began: Moment | None = None
        self._in_the_air: set[int] = set()
        self._right: dict[int, Moment] = {}
        self._zeros: dict[int, float] = {}
        self._off: dict[int, int] = {}

    def mark(self, slots: Slots) -> BoolArray | None:
        """Return the slots in which the heads are in the air long enough."""
        if self._began is not None and len(slots) > 1 and not slots.is_open.any():
            self._last = slots.numbers[-2:], slots.is_open[-2:]
            self._in_the_air = set()
            return None
        numbers, is_open = (
            np.concatenate(both) for both in zip(self._last, (slots.numbers, slots.is_open), strict=True)
        )
        self._last = numbers[-2:], is_open[-2:]
        follows = np.diff(numbers) == 1
        marked: BoolArray = is_open[2:] & is_open[1:-1] & is_open[:-2] & follows[1:] & follows[:-1]
        if self._began is None:
            touched = ~slots.is_open & slots.touched.any(axis=0)
            first = int(np.argmax(touched)) if touched.any() else len(slots)
            marked[:first] = False
            self._began = slots.moment(first) if first < len(slots) else None
        self._in_the_air = set(slots.numbers[marked].tolist())
        return marked

    def take(self, window: Window, failed: set[int]) -> Iterator[Found]:
        """Yield the cells that are off, bad since they were last right."""
        slots = window.slots
        for at in window.places:
            if int(slots.numbers[at]) in self._in_the_air:
                yield from self._look(slots, at, failed)

    def _look(self, slots: Slots, at: int, failed: set[int]) -> Iterator[Found]:
        count, now = int(slots.counts[at]), slots.moment(at)
        means = [int(total) / count for total in slots.sums[:, at]]
        off = [self._is_off(own, mean) for own, mean in enumerate(means)]
        # When most cells read a pressure, it is the loop that is open on the skin.
        if 2 * sum(off) > len(off):
            return
        for own, mean in enumerate(means):
            if off[own]:
                self._off[own] = self._off.get(own, 0) + 1
                if self._off[own] >= SHOWN and own not in failed:
                    right = self._right.get(own)
                    kind = CellFaultKind.OFFSET if right is None else CellFaultKind.DRIFTS
                    yield Found(own, kind, right or self._began or now)
            else:
                self._off[own] = 0
                self._right[own] = now
                self._zeros.setdefault(own, mean)

    def _is_off(self, own: int, mean: float) -> bool:
        cell, zero = self._cells[own], self._zeros.get(own)
        return mean > cell.off or (zero is not None and abs(mean - zero) > cell.moved)
