"""Doses add up, and nothing that a device delivered is counted as less than it was."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.analysis.recordings.delivered import Outputs, delivered
from glowtool.analysis.recordings.recording import Gap
from glowtool.model.output import Levels, Pattern
from glowtool.model.program import Keyframe, Program
from glowtool.safety.delivery import TAIL_S, Delivery
from glowtool.safety.dose import NO_DOSE, Dose, dose_of, planned
from support.device.steps import BOTH_OUTPUTS, VIBRATION
from support.host.statuses import changed

PROGRAM = Program((replace(VIBRATION, duration_s=60.0), replace(BOTH_OUTPUTS, duration_s=120.0)))
RATE_HZ = 100
AMOUNTS = st.floats(0, 1e6)
DOSES = st.builds(Dose, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
#: For each second, what the outputs are: share of full, and µA.
COURSES = st.lists(st.tuples(st.sampled_from((0.0, 0.2, 0.4)), st.sampled_from((0, 60, 120))), min_size=1, max_size=12)


def not_less(counted: Dose, true: Dose) -> bool:
    near = 1e-9
    return (
        counted.current_s >= true.current_s - near
        and counted.vibration_s >= true.vibration_s - near
        and counted.charge_mc >= true.charge_mc - near
        and counted.shaking_m2_per_s3 >= true.shaking_m2_per_s3 - near
    )


@given(st.lists(DOSES, max_size=5))
def test_doses_add_up_in_any_order(doses: list[Dose]) -> None:
    one, other = sum(doses, NO_DOSE), sum(reversed(doses), NO_DOSE)
    assert one.current_s == pytest.approx(other.current_s)
    assert one.a8_ms2 == pytest.approx(other.a8_ms2)


def test_a_plan_is_the_most_that_each_step_can_deliver() -> None:
    whole = planned(PROGRAM)
    assert (whole.current_s, whole.vibration_s, whole.charge_mc) == (120.0, 180.0, 14.4)
    late = replace(VIBRATION, duration_s=10.0, amplitude=0.0, keyframes=(Keyframe(5.0, 0.5, 100.0, 0, 10.0),))
    assert planned([late]) == dose_of(Levels(0.5, 100.0, 0, 10.0), 10.0)


def test_shaking_for_eight_hours_is_its_own_daily_value() -> None:
    full = dose_of(Levels(1.0, 75.0), 8 * 3600.0)
    assert full.a8_ms2 == pytest.approx(1.7, abs=0.1)
    half = dose_of(Levels(1.0, 75.0), 2 * 3600.0)
    assert half.a8_ms2 == pytest.approx(full.a8_ms2 / 2)


@given(COURSES, st.lists(st.integers(100, 900), min_size=1, max_size=30))
def test_statuses_tell_no_less_than_was_delivered(course: list[tuple[float, int]], waits_ms: list[int]) -> None:
    """Statuses at any times less than a second apart, of outputs that change at whole seconds."""

    def at(time_ms: int) -> Levels:
        amplitude, peak_ua = course[min(time_ms // 1000, len(course) - 1)] if time_ms < len(course) * 1000 else (0.0, 0)
        return Levels(amplitude, 75.0, peak_ua, 10.0)

    # A change is reported at once.
    moments = sorted({0, *np.cumsum(waits_ms).tolist(), *(second * 1000 for second in range(len(course) + 1))})
    delivery, true = Delivery(PROGRAM), NO_DOSE
    for time_ms, after_ms in pairwise([*moments, moments[-1]]):
        delivery = delivery.after(
            changed(
                amplitude=at(time_ms).amplitude,
                peak_ua=at(time_ms).peak_ua,
                device_time_us=time_ms * 1000 + 5_000_000,
                massage_elapsed_ms=time_ms,
            )
        )
        true += dose_of(at(time_ms), (after_ms - time_ms) / 1000)
    assert not_less(delivery.ended(), true)


def test_a_pause_and_a_switched_off_device_deliver_nothing_more() -> None:
    runs = changed(amplitude=0.4, peak_ua=120, massage_elapsed_ms=1000, device_time_us=10_000_000)
    back = changed(runs, amplitude=0.0, peak_ua=0, massage_elapsed_ms=2000, device_time_us=90_000_000)
    assert Delivery(PROGRAM).after(runs).after(back).ended().current_s == pytest.approx(1.0)
    anew = changed(amplitude=0.0, peak_ua=0, device_time_us=1_000_000)
    assert Delivery(PROGRAM).after(runs).after(anew).ended().current_s == pytest.approx(TAIL_S)
    assert Delivery(PROGRAM).after(runs).ended().current_s == pytest.approx(TAIL_S)


def test_where_statuses_are_missing_all_that_was_asked_for_counts() -> None:
    quiet = changed(amplitude=0.0, peak_ua=0, device_time_us=0, massage_elapsed_ms=0)
    later = changed(quiet, device_time_us=30_000_000, massage_elapsed_ms=30_000)
    assert Delivery(PROGRAM).after(quiet).after(later).dose == dose_of(Levels(0.4, 75.0, 120, 10.0), 30.0)


def test_a_beat_between_two_statuses_counts() -> None:
    beats = Program((replace(VIBRATION, pattern=Pattern.PULSE, period_s=0.25, amplitude=0.4),))
    one = changed(amplitude=0.1, device_time_us=0, massage_elapsed_ms=0)
    other = changed(one, device_time_us=1_000_000, massage_elapsed_ms=1000)
    assert Delivery(beats).after(one).after(other).dose == dose_of(Levels(0.4, 75.0), 1.0)


def outputs_of(course: list[tuple[float, int]]) -> Outputs:
    each = np.repeat(np.array(course, dtype=float), RATE_HZ, axis=0)
    index = np.arange(len(each), dtype=np.int64)
    return Outputs(index, index * 1_000_000 // RATE_HZ, np.ones(len(each), dtype=np.int64), each[:, 0], each[:, 1])


def without(outputs: Outputs, first: int, count: int) -> Outputs:
    keep = (outputs.sample < first) | (outputs.sample >= first + count)
    return Outputs(*(getattr(outputs, name)[keep] for name in ("sample", "time_us", "step", "amplitude", "peak_ua")))


@given(COURSES)
def test_samples_tell_what_was_delivered(course: list[tuple[float, int]]) -> None:
    whole = delivered(outputs_of([*course, (0.0, 0)]), (), RATE_HZ, PROGRAM.steps)
    true = sum((dose_of(Levels(amplitude, 75.0, peak_ua), 1.0) for amplitude, peak_ua in course), NO_DOSE)
    assert whole.current_s == pytest.approx(true.current_s)
    assert whole.vibration_s == pytest.approx(true.vibration_s)
    assert whole.charge_mc == pytest.approx(true.charge_mc)
    assert whole.a8_ms2 == pytest.approx(true.a8_ms2)


@given(COURSES, st.data())
def test_missing_samples_make_a_dose_no_smaller(course: list[tuple[float, int]], data: st.DataObject) -> None:
    outputs = outputs_of([*course, (0.0, 0)])
    first = data.draw(st.integers(0, len(outputs.sample) - 1))
    count = data.draw(st.integers(1, len(outputs.sample) - first))
    if count <= RATE_HZ:  # a shorter gap holds no second that neither side of it has
        count = min(count, RATE_HZ - first % RATE_HZ)
    holed = delivered(without(outputs, first, count), (Gap(first, count),), RATE_HZ, PROGRAM.steps)
    whole = delivered(outputs, (), RATE_HZ, PROGRAM.steps)
    if count < RATE_HZ or first + count < len(outputs.sample):
        assert not_less(holed, whole)


def test_what_was_on_when_a_recording_was_cut_off_went_on_until_the_watchdog() -> None:
    cut = delivered(outputs_of([(0.2, 60)]), (), RATE_HZ, PROGRAM.steps)
    assert cut.current_s == pytest.approx(1.0 + TAIL_S)
    told = delivered(outputs_of([(0.2, 60)]), (), RATE_HZ, PROGRAM.steps, zero_us=1_100_000)
    assert told.current_s == pytest.approx(1.0 + 0.11), "a status told of zero soon after"
    nothing = outputs_of([(0.0, 0)])
    assert delivered(without(nothing, 0, RATE_HZ), (), RATE_HZ, PROGRAM.steps).current_s == TAIL_S


def test_a_lost_connection_does_not_count_for_as_long_as_it_was_lost() -> None:
    away = outputs_of([(0.4, 120), *[(0.0, 0)] * 60, (0.4, 120), (0.0, 0)])
    holed = without(away, RATE_HZ, 60 * RATE_HZ)
    lost_us = [1_000_000]
    dose = delivered(holed, (Gap(RATE_HZ, 60 * RATE_HZ),), RATE_HZ, PROGRAM.steps, lost_us=lost_us)
    assert dose.current_s == pytest.approx(2.0 + TAIL_S)
