"""Samples are dated as they come and again at the end; the last model wins unless the device restarted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glowtool.stream.clock import ClockModel, dated, dated_at_the_end

if TYPE_CHECKING:
    from glowtool.stream.block import Columns, IntArray

US = st.integers(0, 2**45)
MODELS = st.builds(ClockModel, US, US, st.floats(-300, 300))
TIMES = hnp.arrays(np.int64, st.integers(0, 20), elements=US)


def samples_at(times_us: IntArray) -> Columns:
    return {"sample": np.arange(len(times_us)), "device_time_us": times_us, "pressure_lf": np.ones(len(times_us))}


def same(one: Columns, other: Columns) -> bool:
    return [*one] == [*other] and all(one[name].tobytes() == other[name].tobytes() for name in one)


@given(TIMES, st.lists(MODELS), MODELS)
def test_whatever_was_guessed_before_the_last_model_wins(
    times_us: IntArray, guesses: list[ClockModel], last: ClockModel
) -> None:
    samples = samples_at(times_us)
    for guess in guesses:
        samples = dated(samples, guess)
    once = dated_at_the_end(samples, last, began_anew=False)
    assert [*once] == ["sample", "device_time_us", "host_time_us", "pressure_lf"]
    assert once["host_time_us"].tobytes() == last.host_times_us(times_us).tobytes()
    assert same(once, dated(samples_at(times_us), last))


@given(TIMES, MODELS, MODELS)
def test_samples_of_a_device_that_began_anew_keep_their_first_date(
    times_us: IntArray, first: ClockModel, last: ClockModel
) -> None:
    given_then = dated(samples_at(times_us), first)
    assert same(dated_at_the_end(given_then, last, began_anew=True), given_then)


@given(TIMES, MODELS)
def test_without_a_last_model_the_first_date_is_all_there_is(times_us: IntArray, first: ClockModel) -> None:
    given_then = dated(samples_at(times_us), first)
    assert same(dated_at_the_end(given_then, None, began_anew=False), given_then)
    assert same(dated(samples_at(times_us), None), samples_at(times_us))
