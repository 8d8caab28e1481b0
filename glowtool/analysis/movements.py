"""Strokes as movements of the hand: of one head, or of the tool, whose two heads mostly roll together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from glowtool.analysis.recording import Bools, Floats, Ints, Recording, Strokes, gap_spans_us, overlap_us
from glowtool.protocol.directions import SIGN_OF_DIRECTION
from glowtool.stream.contact import BLINK_S
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A movement the other way that begins so soon after one is its way back, in s; after a longer rest it is no way back.
RETURN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Movements:
    """Movements in the order of their start, each column of shape (n,).

    `asked_sign` is the sign of travel that the step asked for, 0 where it asked for none. `counted` are those that a
    step counts (`glowtool.protocol.directions`), `is_return` those that only take the tool back. `interval_s`, shape
    (m,), holds the times from start to start of counted movements that follow each other in one step, but for those
    between which a gap is long enough to hide another one. A gap within a movement hides none: it was bridged.
    """

    length_mm: Floats
    duration_s: Floats
    peak_kpa: Floats
    asked_sign: Ints
    interval_s: Floats
    counted: Bools
    is_return: Bools

    def __len__(self) -> int:
        """Return the number of movements."""
        return len(self.length_mm)


@dataclass(frozen=True, slots=True)
class Bridged:
    """How many movements of the tool go on over gaps, and how long these gaps are in all."""

    movements: int
    gap_s: float


def bridged(recording: Recording) -> Bridged:
    """Return what of the gaps lies within strokes; a stroke holds a gap only where it was followed across it."""
    strokes, gaps = merge_heads(recording.strokes), _sorted(gap_spans_us(recording))
    first = np.searchsorted(gaps[:, 0], strokes.start_us)
    stop = np.searchsorted(gaps[:, 1], strokes.end_us, side="right")
    holding = stop > first
    edges = np.zeros(len(gaps) + 1, np.int64)
    np.add.at(edges, first[holding], 1)
    np.add.at(edges, stop[holding], -1)
    within = gaps[np.cumsum(edges)[:-1] > 0]
    return Bridged(int(holding.sum()), int(np.sum(within[:, 1] - within[:, 0])) / MICROSECONDS_PER_SECOND)


def merge_heads(strokes: Strokes) -> Strokes:
    """Return strokes with each pair of left and right that belongs together made one.

    Two strokes belong together when they are in one step, have the same sign and overlap for at least half of the
    shorter. The merged stroke lasts from the first start to the last end, has the mean length and the higher peak, and
    carries the left head's mark.
    """
    order = np.lexsort((strokes.end_us, strokes.start_us)).tolist()
    rows = _rows(strokes)
    open_strokes: list[int] = []
    partner: dict[int, int] = {}
    for new in order:
        open_strokes = [old for old in open_strokes if rows[old].end_us > rows[new].start_us]
        mate = next((old for old in open_strokes if _belong_together(rows[old], rows[new])), None)
        if mate is None:
            open_strokes.append(new)
        else:
            open_strokes.remove(mate)
            partner[mate] = new
    followers = set(partner.values())
    pairs = [(row, partner.get(row, row)) for row in order if row not in followers]
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    return Strokes(
        strokes.is_left[first] | strokes.is_left[second],
        strokes.start_us[first],
        np.maximum(strokes.end_us[first], strokes.end_us[second]),
        (strokes.length_mm[first] + strokes.length_mm[second]) / 2,
        np.maximum(strokes.peak_kpa[first], strokes.peak_kpa[second]),
        strokes.step[first],
    )


class _Row(NamedTuple):
    """A stroke in plain numbers: a loop over numpy's own takes many times as long."""

    is_left: bool
    step: int
    is_positive: bool
    start_us: int
    end_us: int


def _rows(strokes: Strokes) -> list[_Row]:
    columns = (strokes.is_left, strokes.step, strokes.length_mm > 0, strokes.start_us, strokes.end_us)
    return [_Row(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _belong_together(one: _Row, other: _Row) -> bool:
    if one.is_left == other.is_left or (one.step, one.is_positive) != (other.step, other.is_positive):
        return False
    shorter_us = min(one.end_us - one.start_us, other.end_us - other.start_us)
    return 2 * overlap_us((one.start_us, one.end_us), (other.start_us, other.end_us)) >= shorter_us


def movements_of(recording: Recording, strokes: Strokes, gaps_us: Sequence[tuple[int, int]]) -> Movements:
    """Return strokes, of one head or merged, as movements; `gaps_us` are the gaps of the recording in device time."""
    strokes = strokes.pick(np.argsort(strokes.start_us, kind="stable"))
    sign = {step.index: SIGN_OF_DIRECTION[step.direction] for step in recording.steps}
    asked_sign = np.array([sign.get(step, 0) for step in strokes.step.tolist()], np.int64)
    counted = asked_sign * strokes.length_mm >= 0
    return Movements(
        strokes.length_mm,
        (strokes.end_us - strokes.start_us) / MICROSECONDS_PER_SECOND,
        strokes.peak_kpa,
        asked_sign,
        _intervals_s(strokes.where(counted), _sorted(gaps_us)),
        counted,
        _is_return(strokes),
    )


def _is_return(strokes: Strokes) -> Bools:
    """Return which strokes take the tool back: the other way, soon after one that went out, in the same step."""
    returns = []
    out: _Row | None = None
    for row in _rows(strokes):
        soon = out is not None and row.start_us - out.end_us <= RETURN_S * MICROSECONDS_PER_SECOND
        is_return = out is not None and soon and out.step == row.step and out.is_positive is not row.is_positive
        returns.append(is_return)
        out = None if is_return else row
    return np.array(returns, np.bool_)


def _intervals_s(strokes: Strokes, gaps: Ints) -> Floats:
    """Return the times between starts, without those that span two steps or a gap that may hide a movement."""
    start, end, step = strokes.start_us, strokes.end_us, strokes.step
    gaps = gaps[gaps[:, 1] - gaps[:, 0] > BLINK_S * MICROSECONDS_PER_SECOND]
    begun_before_next = np.searchsorted(gaps[:, 0], start[1:])
    over_before_end = np.searchsorted(gaps[:, 1], end[:-1], side="right")
    whole = (step[1:] == step[:-1]) & (begun_before_next <= over_before_end)
    return np.asarray(np.diff(start)[whole] / MICROSECONDS_PER_SECOND, np.float64)


def _sorted(gaps_us: Sequence[tuple[int, int]]) -> Ints:
    """Return the gaps as (start, end) in device time, shape (n, 2), in their order."""
    return np.array(sorted(gaps_us), np.int64).reshape(-1, 2)
