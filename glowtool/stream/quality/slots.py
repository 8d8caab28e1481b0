"""The features of the cells in slots of a tenth of a second: whole numbers, the same however the input was cut."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.stream.block import BoolArray, IntArray
    from glowtool.stream.quality.cells import Watched

#: Slots in a window: a second at the rates of the protocol.
PER_WINDOW: Final = 10

#: A slot has at least this many samples, so that one can be still, or rough.
_LEAST: Final = 5


def slot_samples(rate_hz: int) -> int:
    """Return the number of samples in a slot."""
    return max(_LEAST, round(rate_hz / PER_WINDOW))


#: When something was seen: the number of a sample, and its device time in µs.
Moment = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive samples that wait for their window: the raw channels that are watched, in order."""

    first: int
    time_us: int
    columns: list[npt.NDArray[np.generic]]

    def __len__(self) -> int:
        return len(self.columns[0])

    def cut(self, start: int, stop: int, period_us: int) -> Piece:
        """Return the samples [start, stop) as a piece of its own."""
        columns = [column[start:stop] for column in self.columns]
        return Piece(self.first + start, self.time_us + start * period_us, columns)


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots that hold samples, (k,), and their features by cell, (cells, k), in steps from the true zero.

    `rough` counts the changes between neighbouring samples of a slot that are more than noise, of `changes` in all.
    `is_open` is true where every sample says that the loop through the skin is open.
    """

    numbers: IntArray
    counts: IntArray
    low: npt.NDArray[np.int32]
    high: npt.NDArray[np.int32]
    sums: IntArray
    rough: IntArray
    changes: IntArray
    is_open: BoolArray
    starts: IntArray
    values: npt.NDArray[np.int32]
    joined: BoolArray
    pieces: tuple[Piece, ...]
    period_us: int

    def __len__(self) -> int:
        return len(self.numbers)

    def moment(self, at: int) -> Moment:
        """Return the first sample of the slot at that place, and its device time."""
        firsts = [piece.first for piece in self.pieces]
        begins = np.cumsum([0, *map(len, self.pieces)])
        row = int(self.starts[at])
        piece = bisect_right(begins.tolist(), row) - 1
        inside = row - int(begins[piece])
        return firsts[piece] + inside, self.pieces[piece].time_us + inside * self.period_us

    def noise(self, cell: int, start: int, stop: int) -> float:
        """Return the median change from sample to sample in the slots [start, stop), in steps."""
        begin = int(self.starts[start])
        end = int(self.starts[stop]) if stop < len(self) else self.values.shape[1]
        sizes = np.abs(np.diff(self.values[cell, begin:end]))[self.joined[begin : end - 1]]
        return float(np.median(sizes)) if len(sizes) else 0.0


def slots_of(
    pieces: tuple[Piece, ...], cells: tuple[Watched, ...], open_at: int | None, slot: int, period_us: int
) -> Slots:
    """Return the slots of these pieces; the column after the cells is the impedance, open at `open_at`."""
    rows = [
        np.concatenate(each) if len(each) > 1 else each[0] for each in zip(*(p.columns for p in pieces), strict=True)
    ]
    values = np.empty((len(cells), len(rows[0])), np.int32)
    for at, cell in enumerate(cells):
        np.add(rows[at], cell.offset, out=values[at], casting="unsafe", dtype=np.int32)
        if cell.sign < 0:
            np.negative(values[at], out=values[at])
    breaks = _breaks(pieces)
    numbers, starts = _numbered(pieces, slot, gapless=not breaks)
    counts = np.diff(starts, append=values.shape[1])
    joined = np.ones(values.shape[1] - 1, np.bool_)
    joined[starts[1:] - 1] = False
    joined[[row - 1 for row in breaks]] = False
    rough = np.zeros(values.shape, np.bool_)
    limits = np.array([cell.noisy for cell in cells])[:, None]
    np.greater(np.abs(np.diff(values, axis=1)), limits, out=rough[:, 1:])
    rough[:, 1:] &= joined
    nothing = np.zeros((len(cells), len(starts)), np.int64)
    inside = np.zeros(values.shape[1], np.bool_)
    inside[1:] = joined
    return Slots(
        numbers,
        counts,
        np.minimum.reduceat(values, starts, axis=1),
        np.maximum.reduceat(values, starts, axis=1),
        np.add.reduceat(values, starts, axis=1, dtype=np.int64),
        np.add.reduceat(rough, starts, axis=1, dtype=np.int64) if rough.any() else nothing,
        np.add.reduceat(inside, starts, dtype=np.int64),
        np.zeros(len(starts), np.bool_) if open_at is None else np.logical_and.reduceat(rows[-1] == open_at, starts),
        starts,
        values,
        joined,
        pieces,
        period_us,
    )


def _breaks(pieces: tuple[Piece, ...]) -> list[int]:
    """Return the rows before which samples are missing."""
    rows = accumulate(len(piece) for piece in pieces)
    return [
        row for row, (one, other) in zip(rows, pairwise(pieces), strict=False) if one.first + len(one) != other.first
    ]


def _numbered(pieces: tuple[Piece, ...], slot: int, *, gapless: bool) -> tuple[IntArray, IntArray]:
    """Return the numbers of the slots that hold samples, and the row at which each begins."""
    if gapless:
        first, last = pieces[0].first, pieces[-1].first + len(pieces[-1]) - 1
        numbers = np.arange(first // slot, last // slot + 1)
        return numbers, np.maximum(numbers * slot - first, 0)
    of_each = np.concatenate([np.arange(piece.first, piece.first + len(piece)) // slot for piece in pieces])
    starts = np.concatenate(([0], np.flatnonzero(np.diff(of_each)) + 1))
    return of_each[starts], starts
