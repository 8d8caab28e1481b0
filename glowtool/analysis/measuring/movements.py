"""Strokes as movements of the hand: with one head, or with the tool, whose two heads mostly roll together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glowtool.analysis.measuring.ways_back import Between, ways_back
from glowtool.analysis.recordings.recording import Bools, Floats, Ints, Recording, Strokes, gap_spans_us
from glowtool.model.face import SIGN_OF_DIRECTION
from glowtool.stream.contact import BLINK_S
from glowtool.stream.heads import Head
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@dataclass(frozen=True, slots=True)
class Movements:
    """Movements in the order of their start, each column of shape (n,).

    `asked_sign` is the sign of travel that the step asked for, 0 if it asked for none. `counted` marks the movements
    that a step counts (`glowtool.model.face`), `is_return` those that only take the tool back. `interval_s`, shape
    (m,), holds the times from start to start of consecutive counted movements in one stretch of the step
    `interval_step`, except those with a gap between that is long enough to hide another one. A gap within a movement
    hides none: it was bridged.
    """

    step: Ints
    length_mm: Floats
    duration_s: Floats
    peak_kpa: Floats
    asked_sign: Ints
    counted: Bools
    is_return: Bools
    interval_s: Floats
    interval_step: Ints

    def __len__(self) -> int:
        """Return the number of movements."""
        return len(self.length_mm)

    def within(self, steps: Collection[int]) -> Movements:
        """Return the movements in the steps of these indices."""
        rows, intervals = np.isin(self.step, list(steps)), np.isin(self.interval_step, list(steps))
        return Movements(
            self.step[rows],
            self.length_mm[rows],
            self.duration_s[rows],
            self.peak_kpa[rows],
            self.asked_sign[rows],
            self.counted[rows],
            self.is_return[rows],
            self.interval_s[intervals],
            self.interval_step[intervals],
        )


@dataclass(frozen=True, slots=True)
class Bridged:
    """The number of movements that continue across gaps, and the total length of these gaps."""

    movements: int
    gap_s: float


def bridged(recording: Recording) -> Bridged:
    """Return the parts of gaps that lie within strokes; a stroke holds a gap only if it was followed across it."""
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
    """Return strokes with each matching pair of left and right merged into one.

    Two strokes belong together when they are in one step, have the same sign and overlap for at least half of the
    shorter. The merged stroke lasts from the first start to the last end, has the mean length and the higher peak, and
    carries the left head's mark.
    """
    in_order = strokes.pick(np.lexsort((strokes.end_us, strokes.start_us)))
    first, second = _pairs(in_order)
    return Strokes(
        np.where(in_order.head[second] == Head.LEFT.value, in_order.head[second], in_order.head[first]),
        in_order.start_us[first],
        np.maximum(in_order.end_us[first], in_order.end_us[second]),
        (in_order.length_mm[first] + in_order.length_mm[second]) / 2,
        np.maximum(in_order.peak_kpa[first], in_order.peak_kpa[second]),
        in_order.step[first],
    )


def _pairs(strokes: Strokes) -> tuple[Ints, Ints]:
    """Return the rows of strokes that belong together, a lone one paired with itself, in order of the first.

    Strokes are in the order of their start. Most overlap with one other at most; only the rest needs a loop.
    """
    count = len(strokes)
    latest_us = np.maximum.accumulate(strokes.end_us)
    begins = np.ones(count + 1, np.bool_)
    begins[1:-1] = strokes.start_us[1:] >= latest_us[:-1]
    edges = np.flatnonzero(begins)
    start, size = edges[:-1], np.diff(edges)
    partner = np.arange(count)
    two = start[size == 2]
    matched = two[_belong_together(strokes, two, two + 1)]
    partner[matched] = matched + 1
    for first, length in zip(start[size > 2].tolist(), size[size > 2].tolist(), strict=True):
        _pair_up(strokes, first, first + length, partner)
    leads = np.ones(count, np.bool_)
    leads[partner[partner != np.arange(count)]] = False
    first_rows = np.flatnonzero(leads)
    return first_rows, partner[first_rows]


def _pair_up(strokes: Strokes, first: int, stop: int, partner: Ints) -> None:
    """Pair the strokes of these rows that hang together in time: each with the earliest that is open and belongs."""
    waiting: list[int] = []
    for new in range(first, stop):
        waiting = [old for old in waiting if strokes.end_us[old] > strokes.start_us[new]]
        mates = np.array(waiting, np.int64)
        fitting = np.flatnonzero(_belong_together(strokes, mates, np.full(len(mates), new)))
        if len(fitting):
            partner[waiting.pop(int(fitting[0]))] = new
        else:
            waiting.append(new)


def _belong_together(strokes: Strokes, one: Ints, other: Ints) -> Bools:
    """Return for pairs of rows, each shape (k,), whether they are one movement."""
    start, end, is_positive = strokes.start_us, strokes.end_us, strokes.length_mm > 0
    shared_us = np.maximum(0, np.minimum(end[one], end[other]) - np.maximum(start[one], start[other]))
    shorter_us = np.minimum(end[one] - start[one], end[other] - start[other])
    return np.asarray(
        (strokes.head[one] != strokes.head[other])
        & (strokes.step[one] == strokes.step[other])
        & (is_positive[one] == is_positive[other])
        & (2 * shared_us >= shorter_us),
        np.bool_,
    )


def movements_of(
    recording: Recording, strokes: Strokes, touching: Bools, gaps_us: Sequence[tuple[int, int]]
) -> Movements:
    """Return all strokes of one head, or of both merged, as movements.

    `touching` says for every sample whether that head, or either, is on the skin; `gaps_us` are the gaps in device
    time.
    """
    strokes, gaps = strokes.pick(np.argsort(strokes.start_us, kind="stable")), _sorted(gaps_us)
    sign = {step.index: SIGN_OF_DIRECTION[step.direction] for step in recording.steps}
    asked_sign = np.array([sign.get(step, 0) for step in strokes.step.tolist()], np.int64)
    counted = asked_sign * strokes.length_mm >= 0
    stretch = _stretch(recording, strokes)
    between = Between(
        _lifted_between(recording, strokes, touching),
        _hidden_between(strokes, gaps),
        (np.diff(stretch) != 0) | (np.diff(strokes.step) != 0),
    )
    chosen = strokes.where(counted)
    whole = (np.diff(chosen.step) == 0) & (np.diff(stretch[counted]) == 0) & ~_hidden_between(chosen, gaps)
    return Movements(
        strokes.step,
        strokes.length_mm,
        (strokes.end_us - strokes.start_us) / MICROSECONDS_PER_SECOND,
        strokes.peak_kpa,
        asked_sign,
        counted,
        ways_back(strokes, asked_sign, between),
        np.diff(chosen.start_us)[whole] / MICROSECONDS_PER_SECOND,
        chosen.step[1:][whole],
    )


def _stretch(recording: Recording, strokes: Strokes) -> Ints:
    """Return the stretch of the steps in which each stroke begins: a pause or an outage divides a step."""
    starts = np.sort([start for step in recording.steps for start, _ in step.spans_us])
    return np.searchsorted(starts, strokes.start_us, side="right")


def _lifted_between(recording: Recording, strokes: Strokes, touching: Bools) -> Bools:
    """Return for each stroke but the first whether a sample since the one before it was not `touching`."""
    lifted = np.concatenate(([0], np.cumsum(~touching)))
    first, stop = (np.searchsorted(recording.samples.device_time_us, us) for us in (strokes.end_us, strokes.start_us))
    return np.asarray(lifted[stop[1:]] > lifted[first[:-1]], np.bool_)


def _hidden_between(strokes: Strokes, gaps: Ints) -> Bools:
    """Return for each stroke but the first whether a gap between it and the one before may hide a movement."""
    gaps = gaps[gaps[:, 1] - gaps[:, 0] > BLINK_S * MICROSECONDS_PER_SECOND]
    begun_before_next = np.searchsorted(gaps[:, 0], strokes.start_us[1:])
    over_before_end = np.searchsorted(gaps[:, 1], strokes.end_us[:-1], side="right")
    return np.asarray(begun_before_next > over_before_end, np.bool_)


def _sorted(gaps_us: Sequence[tuple[int, int]]) -> Ints:
    """Return the gaps as (start, end) in device time, shape (n, 2), in their order."""
    return np.array(sorted(gaps_us), np.int64).reshape(-1, 2)
