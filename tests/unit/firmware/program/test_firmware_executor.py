"""The executor asks for what the program says at each time, in every pattern."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.program.executor import Executor, TrimLevel
from glowsim.firmware.program.patterns import amplitude_at
from glowsim.physics.types import Cue
from glowtool.model.face import Direction
from glowtool.model.output import Pattern
from glowtool.model.state import Interlock, State
from support.device.firmware_bench import Bench, step

RISE_PER_S = 0.25


@given(
    pattern=st.sampled_from(Pattern),
    amplitude=st.floats(0.0, 1.0),
    period_s=st.floats(0.25, 10.0),
    rise_per_s=st.floats(1 / 60, RISE_PER_S),
)
def test_no_pattern_rises_faster_than_its_ramp_or_passes_its_amplitude(
    pattern: Pattern, amplitude: float, period_s: float, rise_per_s: float
) -> None:
    times_s = [period_s * number / 200 for number in range(401)]
    levels = [amplitude_at(pattern, amplitude, period_s, rise_per_s, time_s) for time_s in times_s]
    assert all(-1e-9 <= level <= amplitude + 1e-9 for level in levels)
    assert all(after - before <= rise_per_s * period_s / 200 + 1e-9 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    ("pattern", "levels"),
    [
        (Pattern.STEADY, [0.5, 0.5, 0.5, 0.5]),
        (Pattern.PULSE, [0.0, 0.0, 0.0, 0.5]),
        (Pattern.WAVE, [0.0, 0.25, 0.5, 0.25]),
        (Pattern.RAMP, [0.0, 0.125, 0.25, 0.375]),
    ],
    ids=lambda value: value.name if isinstance(value, Pattern) else "",
)
def test_a_slow_pattern_has_its_full_depth(pattern: Pattern, levels: list[float]) -> None:
    found = [amplitude_at(pattern, 0.5, 10.0, RISE_PER_S, quarter * 2.5) for quarter in range(4)]
    assert found == pytest.approx(levels)


def test_a_fast_pattern_is_felt_without_a_jolt() -> None:
    levels = [amplitude_at(Pattern.PULSE, 0.5, 1.0, RISE_PER_S, tick * 0.005) for tick in range(200)]
    assert max(levels) == pytest.approx(0.5)
    assert 0.4 < min(levels) < 0.46


@pytest.mark.parametrize("pattern", Pattern, ids=lambda pattern: pattern.name)
def test_once_risen_a_pattern_is_never_held_back_by_the_soft_start(pattern: Pattern) -> None:
    bench = Bench()
    bench.start(step(20_000, 800, 0, pattern=pattern, pattern_period_ms=1500))
    bench.run(6.0)
    flags = Interlock(0)
    for _ in range(8):
        bench.run(0.25)
        flags |= bench.firmware.status(bench.now_us).interlocks
    assert Interlock.SOFT_START not in flags


def test_steps_follow_one_another_and_the_program_ends() -> None:
    executor = Executor((step(1000), step(2000, 0, 100)))
    assert not executor.advance(999_000)
    assert executor.target().cue == Cue(0, Direction.UPWARD)
    assert not executor.advance(2000)
    assert (executor.index, executor.step_elapsed_us) == (1, 1000)
    assert (executor.target().amplitude, executor.target().peak_ua) == (0.0, 100.0)
    assert not executor.advance(1_998_000)
    assert executor.advance(2000)


def test_a_trim_scales_what_the_program_asks_for() -> None:
    executor = Executor((step(amplitude_permille=800, peak_ua=200),))
    executor.trim = TrimLevel(0.5, 0.25)
    assert (executor.target().amplitude, executor.target().peak_ua) == (0.4, 50.0)


def test_a_longer_ramp_of_a_step_is_kept() -> None:
    bench = Bench()
    bench.start(step(20_000, 1000, 400, ramp_ms=8000))
    bench.run(4.0)
    assert bench.drive.amplitude == pytest.approx(0.5, abs=0.01)


def test_a_pause_keeps_the_place_and_costs_no_time() -> None:
    bench = Bench()
    bench.start(step(2000), step(2000))
    bench.run(2.5)
    bench.firmware.on_link(bench.now_us, up=False, authenticated=False)
    bench.run(5.0)
    status = bench.firmware.status(bench.now_us)
    assert (status.state, status.step, status.step_elapsed_ms) == (State.PAUSED, 1, 500)


def test_the_hand_is_shown_no_cue_outside_a_running_step() -> None:
    bench = Bench()
    assert not bench.tick().cue.working
    bench.start(step(1000))
    assert bench.tick().cue.working
    bench.run(1.1)
    assert not bench.tick().cue.working
