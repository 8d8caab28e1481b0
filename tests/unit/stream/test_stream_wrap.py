"""A counter that wraps around is unwrapped to the count that was meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.stream.wrap import unwrap, unwrap_rows


@pytest.mark.parametrize("bits", [16, 32])
@given(reference=st.integers(0, 2**60), data=st.data())
def test_the_nearest_congruent_integer_is_found(bits: int, reference: int, data: st.DataObject) -> None:
    half = 1 << (bits - 1)
    true = reference + data.draw(st.integers(-half, half - 1))
    assert unwrap(true % (1 << bits), reference, bits) == true


@pytest.mark.parametrize(("value", "reference", "expected"), [(0, 65_535, 65_536), (65_535, 65_536, 65_535)])
def test_it_goes_over_the_edge_both_ways(value: int, reference: int, expected: int) -> None:
    assert unwrap(value, reference, 16) == expected


@given(
    start=st.integers(-(2**20), 2**20),
    steps=st.lists(st.integers(-(2**15) + 1, 2**15 - 1), min_size=1, max_size=200),
)
def test_a_series_of_16_bit_counts_becomes_the_count_that_was_meant(start: int, steps: list[int]) -> None:
    true = start + np.cumsum(steps)
    shown = true.astype(np.int16)
    assert (unwrap_rows(shown[np.newaxis], np.array([start]))[0] == true).all()
    assert (unwrap_rows(shown.view(np.uint16)[np.newaxis], np.array([start]))[0] == true).all()
