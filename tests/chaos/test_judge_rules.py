"""Each rule of the judge catches a record that is written by hand and wrong in this alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from chaos import wrong
from chaos.judge import margins
from chaos.judge.ceilings import DAY_CURRENT_US, DAY_VIBRATION_US
from chaos.judge.commands.program import checked
from chaos.judge.commands.run import Run
from chaos.judge.delivered.dose import Dose
from chaos.judge.delivered.dwell import Dwell
from chaos.judge.judge import Judge
from chaos.judge.margins import MARGINS, Nearest
from chaos.judge.truth import Truth
from chaos.judge.violation import ViolationError
from chaos.trial import OFF, STEP, Trial, delivered_by, started
from glowsim.physics.types import Cue
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import encode_program
from glowtool.protocol.vocabulary import Result, Setting
from support.device.firmware_bench import AIR, SKIN, step

if TYPE_CHECKING:
    from collections.abc import Callable


class Wrong(NamedTuple):
    """A rule that must speak, the margin that it keeps, a massage that is right, and what then is wrong."""

    rule: str
    wrong: Callable[[Trial], None]
    make: Callable[[], Trial] = started
    margin: str = ""


HARD: Final = replace(SKIN, cells_raw=(350, 350, 350, 1000))
SLOW: Final = step(60_000, 1000, 400, ramp_ms=20_000)
WEAK: Final = step(60_000, 100, 0)
NO_AREA: Final = delivered_by(OFF, contact_area_cm2=0.0)
LONG: Final = tuple(
    replace(STEP, duration_ms=300_000, amplitude_permille=50, peak_ua=0, waveform=Waveform.NONE, zone=zone)
    for zone in (Zone.CHEEK_LEFT, Zone.JAW_LEFT, Zone.CHIN, Zone.JAW_RIGHT)
)


def _pair(**first: object) -> Callable[[], Trial]:
    """Return a massage whose second step is the usual one, and the first one differs."""
    return lambda: started(replace(STEP, **first), STEP)  # type: ignore[arg-type]


CASES: Final = (
    Wrong("soft start .drive", wrong.drive(amplitude=0.8), margin=margins.MOTOR_RISE),
    Wrong("soft start .drive", wrong.drive(peak_ua=320.0), margin=margins.CURRENT_RISE),
    Wrong("soft start .drive", wrong.drive(amplitude=0.21), lambda: started(SLOW)),
    Wrong("soft start .drive", wrong.drive(peak_ua=100.0), lambda: started(SLOW)),
    Wrong("soft start .electrode, motor", wrong.delivered(amplitude=0.6), margin=margins.MOTOR_LINE),
    Wrong("soft start .electrode, motor", wrong.delivered(peak_ua=320.0), margin=margins.CURRENT_LINE),
    Wrong(
        "acceleration .drive",
        wrong.rise(vibration_hz=150.0),
        lambda: started(replace(STEP, vibration_dhz=400), replace(STEP, vibration_dhz=1500)),
        margins.SHAKING_LINE,
    ),
    Wrong(
        "acceleration .motor", wrong.delivered(vibration_hz=150.0), lambda: started(replace(STEP, vibration_dhz=400))
    ),
    Wrong(
        "r.m.s. current .drive",
        wrong.rise(waveform=Waveform.BIPHASIC_SQUARE),
        _pair(waveform=Waveform.BIPHASIC_PULSE),
        margins.RMS_LINE,
    ),
    Wrong(
        "r.m.s. current .electrode",
        wrong.delivered(density_rms_ua_cm2=299.0),
        lambda: started(replace(STEP, waveform=Waveform.BIPHASIC_PULSE)),
    ),
    Wrong(
        "phase charge .drive",
        wrong.rise(current_hz=1.0),
        lambda: started(replace(STEP, current_dhz=1000), replace(STEP, current_dhz=10)),
        margins.CHARGE_LINE,
    ),
    Wrong("phase charge .electrode", wrong.delivered(phase_charge_uc=(40.0, 39.9))),
    Wrong("more than the program asks for", wrong.creeps, margin=margins.ASKED),
    Wrong("more than the program asks for", wrong.drive(peak_ua=310.0)),
    Wrong("more than the program asks for", wrong.goes_on(8.0), lambda: started(replace(STEP, duration_ms=5000), WEAK)),
    Wrong(
        "more than the program asks for",
        wrong.held(1.0),
        lambda: started(step(60_000, 600, 0, pattern=Pattern.RAMP, pattern_period_ms=4000), seconds=0.0),
    ),
    Wrong(
        "more than the program asks for",
        wrong.then(wrong.says(Opcode.TRIM, bytes((20, 100))), wrong.goes_on(0.1)),
    ),
    Wrong("another waveform", wrong.drive(waveform=Waveform.BIPHASIC_PULSE)),
    Wrong("another frequency of the current", wrong.drive(current_hz=21.0)),
    Wrong("another frequency of the motor", wrong.drive(vibration_hz=74.0)),
    Wrong("ring of LEDs", wrong.drive(cue=Cue(1, Direction.UPWARD))),
    Wrong("goes on", wrong.goes_on(3.0), lambda: started(replace(STEP, duration_ms=5000)), margins.STEP),
    Wrong("a waveform that was not asked for", wrong.delivered(density_rms_ua_cm2=95.0)),
    Wrong("a frequency of the current that was not", wrong.delivered(phase_charge_uc=(7.4, 7.39))),
    Wrong("current that was not asked for", wrong.delivered(peak_ua=305.0), margin=margins.PEAK),
    Wrong("motion that was not asked for", wrong.delivered(amplitude=0.5005), margin=margins.AMPLITUDE),
    Wrong("direct current", wrong.delivered(phase_charge_uc=(7.5, 7.4)), margin=margins.IMBALANCE),
    Wrong("direct current", wrong.delivered(contact_area_cm2=0.0101, density_rms_ua_cm2=1999.0), margin=margins.DIRECT),
    Wrong(
        "current density",
        wrong.delivered(contact_area_cm2=0.149, density_rms_ua_cm2=300.0 / 0.149),
        margin=margins.DENSITY,
    ),
    Wrong("vibration frequency .motor", wrong.delivered(vibration_hz=39.0), margin=margins.VIBRATION_LOW),
    Wrong(
        "vibration frequency .motor",
        wrong.delivered(vibration_hz=151.0),
        lambda: started(replace(STEP, vibration_dhz=1500)),
        margins.VIBRATION_HIGH,
    ),
    Wrong(
        "frequency of the current",
        wrong.drive(current_hz=0.9),
        lambda: started(replace(STEP, peak_ua=30, current_dhz=10)),
        margins.CURRENT_LOW,
    ),
    Wrong(
        "frequency of the current",
        wrong.drive(current_hz=101.0),
        lambda: started(replace(STEP, current_dhz=1000)),
        margins.CURRENT_HIGH,
    ),
    Wrong("daily exposure", wrong.delivered(acceleration_ms2=40_000.0), margin=margins.EXPOSURE),
    Wrong("contact", wrong.after(0.1, sensed=AIR), margin=margins.CONTACT),
    Wrong("pressure, zero at", wrong.sensed(cells_raw=(350, 350, 350, 1331)), margin=margins.PRESSURE),
    Wrong("pressure, zero .truth", lambda trial: trial.tick(truth=Truth(left_kpa=17.0))),
    Wrong(
        "pressure, half", wrong.after(0.6, sensed=replace(SKIN, cells_raw=(350, 350, 350, 931))), margin=margins.HALF
    ),
    Wrong("pressure, half", wrong.dip),
    Wrong(
        "no caution",
        wrong.then(
            wrong.after(0.1, sensed=replace(SKIN, cells_raw=(350, 350, 350, 601))),
            wrong.says(Opcode.HEARTBEAT, interlocks=Interlock(0)),
        ),
    ),
    Wrong("a tare under", wrong.tared(Truth(left_kpa=0.6)), margin=margins.TARED),
    Wrong("a tare on skin", wrong.tared(Truth(right_kpa=0.3))),
    Wrong("charging lock", wrong.sensed(charging=True), margin=margins.CHARGER),
    Wrong("battery, current", wrong.sensed(battery_percent=9), margin=margins.WEAK),
    Wrong(
        "battery, empty",
        wrong.after(2.1, sensed=replace(SKIN, battery_percent=4)),
        lambda: started(WEAK),
        margins.EMPTY,
    ),
    Wrong("head temperature", wrong.sensed(head_temp_raw=(320, 430)), margin=margins.HEAT),
    Wrong("host silence", wrong.silent, margin=margins.SILENCE),
    Wrong(
        "output outside a run", wrong.then(lambda trial: trial.judge.wire.met(None), Trial.tick), margin=margins.LINK
    ),
    Wrong("motor's run-down", wrong.runs_down, margin=margins.RUN_DOWN),
    Wrong(
        "output outside a run",
        wrong.then(wrong.says(Opcode.EMERGENCY_STOP), wrong.drive(amplitude=0.001)),
        margin=margins.STOP,
    ),
    Wrong("output stage, current", lambda trial: wrong.dies(trial.drive)(trial), margin=margins.STAGE_CURRENT),
    Wrong(
        "output stage, motor", lambda trial: wrong.dies(trial.drive)(trial), lambda: started(WEAK), margins.STAGE_MOTOR
    ),
    Wrong(
        "dose of the day",
        wrong.after(2.0),
        lambda: started(judge=Judge((DAY_CURRENT_US - 5_000_000, 0))),
        margins.DAY_CURRENT,
    ),
    Wrong(
        "dose of the day",
        wrong.after(2.0),
        lambda: started(judge=Judge((0, DAY_VIBRATION_US - 5_000_000))),
        margins.DAY_VIBRATION,
    ),
    Wrong("setting, amplitude", wrong.held(2.0), wrong.set_and_ignored(Setting.AMPLITUDE_PERMILLE_MAX, 300)),
    Wrong("setting, current", wrong.held(2.0), wrong.set_and_ignored(Setting.PEAK_UA_MAX, 200)),
    Wrong("re-armed", wrong.latched(wait_s=1.9, power=False), margin=margins.REARM),
    Wrong("re-armed", wrong.latched(wait_s=1.0, power=True)),
    Wrong("IDLE under an emergency stop", wrong.forgets_the_latch),
    Wrong("24 bytes missing", wrong.upload((0, 24))),
    Wrong("bytes missing", wrong.upload((0, 20), (30, 48))),
    Wrong("without a command", wrong.then(wrong.says(Opcode.PAUSE), lambda trial: trial.tick(state=State.RUNNING))),
    Wrong("PAUSE was refused", wrong.says(Opcode.PAUSE, result=Result.WRONG_STATE)),
    Wrong("SKIP was obeyed in READY", wrong.then(wrong.says(Opcode.STOP), wrong.says(Opcode.SKIP))),
    Wrong("led to", wrong.says(Opcode.PAUSE, state=State.RUNNING)),
    Wrong("the answer to", wrong.says(Opcode.HEARTBEAT, sequence=8)),
    Wrong("an answer claims", wrong.said(Opcode.HEARTBEAT, amplitude_permille=0)),
    Wrong("an answer claims", wrong.said(Opcode.HEARTBEAT, peak_ua=0)),
    Wrong("an answer claims", wrong.said(Opcode.HEARTBEAT, vibration_dhz=760)),
    Wrong("an answer claims", wrong.said(Opcode.HEARTBEAT, current_dhz=190)),
    Wrong("a status claims PAUSED", wrong.status(state=State.PAUSED)),
    Wrong("a status claims step 1", wrong.status(step=1)),
    Wrong("ms of a step", wrong.status(step_elapsed_ms=2900)),
    Wrong("ms of a massage", wrong.status(massage_elapsed_ms=2900), margin=margins.MASSAGE),
    Wrong("a trim of", wrong.status(current_percent=50)),
    Wrong("a status claims Outputs", wrong.status(amplitude_permille=0)),
    Wrong("a status claims Outputs", wrong.status(peak_ua=0)),
    Wrong("a request that is none was obeyed", wrong.says(Opcode.TRIM, bytes((200, 100)))),
    Wrong("a step of", wrong.says(Opcode.EXTEND, (300_000).to_bytes(4, "little"))),
    Wrong("RESUME was obeyed for 'another'", wrong.other(Opcode.RESUME, paused=True)),
    Wrong("TRIM was obeyed for 'another'", wrong.other(Opcode.TRIM, bytes((50, 50)))),
    Wrong("SKIP was obeyed for 'another'", wrong.other(Opcode.SKIP)),
    Wrong("host without keys", wrong.stranger),
    Wrong("without a program", wrong.button),
    Wrong("did not stop what ran", lambda trial: trial.judge.wire.pressed(State.RUNNING)),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.margin or case.rule}")
def test_a_record_that_is_wrong_in_one_thing_is_found_out(case: Wrong) -> None:
    trial = case.make()
    with pytest.raises(ViolationError, match=case.rule):
        case.wrong(trial)


def test_every_margin_has_a_record_that_passes_it() -> None:
    assert {case.margin for case in CASES} - {""} | {margins.DWELL} == {margin.name for margin in MARGINS}


def test_a_place_that_is_worked_over_300_s_is_found_out_and_rest_gives_back() -> None:
    dwell = Dwell(Nearest())
    here, elsewhere = (Run(checked(encode_program((replace(STEP, zone=zone),)))) for zone in (Zone.CHIN, Zone.JAW_LEFT))
    on = replace(OFF, amplitude=0.1)
    second_us = 1_000_000

    def worked(run: Run | None, seconds: int) -> str:
        return next((told for _ in range(seconds) if (told := dwell.judge(second_us, on if run else OFF, run))), "")

    assert worked(here, 300) == ""
    assert worked(elsewhere, 100) == ""
    assert worked(None, 50) == ""
    assert worked(here, 150) == ""
    assert worked(here, 1) == "one place for too long"


def test_a_day_s_dose_comes_back_after_a_day_of_runtime_and_not_before() -> None:
    dose = Dose(Nearest(), (DAY_CURRENT_US, 0))
    flows = delivered_by(replace(OFF, peak_ua=100.0, current_hz=20.0, waveform=Waveform.BIPHASIC_SQUARE))
    assert dose.judge(23 * 3600 * 1_000_000, NO_AREA, OFF) == ""
    assert dose.judge(50_000, flows, OFF) == "dose of the day"
    dose.judge(3600 * 1_000_000, NO_AREA, OFF)
    assert dose.judge(50_000, flows, OFF) == ""


def test_a_record_in_which_nothing_is_wrong_breaks_no_rule() -> None:
    trial = Trial()
    trial.load(replace(STEP, duration_ms=3000), replace(SLOW, duration_ms=4000))
    trial.say(Opcode.START)
    trial.run(2.0)
    trial.say(Opcode.PAUSE)
    trial.run(1.0)
    trial.say(Opcode.RESUME)
    trial.run(1.5)
    trial.say(Opcode.TRIM, bytes((50, 50)))
    trial.run(1.0)
    trial.say(Opcode.EXTEND, (500).to_bytes(4, "little"))
    trial.run(2.0)
    trial.judge.wire.claimed(State.RUNNING)
    trial.say(Opcode.STOP)
    trial.run(0.5)
    assert trial.judge.figures()[margins.PEAK] > 50.0
