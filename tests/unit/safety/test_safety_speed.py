"""A frequency rises no faster than the motor follows: what the lint lets pass, no roller stops for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from glowsim.firmware.outputs.limiter import OPEN_CAP
from glowsim.firmware.outputs.soft_start import SoftStart
from glowsim.firmware.program.executor import Executor
from glowsim.firmware.watchdog import RUN_DOWN_US
from glowsim.physics.types import TICK_US, Drive
from glowtool.model.output import Pattern
from glowtool.model.program import Keyframe, Step
from glowtool.protocol.program import record_of
from glowtool.safety.lint import lint_program
from glowtool.safety.rules.finding import Finding, Rule, Severity
from support.device.steps import VIBRATION

STEP: Final = replace(VIBRATION, duration_s=60.0)
WHAT: Final = "rise of the vibration's frequency"


def told(*steps: Step) -> list[Finding]:
    return [item for item in lint_program(steps) if item.what == WHAT]


def line(*points: tuple[float, float, float], pattern: Pattern = Pattern.STEADY) -> Step:
    """Return a step whose vibration goes over these moments, amplitudes and frequencies, the first at 0 s."""
    (_, amplitude, vibration_hz), *later = points
    frames = tuple(Keyframe(at_s, level, hz, 0, 10.0) for at_s, level, hz in later)
    return replace(STEP, amplitude=amplitude, vibration_hz=vibration_hz, keyframes=frames, pattern=pattern)


def stops_us(*steps: Step, offset_us: int = 0) -> list[int]:
    """Return the moments at which a roller begins to hold the amplitude at nothing, though something is asked for."""
    run, soft_start, level = Executor(tuple(map(record_of, steps))), SoftStart(0), Drive()
    last = steps[-1]
    end_us = sum(step.duration_ms for step in steps[:-1]) * 1000 + last.points[-1].at_ms * 1000 + 500_000
    still_us: list[int] = []
    run.advance(offset_us)
    for now_us in range(TICK_US, end_us, TICK_US):
        run.advance(TICK_US)
        wanted = run.target()
        level = soft_start.raised(now_us, level, wanted, OPEN_CAP, run.ramp_s)
        if wanted.amplitude > 0 and level.amplitude == 0:
            still_us.append(now_us)
    return [at_us for at_us in still_us if at_us - TICK_US not in still_us]


@pytest.mark.parametrize(
    ("step", "place_and_time"),
    [
        (line((0, 0.5, 60), (4, 0.5, 60), (5.2, 0.5, 155)), []),
        (line((0, 0.5, 60), (4, 0.5, 60), (4.5, 0.5, 110)), [("steps[0].keyframes[1]", "0.62 s")]),
        (line((0, 0.5, 60), (4, 0.5, 60), (4.62, 0.5, 110)), []),
        (line((0, 0.0, 60), (0.1, 0.0, 110)), []),
        (line((0, 0.2, 110), (0.01, 0.2, 60)), []),
        (line((0, 0.2, 60), (0.01, 0.2, 62)), []),
    ],
)
def test_a_line_on_which_a_motor_would_stop_is_refused_with_the_time_that_it_needs(
    step: Step, place_and_time: list[tuple[str, str]]
) -> None:
    found = told(step)
    assert all((each.severity, each.rule) == (Severity.REFUSE, Rule.RISE) for each in found)
    assert [(each.place, each.fix.split("least ")[1].split(" for")[0]) for each in found] == place_and_time


RISEN: Final = ((0, 0, 60), (2, 0.3, 60))


@pytest.mark.parametrize(
    ("step", "keyframe"),
    [
        pytest.param(line((0, 0, 40), (0.001, 0, 40), (0.155, 0.038, 100)), 1, id="small and soon"),
        pytest.param(line(*RISEN, (2.001, 0.001, 60), (2.02, 0.001, 90)), 2, id="the amplitude has just fallen"),
        pytest.param(line(*RISEN, (2.001, 0, 60), (2.05, 0, 100), (2.1, 0.01, 100)), 2, id="while nothing drives it"),
        pytest.param(
            line(*RISEN, *((2 + number / 100, 0.3, 60 + 2 * number) for number in range(1, 11))),
            5,
            id="many short rises",
        ),
    ],
)
def test_what_a_roller_stops_for_is_refused_where_it_rises(step: Step, keyframe: int) -> None:
    assert stops_us(step)
    assert told(step)[0].keyframe == keyframe


@st.composite
def sweeps(draw: st.DrawFn) -> Step:
    """Draw lines on which the frequency goes far and soon, and the amplitude little, near to what motors can."""
    amplitude = draw(st.integers(0, 60)) / 1000
    points = [(0.0, amplitude, draw(hertz()))]
    at_ms = 0
    for _ in range(draw(st.integers(1, 5))):
        way_ms = draw(st.integers(1, 300))
        at_ms += way_ms
        high = int(amplitude * 1000) + way_ms // 4
        amplitude = draw(st.sampled_from((0, high)) | st.integers(0, high)) / 1000
        points.append((at_ms / 1000, amplitude, draw(hertz())))
    return line(*points, pattern=draw(st.just(Pattern.STEADY) | st.sampled_from(Pattern)))


def hertz() -> st.SearchStrategy[float]:
    return st.integers(400, 1500).map(lambda dhz: dhz / 10)


def mended(step: Step) -> Step:
    """Return a step that takes at each of its lines the time that the lint tells, until it tells nothing."""
    for _ in range(20):
        first = next(iter(told(step)), None)
        if first is None:
            return step
        index, points = first.keyframe, step.points
        assert index is not None
        gap_s = float(first.allowed.split()[-2]) - (points[index + 1].at_s - points[index].at_s)
        assert gap_s > 0, first
        later = tuple(
            replace(point, at_s=round(point.at_s + (gap_s if number >= index else 0.0), 3))
            for number, point in enumerate(step.keyframes)
        )
        step = replace(step, keyframes=later)
    raise AssertionError("told without end")


@given(st.lists(sweeps(), min_size=2, max_size=3))
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], max_examples=15)
def test_a_motor_stops_between_steps_only_where_its_frequency_rises(steps: list[Step]) -> None:
    program = [mended(replace(step, duration_s=5.0)) for step in steps]
    assume(not told(*program) and all(step.points[-1].at_s < 5.0 for step in program))
    rises_us = [
        number * 5_000_000
        for number, (before, after) in enumerate(pairwise(program), 1)
        if after.vibration_hz > before.points[-1].vibration_hz
    ]
    # A pattern may begin a step in its trough, in which nothing drives the motor that still runs down.
    within_us = RUN_DOWN_US + 2 * TICK_US
    assert all(any(0 <= at_us - rise_us <= within_us for rise_us in rises_us) for at_us in stops_us(*program))


@pytest.mark.parametrize("amplitude", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("rise_hz", [20, 90])
def test_no_more_time_is_told_than_a_roller_takes(amplitude: float, rise_hz: float) -> None:
    """On a line of two thirds of it a roller stops."""
    (found,) = told(line((0, amplitude, 60), (5, amplitude, 60), (5.001, amplitude, 60 + rise_hz)))
    short_s = 0.66 * float(found.fix.split()[3])
    assert stops_us(line((0, amplitude, 60), (5, amplitude, 60), (5 + short_s, amplitude, 60 + rise_hz)))


@given(sweeps(), st.integers(0, TICK_US // 1000 - 1))
@example(line((0, 0, 40), (0.001, 0, 40), (0.155, 0.038, 100)), 0)
def test_a_motor_never_stops_on_a_line_that_takes_the_time_it_is_told(step: Step, offset_ms: int) -> None:
    assert stops_us(mended(step), offset_us=offset_ms * 1000) == []
