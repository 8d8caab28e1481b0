"""A roller that knows no keyframes gets steps of one level each, as close to the lines as steps can be."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings

from glowsim.firmware.outputs.limiter import OPEN_CAP
from glowsim.firmware.outputs.soft_start import SoftStart
from glowsim.firmware.program.executor import Executor
from glowsim.physics.types import TICK_US, Drive
from glowtool.model.ceilings import CeilingId
from glowtool.model.face import Zone
from glowtool.model.output import Pattern
from glowtool.model.program import MAX_STEPS, Program
from glowtool.protocol.program import record_of
from glowtool.routine import Cue, Goal, Keyframe, Microcurrent, Routine, Step, Vibration, compile_routine
from glowtool.routine.pieces import CLOSE
from glowtool.routine.stepped import continues, stepped
from glowtool.safety import PersonalMax, Severity, ceilings_in_force, lint_program
from support.routines.written import GENTLE_FLAT

STEP: Final = Step(
    title="Left cheek",
    zone=Zone.CHEEK_LEFT,
    duration_s=60,
    vibration=Vibration(amplitude_percent=20, frequency_hz=75),
    microcurrent=Microcurrent(peak_ua=0, frequency_hz=10),
    keyframes=(
        Keyframe(at_s=20, amplitude_percent=80, peak_ua=100),
        Keyframe(at_s=40, amplitude_percent=80, peak_ua=300),
        Keyframe(at_s=60, amplitude_percent=0, peak_ua=0),
    ),
    band_kpa=(2, 5),
    cue="Slowly upwards",
    cues=(Cue(at_s=30, text="Softer"), Cue(at_s=59, text="Let go")),
)


def routine(*steps: Step) -> Routine:
    return Routine(name="mine", title="Mine", goal=Goal.RELAXATION, description="x", steps=steps)


def delivered(program: Program) -> list[Drive]:
    """Return what a roller gives over time when nothing holds it back."""
    run, soft_start, level, now_us, found = Executor(tuple(map(record_of, program))), SoftStart(0), Drive(), 0, []
    while not run.advance(TICK_US):
        now_us += TICK_US
        level = soft_start.raised(now_us, level, run.target(), OPEN_CAP, run.ramp_s)
        found.append(level)
    return found


def test_a_routine_without_keyframes_is_left_as_it_is() -> None:
    assert stepped(routine(STEP.model_copy(update={"keyframes": (), "microcurrent": None}))) is None


def test_keyframes_that_change_nothing_for_this_person_need_no_steps() -> None:
    assert stepped(routine(STEP), PersonalMax(peak_ua=0, amplitude=0)) is None


def test_what_comes_out_is_close_to_what_the_keyframes_would_give() -> None:
    found = stepped(routine(STEP))
    assert found is not None
    assert (found.changed, found.off < CLOSE + 0.01) == ((0,), True)
    ours = delivered(compile_routine(found.routine))
    theirs = delivered(compile_routine(routine(STEP)))
    assert len(ours) == len(theirs)
    # A roller rises softly to each level, and its source works in whole steps.
    assert max(abs(a.amplitude - b.amplitude) for a, b in zip(ours, theirs, strict=True)) < CLOSE + 0.04
    assert max(abs(a.peak_ua - b.peak_ua) for a, b in zip(ours, theirs, strict=True)) < 400 * CLOSE + 24


def test_steps_say_which_part_they_are_and_carry_the_cues_of_their_time() -> None:
    found = stepped(
        routine(
            STEP, STEP.model_copy(update={"keyframes": (), "zone": Zone.CHIN, "title": "Chin", "microcurrent": None})
        )
    )
    assert found is not None
    *parts, chin = found.routine.steps
    assert [step.title for step in parts] == [f"Left cheek ({n} of {len(parts)})" for n in range(1, len(parts) + 1)]
    assert chin.title == "Chin"
    assert all(continues(a, b) for a, b in pairwise(parts))
    assert not continues(parts[-1], chin)
    assert not continues(chin, chin)
    begins, said = 0.0, []
    for step in parts:
        said += [(begins + cue.at_s, cue.text) for cue in step.cues]
        begins += step.duration_s
    assert (begins, said) == (60.0, [(30.0, "Softer"), (59.0, "Let go")])
    assert found.words.startswith("This roller cannot change its levels within a step: step 1 of the routine runs in")


def test_a_rising_speed_of_the_motor_does_not_stop_it_between_pieces() -> None:
    sweep = STEP.model_copy(
        update={
            "vibration": Vibration(amplitude_percent=100, frequency_hz=60, pattern=Pattern.STEADY),
            "microcurrent": None,
            "keyframes": (Keyframe(at_s=10, vibration_hz=140, amplitude_percent=90),),
            "cues": (),
        }
    )
    found = stepped(routine(sweep))
    assert found is not None
    after = delivered(compile_routine(found.routine))[round(5e6 / TICK_US) :]
    assert all(drive.amplitude > 0.8 for drive in after)


@given(GENTLE_FLAT)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_any_routine_fits_and_stays_within_what_it_asked_for(whole: Routine) -> None:
    mine = PersonalMax(peak_ua=250, amplitude=0.7)
    found = stepped(whole, mine)
    if found is None:
        return
    Routine.model_validate_json(found.routine.model_dump_json())
    asked, given_ = compile_routine(whole, mine), compile_routine(found.routine, mine)
    assert len(given_) <= MAX_STEPS
    assert not any(step.keyframes for step in given_)
    assert sum(given_.durations_ms) == sum(asked.durations_ms)
    most = max(step.amplitude_most for step in asked)
    assert max(step.amplitude for step in given_) <= most + 0.001
    assert max(step.peak_ua for step in given_) <= max(step.peak_most_ua for step in asked)
    limits = ceilings_in_force(personal=mine)
    refused = [item for item in lint_program(given_, limits) if item.severity is Severity.REFUSE]
    if not [item for item in lint_program(asked, limits) if item.severity is Severity.REFUSE]:
        assert refused == []
    assert all(replace(step).ramp_s >= limits[CeilingId.SOFT_START] for step in given_)


@pytest.mark.parametrize("count", [2, 40])
def test_steps_share_the_room_for_pieces(count: int) -> None:
    there_and_back = Keyframe(at_s=12, amplitude_percent=90), Keyframe(at_s=25, amplitude_percent=5)
    moving = STEP.model_copy(update={"duration_s": 25, "keyframes": there_and_back, "microcurrent": None, "cues": ()})
    steps = [moving.model_copy(update={"zone": (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT)[n % 2]}) for n in range(count)]
    found = stepped(routine(*steps))
    assert found is not None
    assert len(found.changed) == count
    assert count < len(found.routine.steps) <= MAX_STEPS
