"""The signs of bad pressure cells: in one cell, and between cells under the same hand.

A cell is bad from the first moment that shows it to the end of the recording. Healthy cells of one head differ by
tilt: over a second of contact their mean readings stay within a factor of 1.3 with every simulated hand. The limits are
those of the watch over the live stream (`stream.quality`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.quality.kinds import (
    AIR_KPA,
    APART,
    BEGINNING,
    CHANGED,
    HARD_SHARE,
    IN_THE_AIR_KPA,
    LASTING,
    LET_GO_S,
    NOISIER,
    NOISY_KPA,
    SOFTENED_KPA,
    STILL_S,
    TOUCHED_KPA,
    WINDOW_S,
    CellFaultKind,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.analysis.recordings.recording import Bools, Floats, Ints, Recording
    from glowtool.stream.layout import Layout

#: A visit to the air that is shorter than this, once the tissue has let go, shows nothing.
AIR_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell, by the name of its channel, that is bad from the row `since` of the samples on."""

    cell: str
    kind: CellFaultKind
    since: int


#: The two cells of each of two heads, by the names of their channels.
Pairs = tuple[tuple[str, str], tuple[str, str]]


def paired_cells(layout: Layout) -> Pairs | None:
    """Return the two cells of each of two heads; None for any other roller, whose cells cannot be compared."""
    cells = [tuple(cell.channel for cell in head.cells) for head in layout.heads]
    match cells:
        case [(one, other), (third, fourth)]:
            return (one, other), (third, fourth)
        case _:
            return None


def find_cell_faults(recording: Recording) -> tuple[CellFault, ...]:
    """Return the cells that went bad, each once, with its first sign; without two heads of two cells, judge none."""
    heads = paired_cells(recording.layout)
    cells = recording.samples.cells_kpa
    if heads is None or any(name not in cells for head in heads for name in head) or not len(recording.samples):
        return ()
    look = _Look(recording, heads)
    found = [fault for one in (name for head in heads for name in head) if (fault := look.first(one)) is not None]
    return tuple(found)


class _Look:
    """All checks of the cells of one recording."""

    def __init__(self, recording: Recording, heads: Pairs) -> None:
        samples = recording.samples
        self.heads = heads
        self.cells = {name: samples.cells_kpa[name] for head in heads for name in head}
        self.beside = {one: other for head in heads for one, other in (head, head[::-1])}
        # A step below the end, so that rounding in the calibration does not hide it.
        self.full_kpa = {cell.channel: cell.full_kpa - cell.step_kpa for cell in recording.layout.cells}
        self.rate_hz = recording.rate_hz
        self.open = None if samples.impedance_ohm is None else np.isinf(samples.impedance_ohm)
        self._early: dict[str, CellFault] = {}
        for name in self.cells:
            fault = self._own(name)
            if fault is not None:
                self._early[name] = fault
        self._apart = self._disagreeing()

    def first(self, cell: str) -> CellFault | None:
        """Return the first sign that a cell is bad."""
        found = [fault for fault in (self._early.get(cell), self._apart.get(cell)) if fault is not None]
        return min(found, key=lambda fault: fault.since, default=None)

    def _own(self, cell: str) -> CellFault | None:
        """Return the signs in the cell itself; the air only shows a fault since the last time in the air."""
        sharp = [fault for fault in (self._still(cell), self._noisy(cell)) if fault is not None]
        first = min(sharp, key=lambda fault: fault.since, default=None)
        in_the_air = self._air(cell)
        if in_the_air is None:
            return first
        fault, seen = in_the_air
        return fault if first is None or first.since > seen else first

    def _still(self, cell: str) -> CellFault | None:
        values, beside = self.cells[cell], self.cells[self.beside[cell]]
        for start, stop in _runs_of_equals(values, round(STILL_S * self.rate_hz)):
            level, other = values[start], float(np.mean(beside[start:stop]))
            if level >= self.full_kpa[cell]:
                if other < HARD_SHARE * self.full_kpa[cell]:
                    return CellFault(cell, CellFaultKind.SATURATED, start)
            elif level > IN_THE_AIR_KPA:
                return CellFault(cell, CellFaultKind.STUCK, start)
            elif other > TOUCHED_KPA:
                return CellFault(cell, CellFaultKind.DEAD, _begin_of_touch(beside, start))
        return None

    def _noisy(self, cell: str) -> CellFault | None:
        step = round(WINDOW_S * self.rate_hz)
        own, beside = (np.abs(np.diff(self.cells[name])) for name in (cell, self.beside[cell]))
        for start in range(0, len(own) - step + 1, step):
            if self.cells[self.beside[cell]][start : start + step].max() >= self.full_kpa[self.beside[cell]]:
                continue  # at the end of its range a cell shows no noise
            noise = float(np.median(own[start : start + step]))
            if noise > NOISY_KPA and noise > NOISIER * float(np.median(beside[start : start + step])):
                return CellFault(cell, CellFaultKind.NOISY, start)
        return None

    def _air(self, cell: str) -> tuple[CellFault, int] | None:
        """Return a cell that is off in the air, bad since it was last right, and the row that shows it."""
        if self.open is None:
            return None
        good_until = 0
        for start, stop in _runs(self.open, round((LET_GO_S + AIR_S) * self.rate_hz)):
            inside = self.cells[cell][start + round(LET_GO_S * self.rate_hz) : stop]
            if float(np.median(inside)) > AIR_KPA:
                return CellFault(cell, CellFaultKind.OFFSET, good_until), stop
            good_until = stop
        return None

    def _disagreeing(self) -> dict[str, CellFault]:
        """Find cells that permanently differ from the one beside them; the other head tells which of the two is bad."""
        starts, means = self._windows()
        found = {}
        for head, other in (self.heads, self.heads[::-1]):
            if any(name in self._early for name in head):
                continue  # a cell that is known to be bad cannot judge its neighbour
            apart = np.log((means[head[0]] + SOFTENED_KPA) / (means[head[1]] + SOFTENED_KPA))
            # A head that is held askew from the beginning has no bad cell: only a change shows one.
            changed = apart - np.median(apart[:BEGINNING]) if len(apart) else apart
            shown = [(sign * apart > APART) & (sign * changed > CHANGED) for sign in (1, -1)]
            lasting = [_first_lasting(each, LASTING) for each in shown]
            window = min((at for at in lasting if at is not None), default=None)
            if window is not None:
                one = max(head, key=lambda name: self._deviation(means, name, other, window))
                found[one] = CellFault(one, CellFaultKind.DISAGREES, int(starts[window]))
        return found

    def _deviation(self, means: Mapping[str, Floats], cell: str, other: tuple[str, str], window: int) -> float:
        """Return how far a cell's log ratio to the other head has moved from its earlier median, or from 0."""
        reference = np.mean([means[name] for name in other if name not in self._early] or [means[cell]], axis=0)
        against = np.log((means[cell] + SOFTENED_KPA) / (reference + SOFTENED_KPA))
        before = float(np.median(against[:window])) if window >= LASTING else 0.0
        return abs(float(np.median(against[window : window + LASTING])) - before)

    def _windows(self) -> tuple[Ints, dict[str, Floats]]:
        """Return the starts of the windows of a second in which every head is pressed, and each cell's mean there."""
        step = round(WINDOW_S * self.rate_hz)
        starts = np.arange(0, len(self.cells[self.heads[0][0]]) - step + 1, step)
        heads = [np.maximum(*(self.cells[name] for name in head)) for head in self.heads]
        pressed = np.min(heads, axis=0) > TOUCHED_KPA
        enough = np.array([np.mean(pressed[start : start + step]) > 0.5 for start in starts], np.bool_)
        chosen = starts[enough] if len(starts) else starts
        means = {
            name: np.array([float(np.mean(values[at : at + step][pressed[at : at + step]])) for at in chosen])
            for name, values in self.cells.items()
        }
        return chosen, means


def _begin_of_touch(beside: Floats, start: int) -> int:
    """Return the first row from `start` on at which the neighbour is pressed: before it, nothing is known."""
    return start + int(np.argmax(beside[start:] > TOUCHED_KPA))


def _runs_of_equals(values: Floats, at_least: int) -> list[tuple[int, int]]:
    """Return the runs [start, stop) of equal values that are that long."""
    edges = np.concatenate(([0], np.flatnonzero(np.diff(values) != 0) + 1, [len(values)]))
    long = np.flatnonzero(np.diff(edges) >= at_least)
    return [(int(edges[at]), int(edges[at + 1])) for at in long]


def _runs(flags: Bools, at_least: int) -> list[tuple[int, int]]:
    """Return the runs [start, stop) of true values that are that long."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= at_least]


def _first_lasting(shown: Bools, lasting: int) -> int | None:
    """Return the first window that shows the sign, and from which all but one of `lasting` + 1 windows do."""
    for at in range(len(shown) - lasting):
        if shown[at] and int(np.sum(shown[at : at + lasting + 1])) >= lasting:
            return at
    return None
