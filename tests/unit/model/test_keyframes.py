"""The levels of a step between its keyframes, and what is left of them when a massage was interrupted."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.model.output import Levels, Waveform
from glowtool.model.program import Keyframe, Program, Step
from support.device.steps import BOTH_OUTPUTS

RISE: Final = replace(
    BOTH_OUTPUTS,
    duration_s=60.0,
    keyframes=(Keyframe(20.0, 0.8, 95.0, 200, 2.0), Keyframe(40.0, 0.0, 95.0, 0, 2.0)),
)


@pytest.mark.parametrize(
    ("at_s", "levels"),
    [
        (0.0, Levels(0.4, 75.0, 120, 10.0)),
        (10.0, Levels(0.6, 85.0, 160.0, 6.0)),
        (20.0, Levels(0.8, 95.0, 200, 2.0)),
        (30.0, Levels(0.4, 95.0, 100.0, 2.0)),
        (40.0, Levels(0.0, 95.0, 0, 2.0)),
        (59.0, Levels(0.0, 95.0, 0, 2.0)),
    ],
)
def test_levels_go_in_straight_lines_and_hold_after_the_last_keyframe(at_s: float, levels: Levels) -> None:
    found = RISE.levels_at(at_s)
    assert found.amplitude == pytest.approx(levels.amplitude)
    assert found == replace(levels, amplitude=found.amplitude)


def test_a_step_without_keyframes_keeps_its_own_levels() -> None:
    assert BOTH_OUTPUTS.levels_at(0.7) == Levels(0.4, 75.0, 120, 10.0)
    assert (BOTH_OUTPUTS.amplitude_most, BOTH_OUTPUTS.peak_most_ua) == (0.4, 120)


def test_a_step_works_when_only_a_keyframe_asks_for_an_output() -> None:
    silent = replace(BOTH_OUTPUTS, amplitude=0.0, peak_ua=0, waveform=Waveform.NONE)
    assert not silent.works
    assert replace(silent, keyframes=(Keyframe(0.5, 0.2, 75.0, 0, 10.0),)).works
    assert not replace(silent, keyframes=(Keyframe(0.5, 0.0, 75.0, 0, 10.0),)).works


def test_the_rest_of_a_step_begins_where_its_lines_were_cut() -> None:
    (rest,) = Program((RISE,)).rest(0, 50_000)
    assert (rest.duration_s, rest.levels_at(0.0)) == (50.0, Levels(0.6, 85.0, 160, 6.0))
    assert rest.keyframes == tuple(replace(point, at_s=point.at_s - 10.0) for point in RISE.keyframes)


def test_the_rest_without_current_has_no_waveform() -> None:
    (rest,) = Program((RISE,)).rest(0, 10_000)
    assert (rest.peak_ua, rest.waveform, rest.keyframes) == (0, Waveform.NONE, ())


def points() -> st.SearchStrategy[tuple[Keyframe, ...]]:
    numbers = st.tuples(st.integers(0, 1000), st.integers(400, 1500), st.integers(0, 400), st.integers(10, 1000))
    moments = st.lists(st.integers(1, 60_000), unique=True, max_size=5).map(sorted)
    return st.tuples(moments, st.lists(numbers, min_size=5, max_size=5)).map(
        lambda drawn: tuple(
            Keyframe(at_ms / 1000, amplitude / 1000, vibration / 10, peak_ua, current / 10)
            for at_ms, (amplitude, vibration, peak_ua, current) in zip(*drawn, strict=False)
        )
    )


@given(points(), st.integers(1000, 60_000), st.floats(0.0, 1.0))
def test_a_rest_asks_for_what_the_whole_step_would_have_asked_for(
    keyframes: tuple[Keyframe, ...], left_ms: int, share: float
) -> None:
    whole: Step = replace(RISE, keyframes=keyframes)
    (rest,) = Program((whole,)).rest(0, left_ms)
    at_s = share * left_ms / 1000
    asked, was = rest.levels_at(at_s), whole.levels_at(60.0 - left_ms / 1000 + at_s)
    assert asked.amplitude == pytest.approx(was.amplitude, abs=0.001)
    assert asked.vibration_hz == pytest.approx(was.vibration_hz, abs=0.1)
    assert asked.peak_ua == pytest.approx(was.peak_ua, abs=1.0)
    assert asked.current_hz == pytest.approx(was.current_hz, abs=0.1)
    assert rest.peak_most_ua <= whole.peak_most_ua
    assert (rest.waveform is Waveform.NONE) == (rest.peak_most_ua == 0)
