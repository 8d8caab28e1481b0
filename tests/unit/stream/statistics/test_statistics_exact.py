"""Statistics in one pass are those of all values at once, to the bit, however they were cut and merged."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.stream.statistics.sums import ExactSums
from glowtool.stream.statistics.tally import Tally

COUNTS = st.lists(st.integers(-32_768, 65_535), max_size=200)
FLOATS = st.lists(st.floats(width=64, allow_nan=True, allow_infinity=True), max_size=60)
CUTS = st.lists(st.floats(0, 1), max_size=5)


def pieces(values: list[object], cuts: list[float]) -> list[list[object]]:
    edges = sorted({0, len(values), *(round(cut * len(values)) for cut in cuts)})
    return [values[start:stop] for start, stop in pairwise(edges)]


@given(values=COUNTS, cuts=CUTS, backwards=st.booleans())
def test_a_tally_is_numpys(values: list[int], cuts: list[float], backwards: bool) -> None:
    whole = Tally()
    for piece in pieces(list(values), cuts)[:: -1 if backwards else 1]:
        other = Tally()
        other.take(np.array(piece, np.int32))
        whole.merge(other)
    assert whole.count == len(values)
    if not values:
        assert (whole.minimum, whole.maximum, whole.mean, whole.variance) == (None, None, None, None)
        assert math.isnan(whole.percentile(50))
        assert math.isnan(whole.share(0, 1))
        return
    mean = Fraction(sum(values), len(values))
    assert (whole.minimum, whole.maximum, whole.mean) == (min(values), max(values), mean)
    assert whole.variance == sum((value - mean) ** 2 for value in values) / Fraction(len(values))
    for percent in (0, 5, 50, 95, 100):
        assert whole.percentile(percent) == pytest.approx(np.percentile(values, percent), rel=1e-12, abs=1e-9)
    assert whole.share(-10.5, 300) == sum(-10.5 <= value <= 300 for value in values) / len(values)


@given(values=FLOATS, cuts=CUTS)
def test_sums_are_rounded_once(values: list[float], cuts: list[float]) -> None:
    whole = ExactSums()
    for piece in reversed(pieces(list(values), cuts)):
        other = ExactSums()
        other.take(np.array(piece, np.float64))
        whole.merge(other)
    finite = [value for value in values if math.isfinite(value)]
    assert whole.count == len(finite)
    assert whole.nan == sum(map(math.isnan, values))
    assert whole.infinite == sum(map(math.isinf, values))
    assert whole.total == sum(map(Fraction, finite))
    assert whole.squares == sum(Fraction(value) ** 2 for value in finite)
    if finite:
        assert (whole.minimum, whole.maximum) == (min(finite), max(finite))
    else:
        assert math.isnan(whole.mean)
        assert math.isnan(whole.variance)


def test_the_sum_of_a_long_stream_is_that_of_fsum() -> None:
    values = np.random.default_rng(1).normal(3.0, 40.0, 200_000)
    sums = ExactSums()
    for start in range(0, len(values), 65_536):
        sums.take(values[start : start + 65_536])
    assert float(sums.total) == math.fsum(values)
    assert sums.mean == pytest.approx(float(np.mean(values)), rel=1e-12)
    assert sums.variance == pytest.approx(float(np.var(values)), rel=1e-12)
