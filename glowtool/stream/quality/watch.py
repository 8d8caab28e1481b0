"""The watch over the pressure cells of a stream: it says once of each cell that it went bad, and how it shows that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.channel import ChannelFlag, Quantity, Stream
from glowtool.stream.block import period_us
from glowtool.stream.quality.air import Air
from glowtool.stream.quality.apart import Apart
from glowtool.stream.quality.cells import watched_cells
from glowtool.stream.quality.kinds import NOW
from glowtool.stream.quality.noise import Noise
from glowtool.stream.quality.sign import Window
from glowtool.stream.quality.slots import PER_WINDOW, Piece, SlotReader, slot_samples
from glowtool.stream.quality.still import Still

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.model.channel import Channel
    from glowtool.stream.block import Reading
    from glowtool.stream.quality.kinds import CellFaultKind
    from glowtool.stream.quality.sign import Sign
    from glowtool.stream.quality.slots import Slots


#: So many windows are looked at together, since numpy costs the same for one as for some: what is bad is told within
#: so many seconds.
TOGETHER: Final = 4


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
        self._turn = TOGETHER * PER_WINDOW * self._slot
        self._period_us = period_us(settings.rate_hz)
        self._reader = SlotReader(self._cells, self._open_at, self._slot, self._period_us)
        self._signs = self._new_signs()

    def process(self, reading: Reading) -> tuple[FailedCell, ...]:
        """Take a reading; return the cells that it shows to be bad."""
        count = len(reading)
        if not count or not self._cells:
            return ()
        state, first = self.state, reading.first_sample
        if not state.pieces:
            state.due = (first // self._turn + 1) * self._turn
        columns = reading.columns
        end = first + count
        state.pieces.append(Piece(first, end, reading.device_time_us, [columns[name] for name in self._names]))
        return () if end < state.due else self._judge(end // self._turn * self._turn)

    def flush(self) -> tuple[FailedCell, ...]:
        """Judge the window that the end cuts short."""
        pieces = self.state.pieces
        return self._judge(pieces[-1].end) if pieces else ()

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
        """Judge all samples before `end`, which lies behind all pieces but the last one."""
        *whole, last = self.state.pieces
        rest = []
        if end <= last.first:
            rest.append(last)
        elif end < last.end:
            before, after = last.parted(end, self._period_us)
            whole.append(before)
            rest.append(after)
        else:
            whole.append(last)
        self.state.pieces, self.state.due = rest, end + self._turn
        return tuple(self._look(self._reader.read(tuple(whole))))

    def _look(self, slots: Slots) -> Iterator[FailedCell]:
        marks = [mark for sign in self._signs if (mark := sign.mark(slots)) is not None]
        if not marks:
            return
        places = np.flatnonzero(np.logical_or.reduce(marks))
        windows = slots.numbers // PER_WINDOW
        for window in dict.fromkeys(windows[places].tolist()):
            start, stop = np.searchsorted(windows, (window, window + 1)).tolist()
            yield from self._take(Window(window, slots, start, stop))

    def _take(self, window: Window) -> Iterator[FailedCell]:
        for sign in self._signs:
            for found in sign.take(window, self.state.failed):
                if found.cell not in self.state.failed:
                    self.state.failed.add(found.cell)
                    cell = self._cells[found.cell]
                    known_us = self._known_us(window)
                    yield FailedCell(cell.channel, cell.words, found.kind, *found.since, known_us)

    def _known_us(self, window: Window) -> int:
        """Return the time at which a window was looked at: the end of its turn, or that of the stream."""
        slots = window.slots
        turn = (window.number // TOGETHER + 1) * self._turn
        sample, time_us = slots.moment(window.stop - 1)
        return time_us + (min(turn, slots.pieces[-1].end) - sample) * self._period_us


def _tells_open(channel: Channel) -> bool:
    row = channel.row
    return row.quantity is Quantity.IMPEDANCE and bool(row.flags & ChannelFlag.MAXIMUM_IS_OPEN)
