"""Sums over spans of rows: means and extremes of the pressure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from glowtool.stream.block import FloatArray, IntArray
    from glowtool.stream.strokes.sweep.rows import Rows


def means_kpa(rows: Rows, starts: IntArray | int, ends: IntArray) -> FloatArray:
    """Return the mean pressure from start to end of each span, both in it."""
    means: FloatArray = (rows.through_kpa[ends] - rows.before_kpa[starts]) / (
        rows.counts[ends] + 1 - rows.counts[starts]
    )
    return means


def no_less(mean_kpa: FloatArray) -> FloatArray:
    """Return a bound that no mean of values up to these exceeds, however it was rounded."""
    return mean_kpa + np.abs(mean_kpa) / 64


def spans(reduce: np.ufunc, values: FloatArray, starts: IntArray, stops: IntArray) -> FloatArray:
    """Return what the values [start, stop) come to, for each of these spans; of an empty one, its first value."""
    edges = np.empty(2 * len(starts), np.int64)
    edges[::2], edges[1::2] = starts, stops
    whole: FloatArray = reduce.reduceat(values, edges[:-1] if edges[-1] == len(values) else edges)
    return whole[::2]
