"""Strokes as movements of the hand: of one head, or of the tool, whose two heads mostly roll together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glowtool.analysis.recording import Floats, Ints, Recording, Strokes, gap_spans_us, overlap_us
from glowtool.protocol.directions import SIGN_OF_DIRECTION
from glowtool.stream.contact import BLINK_S
from glowtool.units import MICROSECONDS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Movements:
    """Movements in the order of their start, each column of shape (n,).

    `asked_sign` is the sign of travel that the step asked for, 0 where it asked for none. `interval_s`, shape (m,),
    holds the times from start to start of movements that follow each other in one step, but for those between which a
    gap is long enough to hide another one. A gap within a movement hides none: it was bridged.
    """

    length_mm: Floats
    duration_s: Floats
    peak_kpa: Floats
    asked_sign: Ints
    interval_s: Floats

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
    strokes, gaps = merge_heads(recording.strokes), _sorted_gaps_us(recording)
    first = np.searchsorted(gaps[:, 0], strokes.start_us)
    stop = np.searchsorted(gaps[:, 1], strokes.end_us, side="right")
    holding = stop > first
    edges = np.zeros(len(gaps) + 1, np.int64)
    np.add.at(edges, first[holding], 1)
    np.add.at(edges, stop[holding], -1)
    within = gaps[np.cumsum(edges)[:-1] > 0]
    return Bridged(int(holding.sum()), int(np.sum(within[:, 1] - within[:, 0])) / MICROSECONDS_PER_SECOND)


def movements_of_head(recording: Recording, strokes: Strokes, *, is_left: bool) -> Movements:
    """Return the strokes of one head as movements."""
    return _movements(recording, strokes.where(strokes.is_left == is_left))


def movements_of_both(recording: Recording, strokes: Strokes) -> Movements:
    """Return the movements of the tool: two heads' strokes in one direction that overlap by half are one movement."""
    return _movements(recording, merge_heads(strokes))


def merge_heads(strokes: Strokes) -> Strokes:
    """Return strokes with each pair of left and right that belongs together made one.

    Two strokes belong together when they are in one step, have the same sign and overlap for at least half of the
    shorter. The merged stroke lasts from the first start to the last end, has the mean length and the higher peak, and
    carries the left head's mark.
    """
    order = np.lexsort((strokes.end_us, strokes.start_us))
    open_strokes: list[int] = []
    partner: dict[int, int] = {}
    for new in map(int, order):
        open_strokes = [old for old in open_strokes if strokes.end_us[old] > strokes.start_us[new]]
        mate = next((old for old in open_strokes if _belong_together(strokes, old, new)), None)
        if mate is None:
            open_strokes.append(new)
        else:
            open_strokes.remove(mate)
            partner[mate] = new
    followers = set(partner.values())
    rows = [(int(row), partner.get(int(row), int(row))) for row in order if int(row) not in followers]
    first, second = np.array(rows, np.int64).reshape(-1, 2).T
    return Strokes(
        strokes.is_left[first] | strokes.is_left[second],
        strokes.start_us[first],
        np.maximum(strokes.end_us[first], strokes.end_us[second]),
        (strokes.length_mm[first] + strokes.length_mm[second]) / 2,
        np.maximum(strokes.peak_kpa[first], strokes.peak_kpa[second]),
        strokes.step[first],
    )


def _belong_together(strokes: Strokes, one: int, other: int) -> bool:
    if strokes.is_left[one] == strokes.is_left[other] or strokes.step[one] != strokes.step[other]:
        return False
    if (strokes.length_mm[one] > 0) != (strokes.length_mm[other] > 0):
        return False
    spans = [(int(strokes.start_us[row]), int(strokes.end_us[row])) for row in (one, other)]
    shorter_us = min(end - start for start, end in spans)
    return 2 * overlap_us(*spans) >= shorter_us


def _movements(recording: Recording, strokes: Strokes) -> Movements:
    strokes = strokes.pick(np.argsort(strokes.start_us, kind="stable"))
    sign = {step.index: SIGN_OF_DIRECTION[step.direction] for step in recording.steps}
    return Movements(
        strokes.length_mm,
        (strokes.end_us - strokes.start_us) / MICROSECONDS_PER_SECOND,
        strokes.peak_kpa,
        np.array([sign.get(int(step), 0) for step in strokes.step], np.int64),
        _intervals_s(recording, strokes),
    )


def _intervals_s(recording: Recording, strokes: Strokes) -> Floats:
    """Return the times between starts, without those that span two steps or a gap that may hide a movement."""
    start, end, step = strokes.start_us, strokes.end_us, strokes.step
    gaps = _sorted_gaps_us(recording)
    gaps = gaps[gaps[:, 1] - gaps[:, 0] > BLINK_S * MICROSECONDS_PER_SECOND]
    begun_before_next = np.searchsorted(gaps[:, 0], start[1:])
    over_before_end = np.searchsorted(gaps[:, 1], end[:-1], side="right")
    whole = (step[1:] == step[:-1]) & (begun_before_next <= over_before_end)
    return np.asarray(np.diff(start)[whole] / MICROSECONDS_PER_SECOND, np.float64)


def _sorted_gaps_us(recording: Recording) -> Ints:
    """Return the gaps as (start, end) in device time, shape (n, 2), in their order."""
    return np.array(sorted(gap_spans_us(recording)), np.int64).reshape(-1, 2)
