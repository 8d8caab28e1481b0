"""The search for legs, from chunks to rows: where each begins, where it starts from and where it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.strokes.sweep.legs import Legs
from glowtool.stream.strokes.sweep.turns import Turns

if TYPE_CHECKING:
    from glowtool.stream.block import BoolArray, FloatArray, IntArray
    from glowtool.stream.strokes.rule import Thresholds
    from glowtool.stream.strokes.sweep.rows import Rows


def legs_of(rows: Rows, rule: Thresholds) -> tuple[Legs, BoolArray]:
    """Return the movements between the turning points of rows, and on which the head may have stood for long."""
    turns = Turns(rows, rule)
    points_mm, reached, left = np.array(turns.points_mm), _whole(turns.reached), _whole(turns.left)
    leads, lingers = np.ones(len(left), np.bool_), np.zeros(len(left), np.bool_)
    leads[turns.lasts], lingers[turns.lingers] = False, True
    froms = leads.nonzero()[0]
    start_mm, end_mm = points_mm[froms], points_mm[froms + 1]
    at = _window(left[froms], turns.size, len(rows))
    left[froms] += (np.abs(rows.travel_mm[at] - start_mm[:, None]) >= rule.turn_mm).argmax(axis=1)
    begins, stops = left[froms], left[froms + 1]
    at = _window(np.maximum(reached[froms + 1], begins), turns.size, len(rows))
    ends = at[:, 0] + (rows.travel_mm[at] == end_mm[:, None]).argmax(axis=1)
    starts = _last_there(rows.travel_mm, reached[froms], begins, start_mm, rule.jitter_mm)
    return Legs(begins, stops, starts, ends, start_mm, end_mm), lingers[froms]


def _last_there(
    travel_mm: FloatArray, since: IntArray, begins: IntArray, start_mm: FloatArray, jitter_mm: float
) -> IntArray:
    """Return the last row of [since, begin) of each leg at which the head was still where the leg starts."""
    if not len(since):
        return since
    counts = begins - since
    firsts = np.cumsum(counts) - counts
    at = np.arange(counts.sum()) + np.repeat(since - firsts, counts)
    there = np.abs(travel_mm[at] - np.repeat(start_mm, counts)) <= jitter_mm
    last: IntArray = np.maximum.reduceat(np.where(there, at, -1), firsts)
    return last


def _window(rows: IntArray, size: int, stop: int) -> IntArray:
    """Return so many rows from each of these on, shape (n, size), all of them before `stop`."""
    window: IntArray = np.minimum(rows[:, None] + np.arange(size), stop - 1)
    return window


def _whole(values: list[int]) -> IntArray:
    return np.array(values, np.int64)
