"""The watch over the pressure cells of a stream: it says once of each cell that it went bad, and how it shows that."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from glowtool.model.channel import ChannelFlag, Quantity, Stream
from glowtool.stream.block import period_us
from glowtool.stream.quality.air import Air
from glowtool.stream.quality.apart import Apart
from glowtool.stream.quality.cells import watched_cells
from glowtool.stream.quality.kinds import NOW
from glowtool.stream.quality.noise import Noise
from glowtool.stream.quality.sign import Window
from glowtool.stream.quality.slots import PER_WINDOW, Piece, slot_samples, slots_of
from glowtool.stream.quality.still import Still

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.model.channel import Channel
    from glowtool.stream.block import Reading
    from glowtool.stream.quality.kinds import CellFaultKind
    from glowtool.stream.quality.sign import Sign
    from glowtool.stream.quality.slots import Slots


@dataclass(frozen=True, slots=True)
class FailedCell:
    """A pressure cell that went bad: its channel, its place in words, and the times, in device µs.

    It is bad from `since_us` on, at the sample `since_sample`; that was known at `known_us`.
    """

    cell: str
    place: str
    kind: CellFaultKind
    since_sample: int
    since_us: int
    known_us: int

    @property
    def words(self) -> str:
        """The sentence for a person, at the moment at which it is known."""
        return f"The {self.place} cell {NOW[self.kind]}: do not go by the pressure of its head."


@dataclass(frozen=True, slots=True)
class QualitySettings:
    """The fast channels, and their rate."""

    channels: tuple[Channel, ...]
    rate_hz: int


@dataclass(slots=True)
class QualityState:
    """The samples that wait for the end of their window, at the sample `due`, and the cells known to be bad."""

    pieces: list[Piece] = field(default_factory=list)
    due: int = 0
    failed: set[int] = field(default_factory=set)


class QualityWatch:
    """Judges the cells of any channel table, a second at a time; samples that are missing show nothing."""

    def __init__(self, settings: QualitySettings) -> None:
        self.settings = settings
        self.state = QualityState()
        fast = tuple(item for item in settings.channels if item.row.stream is Stream.FAST)
        self._cells = watched_cells(fast)
        loop = next((item for item in fast if _tells_open(item)), None)
        self._open_at = None if loop is None else loop.row.raw_maximum
        self._names = [cell.channel for cell in self._cells] + ([] if loop is None else [loop.name])
        self._slot = slot_samples(settings.rate_hz)
        self._window = PER_WINDOW * self._slot
        self._period_us = period_us(settings.rate_hz)
        self._signs = self._new_signs()

    def process(self, reading: Reading) -> tuple[FailedCell, ...]:
        """Take a reading; return the cells that it shows to be bad."""
        count = len(reading)
        if not count or not self._cells:
            return ()
        state, first = self.state, reading.first_sample
        if not state.pieces:
            state.due = (first // self._window + 1) * self._window
        columns = reading.columns
        state.pieces.append(Piece(first, reading.device_time_us, [columns[name] for name in self._names]))
        end = first + count
        return () if end < state.due else self._judge(end // self._window * self._window)

    def flush(self) -> tuple[FailedCell, ...]:
        """Judge the window that the end cuts short."""
        pieces = self.state.pieces
        return self._judge(pieces[-1].first + len(pieces[-1])) if pieces else ()

    def restart(self) -> tuple[FailedCell, ...]:
        """Judge what came before the roller restarted, and begin anew; a cell that is known to be bad stays so."""
        last, known = self.flush(), self.state.failed
        self.state, self._signs = QualityState(failed=known), self._new_signs()
        return last

    def _new_signs(self) -> tuple[Sign, ...]:
        # In this order: a cell that reads noise is no witness against the one beside it.
        cells = self._cells
        return Noise(cells), Still(cells), Air(cells), Apart(cells, self._slot)

    def _judge(self, end: int) -> tuple[FailedCell, ...]:
        """Judge all samples before `end`."""
        whole, rest = [], []
        for piece in self.state.pieces:
            inside = min(max(end - piece.first, 0), len(piece))
            if inside:
                whole.append(piece if inside == len(piece) else piece.cut(0, inside, self._period_us))
            if inside < len(piece):
                rest.append(piece.cut(inside, len(piece), self._period_us))
        self.state.pieces, self.state.due = rest, end + self._window
        slots = slots_of(tuple(whole), self._cells, self._open_at, self._slot, self._period_us)
        return tuple(self._look(slots))

    def _look(self, slots: Slots) -> Iterator[FailedCell]:
        marked = np.logical_or.reduce([sign.mark(slots) for sign in self._signs])
        if not marked.any():
            return
        windows = slots.numbers // PER_WINDOW
        edges = [0, *(np.flatnonzero(np.diff(windows)) + 1).tolist(), len(slots)]
        for start, stop in pairwise(edges):
            if marked[start:stop].any():
                yield from self._take(Window(int(windows[start]), slots, start, stop))

    def _take(self, window: Window) -> Iterator[FailedCell]:
        known_us = window.slots.moment(window.stop - 1)[1] + self._slot * self._period_us
        for sign in self._signs:
            for found in sign.take(window, self.state.failed):
                if found.cell not in self.state.failed:
                    self.state.failed.add(found.cell)
                    cell = self._cells[found.cell]
                    yield FailedCell(cell.channel, cell.words, found.kind, *found.since, known_us)


def _tells_open(channel: Channel) -> bool:
    row = channel.row
    return row.quantity is Quantity.IMPEDANCE and bool(row.flags & ChannelFlag.MAXIMUM_IS_OPEN)
