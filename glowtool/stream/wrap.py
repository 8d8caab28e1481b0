"""Counters that wrap around: the integer nearest to a reference that shows a given value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.stream.block import IntArray


def unwrap(value: int, reference: int, bits: int) -> int:
    """Return the integer congruent to `value` modulo 2^bits that is nearest to `reference` (a tie goes up)."""
    half = 1 << (bits - 1)
    return reference + (value - reference + half) % (1 << bits) - half


def unwrap_series(values: npt.NDArray[np.generic], reference: int, bits: int) -> IntArray:
    """Return `values`, shape (n,), as one continuous count: each the nearest to its predecessor.

    The first is the nearest to `reference`. The counter must move by less than 2^(bits−1) from value to value.
    """
    chain = np.concatenate((np.array([reference], dtype=np.int64), values.astype(np.int64)))
    half = 1 << (bits - 1)
    steps = (np.diff(chain) + half) % (1 << bits) - half
    return reference + np.cumsum(steps)
