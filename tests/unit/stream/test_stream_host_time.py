"""Samples are dated as they come and again at the end; the last model wins for all that it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glowtool.stream.clock.dating import dated, dated_at_the_end
from glowtool.stream.clock.model import ClockLine, ClockModel

if TYPE_CHECKING:
    from glowtool.stream.block import Columns, IntArray

US = st.integers(0, 2**45)
LINES = st.builds(ClockLine, US, US, US, st.floats(-300, 300), st.integers(0, 10_000))
MODELS = st.lists(LINES, min_size=1, max_size=5, unique_by=lambda line: line.from_us).map(
    lambda lines: ClockModel(tuple(sorted(lines, key=lambda line: line.from_us)))
)
TIMES = hnp.arrays(np.int64, st.integers(0, 20), elements=US)


def samples_at(times_us: IntArray) -> Columns:
    return {"sample": np.arange(len(times_us)), "device_time_us": times_us, "pressure_lf": np.ones(len(times_us))}


def same(one: Columns, other: Columns) -> bool:
    return [*one] == [*other] and all(one[name].tobytes() == other[name].tobytes() for name in one)


@given(TIMES, st.lists(LINES), MODELS)
def test_whatever_was_guessed_before_the_last_model_wins(
    times_us: IntArray, guesses: list[ClockLine], last: ClockModel
) -> None:
    samples = samples_at(times_us)
    for guess in guesses:
        samples = dated(samples, guess)
    once = dated_at_the_end(samples, last)
    assert [*once] == ["sample", "device_time_us", "host_time_us", "pressure_lf"]
    assert once["host_time_us"].tobytes() == last.host_times_us(times_us).tobytes()
    assert same(once, dated(samples_at(times_us), last))


@given(TIMES, MODELS)
def test_each_time_is_mapped_by_the_last_line_that_had_begun(times_us: IntArray, model: ClockModel) -> None:
    first, *_ = model.lines
    lines = [
        next((line for line in reversed(model.lines) if line.from_us <= time_us), first)
        for time_us in times_us.tolist()
    ]
    wanted = [line.host_time_us(time_us) for line, time_us in zip(lines, times_us.tolist(), strict=True)]
    assert model.host_times_us(times_us).tolist() == wanted


@given(TIMES, LINES, MODELS, US)
def test_samples_after_a_restart_that_the_model_does_not_know_keep_their_first_date(
    times_us: IntArray, first: ClockLine, last: ClockModel, restart_us: int
) -> None:
    given_then = dated(samples_at(times_us), first)
    found = dated_at_the_end(given_then, last, restart_us)["host_time_us"]
    wanted = np.where(times_us > restart_us, given_then["host_time_us"], last.host_times_us(times_us))
    assert found.tobytes() == wanted.tobytes()


@given(TIMES, LINES)
def test_without_a_last_model_the_first_date_is_all_there_is(times_us: IntArray, first: ClockLine) -> None:
    given_then = dated(samples_at(times_us), first)
    assert same(dated_at_the_end(given_then, None), given_then)
    assert same(dated(samples_at(times_us), None), samples_at(times_us))
