"""The model of the roller's clock finds offset and drift from the arrival of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.stream.clock import ClockEstimator, ClockModel

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
    assert model_of(frames(seed, 300, drift_ppm)).drift_ppm == pytest.approx(drift_ppm, abs=10)


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
    assert model.drift_ppm == 0.0
    assert host_us(model, [1_500_000]).tolist() == [HOST_US + 510_000]


def test_a_reset_forgets_the_old_clock() -> None:
    estimator = ClockEstimator()
    for device_us, _, arrived_us in frames(1, 60, 0.0):
        estimator.process(device_us, arrived_us)
    estimator.reset()
    assert estimator.model is None
    estimator.process(5_000, HOST_US)
    assert estimator.model == ClockModel(5_000, HOST_US, 0.0)


def test_many_times_at_once_are_the_same_as_one_by_one() -> None:
    model = ClockModel(1_000, HOST_US, 37.25)
    times_us = np.arange(1_000, 10**9, 7_777_777, dtype=np.int64)
    since_us = [time_us - 1_000 for time_us in times_us.tolist()]
    assert model.host_times_us(times_us).tolist() == [HOST_US + us + round(us * 37.25e-6) for us in since_us]
