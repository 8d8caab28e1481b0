"""The features of the cells in slots of a tenth of a second: whole numbers, the same however the input was cut."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

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


class Piece(NamedTuple):
    """Consecutive samples that wait for their window, [first, end): the raw channels that are watched, in order."""

    first: int
    end: int
    time_us: int
    columns: list[npt.NDArray[np.generic]]

    def parted(self, at: int, period_us: int) -> tuple[Piece, Piece]:
        """Return the samples before the sample `at`, and those from it on."""
        inside = at - self.first
        before, after = ([column[part] for column in self.columns] for part in (slice(inside), slice(inside, None)))
        time_us = self.time_us + inside * period_us
        return Piece(self.first, at, self.time_us, before), Piece(at, self.end, time_us, after)


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots that hold samples, (k,), and their features by cell, (cells, k), in steps from the true zero.

    `rough` counts the changes between neighbouring samples of a slot that are more than noise, of `changes` in all;
    None when there is none. `touched` is true where the mean is that of a pressed cell, `is_open` where every sample
    says that the loop through the skin is open.
    """

    numbers: IntArray
    counts: IntArray
    low: npt.NDArray[np.int32]
    high: npt.NDArray[np.int32]
    sums: IntArray
    touched: BoolArray
    rough: IntArray | None
    changes: IntArray
    is_open: BoolArray
    starts: IntArray
    values: npt.NDArray[np.int32]
    joined: BoolArray | None
    pieces: tuple[Piece, ...]
    period_us: int

    def __len__(self) -> int:
        return len(self.numbers)

    def moment(self, at: int) -> Moment:
        """Return the first sample of the slot at that place, and its device time."""
        row = int(self.starts[at])
        for piece in self.pieces:
            length = piece.end - piece.first
            if row < length:
                return piece.first + row, piece.time_us + row * self.period_us
            row -= length
        raise IndexError(at)

    def noise(self, cell: int, start: int, stop: int) -> float:
        """Return the median change from sample to sample in the slots [start, stop), in steps."""
        begin = int(self.starts[start])
        end = int(self.starts[stop]) if stop < len(self) else self.values.shape[1]
        sizes = np.abs(np.diff(self.values[cell, begin:end]))
        if self.joined is not None:
            sizes = sizes[self.joined[begin : end - 1]]
        return float(np.median(sizes)) if len(sizes) else 0.0


class SlotReader:
    """Makes slots from pieces; the column after the cells is the impedance, whose count `open_at` says open."""

    def __init__(self, cells: tuple[Watched, ...], open_at: int | None, slot: int, period_us: int) -> None:
        self._cells = cells
        self._open_at = open_at
        self._slot = slot
        self._period_us = period_us
        self._noisy = np.array([[int(cell.noisy)] for cell in cells], np.int32)
        self._touched = np.array([[cell.touched] for cell in cells])

    def read(self, pieces: tuple[Piece, ...]) -> Slots:
        """Return the slots of these pieces."""
        columns = zip(*(piece.columns for piece in pieces), strict=True)
        rows = [np.concatenate(each) if len(each) > 1 else each[0] for each in columns]
        values = self._values(rows)
        count = values.shape[1]
        gapless = pieces[-1].end - pieces[0].first == count
        numbers, starts = _numbered(pieces, self._slot, gapless=gapless)
        counts = np.diff(starts, append=count)
        sums = np.add.reduceat(values, starts, axis=1, dtype=np.int64)
        rough, joined = self._rough(values, starts, pieces)
        if gapless:
            changes = counts - 1
        else:
            changes = (
                counts
                - 1
                - np.bincount(np.searchsorted(starts, _breaks(pieces, starts), "right") - 1, minlength=len(starts))
            )
        nowhere = np.zeros(len(starts), np.bool_)
        open_at = self._open_at
        return Slots(
            numbers,
            counts,
            np.minimum.reduceat(values, starts, axis=1),
            np.maximum.reduceat(values, starts, axis=1),
            sums,
            sums > self._touched * counts,
            rough,
            changes,
            nowhere if open_at is None else np.logical_and.reduceat(rows[-1] == open_at, starts),
            starts,
            values,
            joined,
            pieces,
            self._period_us,
        )

    def _values(self, rows: list[npt.NDArray[np.generic]]) -> npt.NDArray[np.int32]:
        values = np.empty((len(self._cells), len(rows[0])), np.int32)
        for at, cell in enumerate(self._cells):
            values[at] = rows[at]
            if cell.offset:
                values[at] += cell.offset
            if cell.sign < 0:
                np.negative(values[at], out=values[at])
        return values

    def _rough(
        self, values: npt.NDArray[np.int32], starts: IntArray, pieces: tuple[Piece, ...]
    ) -> tuple[IntArray | None, BoolArray | None]:
        """Return the rough changes by slot, and which neighbouring samples are of one slot and follow each other."""
        sizes = values[:, 1:] - values[:, :-1]
        big = np.abs(sizes, out=sizes) > self._noisy
        if not big.any():
            return None, None
        joined = np.ones(values.shape[1] - 1, np.bool_)
        joined[starts[1:] - 1] = False
        joined[[row - 1 for row in _breaks(pieces, starts)]] = False
        padded = np.zeros(values.shape, np.bool_)
        np.logical_and(big, joined, out=padded[:, 1:])
        return np.add.reduceat(padded, starts, axis=1, dtype=np.int64), joined


def _breaks(pieces: tuple[Piece, ...], starts: IntArray) -> list[int]:
    """Return the rows within a slot before which samples are missing."""
    rows = accumulate(piece.end - piece.first for piece in pieces)
    after = [row for row, (one, other) in zip(rows, pairwise(pieces), strict=False) if one.end != other.first]
    begins = set(starts.tolist()) if after else set()
    return [row for row in after if row not in begins]


def _numbered(pieces: tuple[Piece, ...], slot: int, *, gapless: bool) -> tuple[IntArray, IntArray]:
    """Return the numbers of the slots that hold samples, and the row at which each begins."""
    if gapless:
        first = pieces[0].first
        numbers = np.arange(first // slot, (pieces[-1].end - 1) // slot + 1)
        starts = numbers * slot - first
        starts[0] = 0
        return numbers, starts
    of_each = np.concatenate([np.arange(piece.first, piece.end) // slot for piece in pieces])
    starts = np.concatenate(([0], np.flatnonzero(np.diff(of_each)) + 1))
    return of_each[starts], starts
