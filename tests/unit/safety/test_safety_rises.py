"""Between keyframes nothing rises faster than the ramp: what the lint lets pass, the roller delivers as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from glowsim.firmware.outputs.limiter import OPEN_CAP
from glowsim.firmware.outputs.soft_start import SoftStart
from glowsim.firmware.program.executor import Executor
from glowsim.physics.types import TICK_US, Drive
from glowtool.model.output import Waveform
from glowtool.model.program import Keyframe, Program, Step
from glowtool.protocol.program import as_carried, record_of
from glowtool.safety.lint import lint_program
from glowtool.safety.rules.finding import Finding, Rule, Severity
from glowtool.safety.rules.rises import ROUNDING
from support.device.steps import BOTH_OUTPUTS

STEP: Final = replace(BOTH_OUTPUTS, duration_s=60.0, amplitude=0.0, peak_ua=0, vibration_hz=75.0, current_hz=10.0)


def rises(step: Step) -> list[Finding]:
    return [item for item in lint_program([step]) if item.rule is Rule.RISE]


def to(*keyframes: Keyframe, **step: float) -> Step:
    return replace(STEP, keyframes=keyframes, **step)  # type: ignore[arg-type]  # numbers by name


@pytest.mark.parametrize(
    "step",
    [
        to(Keyframe(4.0, 1.0, 75.0, 400, 10.0)),
        to(Keyframe(2.0, 0.5, 75.0, 200, 10.0), Keyframe(2.001, 0.0, 75.0, 0, 10.0)),
        to(Keyframe(4.0, 1.0, 150.0, 400, 100.0), vibration_hz=150.0, current_hz=100.0),
        to(Keyframe(8.0, 1.0, 75.0, 400, 10.0), ramp_s=8.0),
        to(Keyframe(0.001, 0.0, 75.0, 0, 10.0), amplitude=1.0, peak_ua=400),
        to(Keyframe(3.0, 0.75, 75.0, 300, 10.0), Keyframe(4.0, 1.0, 75.0, 400, 10.0)),
    ],
)
def test_a_rise_within_the_ramp_and_any_fall_pass(step: Step) -> None:
    assert rises(step) == []


@pytest.mark.parametrize(
    ("step", "what", "value", "fix"),
    [
        (to(Keyframe(1.0, 0.5, 75.0, 0, 10.0)), "vibration", "0 % to 50 % within 1 s", "at least 2 s"),
        (to(Keyframe(1.0, 0.0, 75.0, 200, 10.0)), "microcurrent", "0 µA to 200 µA within 1 s", "at least 2 s"),
        (
            to(Keyframe(1.0, 1.0, 150.0, 0, 10.0), amplitude=1.0),
            "shaking, amplitude × frequency²,",
            "100 % at 75 Hz to 100 % at 150 Hz within 1 s",
            "at least 4 s",
        ),
        (
            to(Keyframe(1.0, 0.0, 75.0, 400, 1.0), peak_ua=400, current_hz=2.0),
            "charge of a phase of the microcurrent",
            "400 µA at 2 Hz to 400 µA at 1 Hz within 1 s",
            "at least 4 s",
        ),
        (to(Keyframe(4.0, 1.0, 75.0, 0, 10.0), ramp_s=8.0), "vibration", "0 % to 100 % within 4 s", "at least 8 s"),
    ],
)
def test_a_steeper_rise_is_refused_with_the_time_that_it_needs(step: Step, what: str, value: str, fix: str) -> None:
    (found, *more) = [item for item in rises(step) if item.what != "rise of the vibration's frequency"]
    assert (found.place, found.severity, found.what) == (
        "steps[0].keyframes[0]",
        Severity.REFUSE,
        f"rise of the {what}",
    )
    assert found.value == value
    assert found.fix == f"take {fix} for it, or let it rise less"
    assert not more


def test_a_rise_that_is_just_allowed_is_so_wherever_it_begins() -> None:
    """The rest of a program is judged anew, and what was passed with it must pass without what came before."""
    for at_ms in range(1, 3000):
        before, after = Keyframe(at_ms / 1000, 0.0, 75.0, 40, 10.0), Keyframe((at_ms + 60) / 1000, 0.0, 75.0, 50, 10.0)
        assert rises(to(before, after, peak_ua=40)) == []


def test_many_small_rises_are_held_against_the_ramp_together() -> None:
    stairs = tuple(Keyframe(number / 10, number / 25, 75.0, 0, 10.0) for number in range(1, 21))
    assert [item.keyframe for item in rises(to(*stairs))] == list(range(20))


@st.composite
def passing_steps(draw: st.DrawFn) -> Step:
    """Draw a step of which the lint has nothing to say about rises, with its numbers as on the wire."""
    ways = draw(st.lists(st.tuples(levels(), st.integers(1, 9000)), min_size=1, max_size=4))
    amplitude, vibration_hz, peak_ua, current_hz = draw(levels())
    step = replace(
        STEP,
        duration_s=100.0,
        amplitude=amplitude,
        vibration_hz=vibration_hz,
        peak_ua=peak_ua,
        current_hz=current_hz,
        ramp_s=draw(st.sampled_from((4.0, 10.0))),
    )
    moments_ms = [sum(way_ms for _, way_ms in ways[: number + 1]) for number in range(len(ways))]
    keyframes = tuple(Keyframe(at_ms / 1000, *at) for at_ms, (at, _) in zip(moments_ms, ways, strict=True))
    step = replace(step, keyframes=keyframes)
    step = step if step.peak_most_ua else replace(step, waveform=Waveform.NONE)
    assume(not rises(step))
    return step


def levels() -> st.SearchStrategy[tuple[float, float, int, float]]:
    return st.tuples(
        st.integers(0, 1000).map(lambda permille: permille / 1000),
        st.integers(400, 1500).map(lambda dhz: dhz / 10),
        st.integers(0, 400),
        st.integers(10, 1000).map(lambda dhz: dhz / 10),
    )


@given(passing_steps(), st.integers(1000, 99_999))
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_the_rest_of_what_passes_passes_too(step: Step, left_ms: int) -> None:
    (rest,) = as_carried(Program((step,)).rest(0, left_ms))
    assert [item for item in lint_program([rest]) if item.severity is Severity.REFUSE] == []


@given(passing_steps())
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=10)
def test_a_roller_follows_what_passes_without_holding_it_back(step: Step) -> None:
    """After the soft start at the beginning its limiter is off the line by rounding only."""
    run, soft_start, level = Executor((record_of(step),)), SoftStart(0), Drive()
    caught_up = Drive()
    for now_us in range(TICK_US, step.keyframes[-1].at_ms * 1000 + 1_000_000, TICK_US):
        run.advance(TICK_US)
        wanted = run.target()
        level = soft_start.raised(now_us, level, wanted, OPEN_CAP, step.ramp_s)
        caught_up = replace(
            caught_up,
            amplitude=max(caught_up.amplitude, float(level.amplitude >= wanted.amplitude)),
            peak_ua=max(caught_up.peak_ua, float(level.peak_ua >= wanted.peak_ua)),
        )
        assert not caught_up.amplitude or level.amplitude >= wanted.amplitude - 2 * ROUNDING
        assert not caught_up.peak_ua or level.peak_ua >= wanted.peak_ua - 800 * ROUNDING
