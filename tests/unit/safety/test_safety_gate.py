"""The gate lets the right orders pass and no others, for any device, and is never asked about a stop."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import SafetyError
from glowtool.model.ceilings import CeilingId
from glowtool.model.face import Zone
from glowtool.model.output import Waveform
from glowtool.model.program import Keyframe, Program, Step
from glowtool.model.state import Capability, DeviceLimits
from glowtool.protocol.program import StepRecord, step_of
from glowtool.safety import Gate, PersonalMax, Severity, lint_program
from support.device.programs import any_programs, valid_programs
from support.device.steps import BOTH_OUTPUTS, RECORD, VIBRATION

STEP = step_of(RECORD)

SIDES = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.JAW_LEFT, Zone.JAW_RIGHT, Zone.CHIN)

OTHER = replace(STEP, zone=Zone.CHEEK_RIGHT)


def holding(*steps: Step) -> Gate:
    """Return a gate that has let a program pass."""
    gate = Gate()
    gate.hold(Program(steps))
    return gate


def extends(gate: Gate, extra_ms: int, step: int | None = None) -> bool:
    try:
        gate.extend(extra_ms, step)
    except SafetyError:
        return False
    return True


@given(valid_programs() | any_programs())
def test_the_gate_holds_exactly_what_the_lint_accepts(records: list[StepRecord]) -> None:
    steps = tuple(map(step_of, records))
    refused = any(item.severity is Severity.REFUSE for item in lint_program(steps))
    gate = Gate()
    for judge in (gate.admit, gate.hold):
        try:
            judge(Program(steps))
        except SafetyError:
            assert refused
        else:
            assert not refused
    if refused:
        with pytest.raises(SafetyError, match="has not checked"):
            gate.start()
    else:
        gate.start()


def test_keyframes_are_for_a_roller_that_knows_them() -> None:
    moving = Program((replace(STEP, keyframes=(Keyframe(10.0, 0.1, 75.0, 80, 10.0),)), STEP))
    older = Gate(DeviceLimits(Capability.VIBRATION | Capability.MICROCURRENT))
    with pytest.raises(SafetyError, match="cannot change its levels within a step, and step 1 asks for it"):
        older.hold(moving)
    older.hold(Program((STEP,)))
    Gate(DeviceLimits(Capability.VIBRATION | Capability.MICROCURRENT | Capability.KEYFRAMES)).hold(moving)


def test_what_uses_the_program_wants_one_that_this_gate_has_judged() -> None:
    gate = Gate()
    gate.admit(Program((STEP,)))
    for order in (gate.start, gate.resume, gate.store, lambda: gate.extend(1, 0)):
        with pytest.raises(SafetyError) as caught:
            order()
        assert caught.value.says == "this computer has not checked the program on the roller"
        assert caught.value.advice == "upload it again"
    gate.hold(Program((STEP,)))
    for order in (gate.start, gate.resume, gate.store):
        order()


def test_a_program_that_is_refused_leaves_the_one_before_and_one_that_is_lost_leaves_none() -> None:
    gate = holding(STEP)
    with pytest.raises(SafetyError):
        gate.hold(Program((replace(STEP, zone=Zone.MOUTH),)))
    gate.start()
    gate.forget()
    with pytest.raises(SafetyError, match="has not checked"):
        gate.start()


def test_a_device_lowers_ceilings_and_says_what_it_lacks_and_its_program_is_forgotten() -> None:
    gate = holding(STEP)
    gate.learn(DeviceLimits(Capability.VIBRATION | Capability.MICROCURRENT, {CeilingId.PEAK_CURRENT: 70}))
    with pytest.raises(SafetyError, match="has not checked"):
        gate.start()
    with pytest.raises(SafetyError, match="at most 70 µA"):
        gate.hold(Program((STEP,)))
    gate.learn(DeviceLimits(Capability.VIBRATION))
    with pytest.raises(SafetyError, match="this roller has no microcurrent, and step 1 asks for it"):
        gate.hold(Program((STEP,)))
    gate.hold(Program((replace(STEP, peak_ua=0, waveform=Waveform.NONE),)))


def test_a_personal_maximum_stays_whatever_device_is_there() -> None:
    gate = Gate(personal=PersonalMax(peak_ua=70))
    for device in (DeviceLimits(~Capability(0)), DeviceLimits(~Capability(0), {CeilingId.PEAK_CURRENT: 9000})):
        gate.learn(device)
        assert gate.ceilings[CeilingId.PEAK_CURRENT] == 70
        with pytest.raises(SafetyError, match="at most 70 µA"):
            gate.admit(Program((STEP,)))


@pytest.mark.parametrize(
    ("which", "value", "least", "allowed"),
    [
        (CeilingId.HOST_SILENCE, 1.0, 0.25, True),
        (CeilingId.HOST_SILENCE, 0.25, 0.25, True),
        (CeilingId.HOST_SILENCE, 1.001, 0.25, False),
        (CeilingId.HOST_SILENCE, 0.249, 0.25, False),
        (CeilingId.PEAK_CURRENT, 70, 0, True),
        (CeilingId.PEAK_CURRENT, 71, 0, False),
        (CeilingId.PEAK_CURRENT, -1, 0, False),
        (CeilingId.VIBRATION_AMPLITUDE, 0.5, 0, True),
        (CeilingId.VIBRATION_AMPLITUDE, 0.501, 0, False),
    ],
)
def test_a_setting_only_lowers(which: CeilingId, value: float, least: float, *, allowed: bool) -> None:
    gate = Gate(personal=PersonalMax(peak_ua=70, amplitude=0.5))
    if allowed:
        gate.lower(which, value, least)
        return
    with pytest.raises(SafetyError, match=r"would be .* a setting can lower a ceiling and never raise it"):
        gate.lower(which, value, least)


def test_a_setting_that_would_raise_is_refused_in_people_s_units() -> None:
    with pytest.raises(SafetyError) as caught:
        Gate(personal=PersonalMax(amplitude=0.5)).lower(CeilingId.VIBRATION_AMPLITUDE, 0.6)
    assert str(caught.value) == (
        "the setting for vibration amplitude would be 60 %; it must be 0 % to 50 %: "
        "a setting can lower a ceiling and never raise it"
    )


@pytest.mark.parametrize(("percent", "allowed"), [(-1, False), (0, True), (100, True), (101, False)])
def test_a_trim_only_lowers(percent: int, *, allowed: bool) -> None:
    for shares in ((percent, 50), (50, percent)):
        if allowed:
            Gate().trim(*shares)
            continue
        with pytest.raises(SafetyError, match=f"is {percent} %; it must be 0 to 100 %: a trim only lowers"):
            Gate().trim(*shares)


def test_a_step_is_lengthened_up_to_its_ceiling_and_no_further() -> None:
    gate = holding(STEP, replace(OTHER, duration_s=200.0))
    gate.start()
    gate.extend(240_000, 0)
    with pytest.raises(SafetyError, match=r"the step would last 300\.001 s"):
        gate.extend(1, 0)
    gate.extend(100_000, 1)
    gate.start()
    gate.extend(240_000, 0)


def test_a_step_that_the_program_does_not_have_is_not_lengthened() -> None:
    with pytest.raises(SafetyError, match="step 1 is not one of the 1 steps"):
        holding(STEP).extend(1, 1)


def test_steps_are_lengthened_together_up_to_the_massage_and_no_further() -> None:
    gate = holding(*(replace(STEP, zone=zone, duration_s=200.0) for zone in SIDES))
    gate.extend(100_000, 0)
    gate.extend(100_000, 1)
    with pytest.raises(SafetyError, match=r"the massage would last 1200\.001 s"):
        gate.extend(1, 2)


def test_a_place_is_not_lengthened_over_its_ceiling_by_several_steps() -> None:
    gate = holding(replace(STEP, duration_s=140.0), OTHER, replace(STEP, duration_s=200.0))
    gate.extend(20_000, 0)
    with pytest.raises(
        SafetyError, match=r"cheek-left would be worked for 301 s at step 2, but at most 300 s is allowed"
    ):
        gate.extend(1000, 2)
    assert not extends(gate, 1000)
    gate.extend(60_000, 1)
    gate.extend(1000, 2)


@pytest.mark.parametrize("cut", [1, None])
def test_a_step_that_was_cut_counts_as_no_rest_for_the_place_before_it(cut: int | None) -> None:
    again = replace(STEP, duration_s=200.0)
    gate = holding(again, replace(OTHER, duration_s=200.0), again, OTHER)
    gate.extend(40_000, 2)
    gate.cut(cut)
    with pytest.raises(SafetyError, match=r"cheek-left could be worked for 460 s at step 2, but at most 300 s"):
        gate.extend(20_000, 2)
    gate.extend(20_000, 3)
    gate.start()
    gate.extend(60_000, 2)


def test_an_unknown_step_is_taken_for_the_longest() -> None:
    gate = holding(STEP, replace(OTHER, duration_s=200.0))
    gate.extend(100_000, None)
    assert not extends(gate, 1)


def test_time_that_the_device_refused_does_not_count() -> None:
    gate = holding(STEP)
    gate.extend(240_000, 0)
    assert not extends(gate, 1, 0)
    gate.take_back(240_000, 0)
    gate.extend(240_000, 0)


@given(st.lists(st.tuples(st.integers(1, 300_000), st.none() | st.integers(0, 4)), max_size=30))
def test_whatever_is_extended_neither_step_nor_massage_passes_its_ceiling(
    extensions: list[tuple[int, int | None]],
) -> None:
    steps_ms = [60_000, 250_000, 220_000, 200_000, 100_000]
    massage_ms = sum(steps_ms)
    gate = holding(*(replace(STEP, zone=zone, duration_s=ms / 1000) for zone, ms in zip(SIDES, steps_ms, strict=True)))
    for extra_ms, step in extensions:
        if not extends(gate, extra_ms, step):
            continue
        massage_ms += extra_ms
        # An extension of an unknown step may have hit any of them.
        for number in range(len(steps_ms)) if step is None else (step,):
            steps_ms[number] += extra_ms
    assert max(steps_ms) <= 300_000
    assert massage_ms <= 1_200_000


def test_more_time_stays_within_what_the_day_has_left() -> None:
    gate = Gate(personal=PersonalMax(day_current_s=70, day_vibration_s=200))
    gate.hold(Program((replace(BOTH_OUTPUTS, duration_s=60.0), replace(VIBRATION, duration_s=60.0))))
    gate.start()
    gate.extend(10_000, 0)
    with pytest.raises(SafetyError, match="its current would last 71 s, but at most 70 s"):
        gate.extend(1_000, 0)
    with pytest.raises(SafetyError, match="its current would last 71 s"):
        gate.extend(1_000, None)
    gate.extend(30_000, 1)
