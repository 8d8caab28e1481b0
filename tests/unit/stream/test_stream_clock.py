"""The model of the roller's clock finds offset and drift from the arrival of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.stream.clock.estimator import ClockEstimator
from glowtool.stream.clock.model import ClockLine, ClockModel
from support.logs.clocks import Trouble, mapped

if TYPE_CHECKING:
    from glowtool.stream.block import IntArray

HOST_US = 1_790_000_000_000_000
FLOOR_US = 7_500


def frames(seed: int, seconds: int, drift_ppm: float, start_us: int = 3 * 2**32) -> list[tuple[int, int, int]]:
    """Return (device time, true host time, arrival) of 22 frames a second over a link that delays as radio does."""
    random = np.random.default_rng(seed)
    count = 22 * seconds
    device_us = start_us + np.cumsum(random.integers(40_000, 50_000, count))
    true_us = HOST_US + np.rint((device_us - start_us) * (1 + drift_ppm * 1e-6)).astype(np.int64)
    delay_us = FLOOR_US + random.exponential(9_000, count)
    delay_us += (random.random(count) < 0.03) * random.uniform(50_000, 400_000, count)
    return list(zip(device_us.tolist(), true_us.tolist(), (true_us + delay_us).astype(np.int64).tolist(), strict=True))


def model_of(pairs: list[tuple[int, int, int]]) -> ClockModel:
    estimator = ClockEstimator()
    for device_us, _, arrived_us in pairs:
        estimator.process(device_us, arrived_us)
    model = estimator.model
    assert model is not None
    return model


def host_us(model: ClockModel, device_times_us: list[int]) -> IntArray:
    return model.host_times_us(np.array(device_times_us, np.int64))


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), seconds=st.integers(60, 400), drift_ppm=st.floats(-120, 120))
def test_the_error_is_the_smallest_delay_and_little_more(seed: int, seconds: int, drift_ppm: float) -> None:
    pairs = frames(seed, seconds, drift_ppm)
    model = model_of(pairs)
    errors_us = host_us(model, [device_us for device_us, _, _ in pairs]) - [true_us for _, true_us, _ in pairs]
    assert errors_us.min() > FLOOR_US - 2_000
    assert errors_us.max() < FLOOR_US + 4_000


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), drift_ppm=st.floats(-120, 120))
def test_drift_is_found_within_ten_ppm_in_five_minutes(seed: int, drift_ppm: float) -> None:
    assert model_of(frames(seed, 300, drift_ppm)).last.drift_ppm == pytest.approx(drift_ppm, abs=10)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), seconds=st.integers(1, 200))
def test_no_frame_arrives_before_it_was_sent(seed: int, seconds: int) -> None:
    pairs = frames(seed, seconds, 50.0)
    model = model_of(pairs)
    # Within a bin only the fastest frame counts; the line can rise by 300 ppm over it.
    early_us = [arrived_us for _, _, arrived_us in pairs] - host_us(model, [device_us for device_us, _, _ in pairs])
    assert early_us.min() >= -300


def test_a_short_stream_has_no_drift_and_the_fastest_frames_offset() -> None:
    model = model_of([(1_000_000, 0, HOST_US + 20_000), (1_500_000, 0, HOST_US + 510_000)])
    assert model.last.drift_ppm == 0.0
    assert host_us(model, [1_500_000]).tolist() == [HOST_US + 510_000]


def test_a_restart_begins_another_line_and_leaves_the_one_before_as_it_is() -> None:
    pairs = frames(1, 60, 0.0)
    before = model_of(pairs)
    estimator = ClockEstimator()
    estimator.take((device_us, arrived_us) for device_us, _, arrived_us in pairs)
    estimator.reset()
    assert estimator.line is None
    assert estimator.model == before
    newest_us, _, _ = pairs[-1]
    estimator.process(newest_us + 55_000, HOST_US + 90 * 10**6)
    model = estimator.model
    assert model is not None
    assert model.lines[:1] == before.lines
    assert model.host_times_us(np.array([newest_us - 1, newest_us])).tolist() == [
        before.last.host_time_us(newest_us - 1),
        HOST_US + 90 * 10**6 - 55_000,
    ]


def test_a_host_that_lost_time_unnoticed_gets_another_line() -> None:
    pairs = frames(2, 120, 20.0)
    slept_us = [30 * 10**6 if number > 1000 else 0 for number in range(len(pairs))]
    estimator = ClockEstimator()
    for (device_us, _, arrived_us), lost_us in zip(pairs, slept_us, strict=True):
        estimator.process(device_us, arrived_us - lost_us)
    model = estimator.model
    assert model is not None
    assert len(model.lines) == 2
    # Of the samples of a frame, none is as young as the frame itself.
    found_us = host_us(model, [device_us - 1 for device_us, _, _ in pairs]) + slept_us
    assert abs(found_us - [true_us - 1 for _, true_us, _ in pairs] - FLOOR_US).max() < 4_000


@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 5_000), max_size=6))
def test_the_model_is_the_same_however_often_it_was_asked_for(seed: int, cuts: list[int]) -> None:
    pairs = frames(seed, 200, -35.0)
    estimator = ClockEstimator()
    for number, (device_us, _, arrived_us) in enumerate(pairs):
        estimator.process(device_us, arrived_us)
        if number in cuts:
            assert estimator.line is not None
            assert estimator.model is not None
    assert estimator.model == model_of(pairs)


@settings(deadline=None, max_examples=3)
@given(seed=st.integers(0, 10_000))
def test_a_line_that_is_settled_never_changes(seed: int) -> None:
    estimator = ClockEstimator()
    settled: tuple[ClockLine, ...] = ()
    for device_us, _, arrived_us in frames(seed, 400, 12.0):
        estimator.process(device_us, arrived_us)
        if len(estimator.state.lines) > len(settled):
            model = estimator.model
            assert model is not None
            assert model.lines[: len(settled)] == settled
            settled = model.lines[:-1]
    assert len(settled) == 5
    assert len(estimator.state.windows) <= 3, "a longer recording keeps no more"


def test_the_error_that_is_told_covers_the_true_one() -> None:
    runs = [mapped(seed, frozenset(Trouble), 150.0) for seed in range(12)]
    covered = sum(int(run.errors_us.max()) <= run.model.error_us for run in runs)
    assert covered >= 11
    assert max(int(run.errors_us.max()) for run in runs) < 10_000
    assert max(run.model.error_us for run in runs) < 100_000, "and it says something"


def test_many_times_at_once_are_the_same_as_one_by_one() -> None:
    model = ClockLine(0, 1_000, HOST_US, 37.25, 0)
    times_us = np.arange(1_000, 10**9, 7_777_777, dtype=np.int64)
    since_us = [time_us - 1_000 for time_us in times_us.tolist()]
    assert model.host_times_us(times_us).tolist() == [HOST_US + us + round(us * 37.25e-6) for us in since_us]
