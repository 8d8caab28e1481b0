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


def unwrap_rows(values: npt.NDArray[np.integer], references: IntArray) -> IntArray:
    """Return each row of `values`, shape (rows, n), as one continuous count: each the nearest to its predecessor.

    The first is the nearest to its reference, shape (rows,). The counter has as many bits as its type, and must move by
    less than half its range from value to value.
    """
    signed = np.dtype(f"i{values.itemsize}")
    # The differences of a counter that goes round go round as well, by the arithmetic of its own type.
    shown = np.empty((values.shape[0], values.shape[1] + 1), signed)
    shown[:, 1:] = values.view(signed)
    shown[:, 0] = references.astype(signed)
    counts = (shown[:, 1:] - shown[:, :-1]).astype(np.int64)
    counts[:, :1] += references[:, np.newaxis]
    return np.add.accumulate(counts, axis=1, out=counts)
