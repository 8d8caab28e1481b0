"""The course of a program: along its lines, softly up, at once down, and never more than is asked for."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.model.output import Pattern
from glowtool.model.program import Keyframe, Program
from glowtool.protocol.program import unpack_program
from glowtool.routine.preview.course import Moment, corners, course_of
from support.device.steps import BOTH_OUTPUTS

STEP = replace(BOTH_OUTPUTS, duration_s=30, amplitude=0.5, peak_ua=200)


def at(course: tuple[Moment, ...], at_s: float) -> Moment:
    return min(course, key=lambda moment: abs(moment.at_s - at_s))


def test_outputs_rise_in_the_time_of_the_ramp_and_hold() -> None:
    course = course_of(Program((replace(STEP, ramp_s=8),)))
    assert at(course, 2).amplitude == pytest.approx(0.25)
    assert at(course, 2).peak_ua == pytest.approx(100)
    assert at(course, 4).amplitude == pytest.approx(0.5)
    assert at(course, 29).amplitude == 0.5


def test_a_fall_is_at_once_and_the_next_step_begins_where_the_last_one_was() -> None:
    course = course_of(Program((STEP, replace(STEP, amplitude=0.1, peak_ua=300))))
    assert at(course, 30.1).amplitude == pytest.approx(0.1)
    assert at(course, 30.4).peak_ua == pytest.approx(240)


def test_a_higher_frequency_begins_softly_since_it_shakes_more() -> None:
    course = course_of(Program((replace(STEP, vibration_hz=50), replace(STEP, vibration_hz=150))))
    assert at(course, 30.1).amplitude < 0.1
    assert at(course, 40).amplitude == pytest.approx(0.5)


def test_keyframes_are_followed() -> None:
    frames = (Keyframe(10, 0.9, 75, 0, 10), Keyframe(20, 0.2, 75, 400, 10))
    course = course_of(Program((replace(STEP, keyframes=frames),)))
    assert at(course, 10).amplitude == pytest.approx(0.9)
    assert at(course, 15).amplitude == pytest.approx(0.55)
    assert at(course, 10).peak_ua == 0
    assert at(course, 15).peak_ua == pytest.approx(200)


def test_a_pattern_is_a_range() -> None:
    moment = at(course_of(Program((replace(STEP, pattern=Pattern.RAMP, period_s=1),))), 20)
    assert moment.amplitude == 0.5
    assert moment.lowest == pytest.approx(0.5 - 0.9 / 4)


keyframed = st.lists(st.tuples(st.floats(0, 1), st.floats(40, 150), st.integers(0, 400)), min_size=1, max_size=5)


@given(keyframed, st.sampled_from(Pattern))
def test_no_course_rises_faster_or_goes_higher_than_is_asked_for(
    rows: list[tuple[float, float, int]], pattern: Pattern
) -> None:
    frames = tuple(Keyframe(3.0 * n, *row, 10) for n, row in enumerate(rows, 1))
    program = Program((replace(STEP, keyframes=frames, pattern=pattern),))
    course = course_of(program)
    for before, moment in itertools.pairwise(course):
        passed_s = moment.at_s - before.at_s
        wanted = program[0].levels_at(moment.at_s)
        assert 0 <= moment.lowest <= moment.amplitude <= wanted.amplitude + 1e-9
        assert moment.amplitude - before.amplitude <= passed_s / 4 + 1e-9
        assert moment.peak_ua <= min(wanted.peak_ua, before.peak_ua + passed_s * 100) + 1e-9


@given(keyframed)
@settings(max_examples=25)
def test_the_corners_of_a_course_draw_it(rows: list[tuple[float, float, int]]) -> None:
    # The last line ends long before the step: what holds then is a line, too.
    frames = tuple(Keyframe(3.0 * n, *row, 10) for n, row in enumerate(rows, 1))
    course = course_of(Program((replace(STEP, keyframes=frames, duration_s=60),)))
    kept = list(corners(course))
    assert (kept[0], kept[-1]) == (course[0], course[-1])
    for moment in course[:-1]:
        before = max((each for each in kept if each.at_s <= moment.at_s), key=lambda each: each.at_s)
        after = min((each for each in kept if each.at_s >= moment.at_s), key=lambda each: each.at_s)
        share = (moment.at_s - before.at_s) / (after.at_s - before.at_s or 1)
        amplitude = before.amplitude + (after.amplitude - before.amplitude) * share
        assert moment.amplitude == pytest.approx(amplitude, abs=1e-4)
        assert moment.peak_ua == pytest.approx(before.peak_ua + (after.peak_ua - before.peak_ua) * share, abs=0.1)


VECTORS = json.loads((Path(__file__).parents[3] / "vectors/over_time/outputs.json").read_text("utf-8"))
UNTRIMMED = [vector for vector in VECTORS if vector["value"]["trim"] == [100, 100]]


@pytest.mark.parametrize("vector", UNTRIMMED, ids=[vector["name"] for vector in UNTRIMMED])
def test_what_is_drawn_is_what_came_out_of_the_firmware(vector: dict[str, Any]) -> None:
    program = unpack_program(bytes.fromhex(vector["hex"]))
    course = course_of(program, tick_s=0.005)
    begins_s = [sum(program.durations_ms[:number]) / 1000 for number in range(len(program))]
    for number, (amplitude_permille, _, peak_ua, _) in enumerate(vector["value"]["outputs"], 1):
        moment = at(course, number * vector["value"]["every_ms"] / 1000)
        if any(abs(moment.at_s - begin_s) < 0.01 for begin_s in begins_s):
            continue  # between two steps, the tick of either may be meant
        # A pattern that dips has not risen again as far as the line of its highest level: then it is within the range.
        assert moment.lowest - 0.01 <= amplitude_permille / 1000 <= moment.amplitude + 0.003
        assert moment.peak_ua - 10.01 <= peak_ua <= moment.peak_ua + 0.01
        if moment.lowest == moment.amplitude:
            assert amplitude_permille / 1000 == pytest.approx(moment.amplitude, abs=0.003)
