"""The judge against itself: for each of its rules a record that is wrong in this alone, written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

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
from glowsim.physics.types import TICK_US, Cue
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import ProgramBegin
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.status import Status
from glowtool.protocol.vocabulary import Result, Setting
from glowtool.protocol.wire import encode
from support.device.firmware_bench import AIR, SKIN, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.physics.types import Sensed


def _drive(**changes: object) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.tick(replace(trial.drive, **changes))  # type: ignore[arg-type]  # the fields' own types

    return wrong


def _delivered(**changes: object) -> Callable[[Trial], None]:
    return lambda trial: trial.tick(delivered=delivered_by(trial.drive, **changes))


def _sensed(**changes: object) -> Callable[[Trial], None]:
    return lambda trial: trial.tick(sensed=replace(trial.sensed, **changes))  # type: ignore[arg-type]


def _then(*wrongs: Callable[[Trial], None]) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        for one in wrongs:
            one(trial)

    return wrong


def _says(opcode: Opcode, body: bytes = b"", **answer: object) -> Callable[[Trial], None]:
    return lambda trial: trial.say(opcode, body, **answer)  # type: ignore[arg-type]  # the arguments' own types


def _after(seconds: float, sensed: Sensed = SKIN) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        for number in range(round(seconds * 1e6 / TICK_US)):
            trial.tick(sensed=sensed)
            trial.sensed = sensed
            if number % 50 == 0:
                trial.say(Opcode.HEARTBEAT)

    return wrong


def _said(opcode: Opcode, body: bytes = b"", **answer: object) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.say(opcode, body, **answer)  # type: ignore[arg-type]
        trial.tick(trial.wanted())

    return wrong


def _rise(**step_changes: object) -> Callable[[Trial], None]:
    """Go on into a step that asks for something else, with the level that there was."""

    def wrong(trial: Trial) -> None:
        trial.say(Opcode.SKIP)
        for _ in range(30):
            trial.tick(
                replace(trial.drive, cue=trial.wanted().cue, **step_changes),  # type: ignore[arg-type]
            )

    return wrong


def _lost_power(trial: Trial) -> None:
    trial.judge.power_cycled(trial.now_us)
    trial.drive = OFF


def _latched(*, wait_s: float, power: bool) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.say(Opcode.EMERGENCY_STOP)
        trial.run(2.5 if power else wait_s)
        if power:
            _lost_power(trial)
            trial.run(wait_s)
        trial.say(Opcode.REARM)

    return wrong


def _forgets_the_latch(trial: Trial) -> None:
    trial.say(Opcode.EMERGENCY_STOP)
    trial.run(0.1)
    _lost_power(trial)
    trial.tick(state=State.IDLE)


def _other(opcode: Opcode, body: bytes = b"", *, paused: bool = False) -> Callable[[Trial], None]:
    """Let another bonded host come and be obeyed."""

    def wrong(trial: Trial) -> None:
        if paused:
            trial.say(Opcode.PAUSE)
        trial.judge.wire.met("another")
        trial.say(opcode, body)

    return wrong


def _stranger(trial: Trial) -> None:
    trial.judge.wire.met(None)
    trial.say(Opcode.HEARTBEAT)


def _button(trial: Trial) -> None:
    trial.say(Opcode.STOP)
    trial.run(0.1)
    trial.judge.wire.pressed(State.RUNNING)


def _dies(drive: object) -> Callable[[Trial], None]:
    """Let the firmware hang while something of its drive goes on."""

    def wrong(trial: Trial) -> None:
        for _ in range(28):
            trial.now_us += TICK_US
            trial.judge.look_on(trial.now_us, delivered_by(drive), drive)  # type: ignore[arg-type]

    return wrong


def _runs_down(trial: Trial) -> None:
    shaken = delivered_by(replace(trial.drive, peak_ua=0.0, waveform=Waveform.NONE))
    for _ in range(25):
        trial.tick(replace(OFF, cue=trial.drive.cue), delivered=shaken)


def _silent(trial: Trial) -> None:
    trial.heard = False
    trial.run(1.1)


def _dip(trial: Trial) -> None:
    """Press too hard for nearly long enough, and softly for a moment, again and again."""
    for _ in range(4):
        _after(0.485, sensed=replace(SKIN, cells_raw=(1300, 350, 350, 350)))(trial)
        _after(0.02)(trial)


def _held(seconds: float, **step_changes: object) -> Callable[[Trial], None]:
    """Go on for a time, with something of the drive as no step says."""

    def wrong(trial: Trial) -> None:
        for number in range(round(seconds * 1e6 / TICK_US)):
            if number % 50 == 0:
                trial.say(Opcode.HEARTBEAT)
            trial.tick(replace(trial.wanted(), **step_changes))  # type: ignore[arg-type]

    return wrong


def _creeps(trial: Trial) -> None:
    """Go on rising where the step's level is reached."""
    for _ in range(20):
        trial.tick(replace(trial.drive, amplitude=trial.drive.amplitude + 0.001))


def _goes_on(seconds: float) -> Callable[[Trial], None]:
    """Let what was driven go on for a time, whatever the program says."""
    return _after(seconds)


def _tared(truth: Truth) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        trial.say(Opcode.STOP)
        contact_cm2 = 1.0 if truth.right_kpa else 0.0
        for _ in range(30):
            trial.tick(delivered=delivered_by(OFF, contact_area_cm2=contact_cm2), truth=truth)
        trial.say(Opcode.TARE)

    return wrong


def _set_and_ignored(setting: Setting, value: int) -> Callable[[], Trial]:
    def make() -> Trial:
        trial = Trial()
        trial.load(STEP)
        trial.judge.wire.settings[setting] = value
        with pytest.raises(ViolationError, match="a program over the settings was started"):
            trial.say(Opcode.START)
        trial.judge.wire.settings[setting] = 1000
        trial.say(Opcode.START)
        trial.judge.wire.settings[setting] = value
        trial.run(1.0)
        return trial

    return make


def _upload(*pieces: tuple[int, int]) -> Callable[[Trial], None]:
    """Commit a program of which these ranges came."""

    def wrong(trial: Trial) -> None:
        trial.say(Opcode.STOP)
        data = encode_program((STEP, STEP))
        trial.say(Opcode.PROGRAM_BEGIN, encode(ProgramBegin(2, len(data), program_crc(data))))
        for low, high in pieces:
            trial.say(Opcode.PROGRAM_DATA, low.to_bytes(2, "little") + data[low:high])
        trial.say(Opcode.PROGRAM_COMMIT)

    return wrong


def _status(**changes: object) -> Callable[[Trial], None]:
    def wrong(trial: Trial) -> None:
        run, drive = trial.judge.wire.run, trial.drive
        assert run is not None
        outputs = round(drive.amplitude * 1000), round(drive.vibration_hz * 10), int(drive.peak_ua), 200
        times = run.step_us // 1000, run.massage_us // 1000
        right = Status(State.RUNNING, 0, 2, 80, Interlock(0), Fault(0), *outputs, *times, 100, 100, 1, 0)
        trial.judge.told(right)
        trial.tick(trial.wanted())
        trial.judge.told(replace(right, **changes))  # type: ignore[arg-type]
        trial.tick(trial.wanted())

    return wrong


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
    Wrong("soft start .drive", _drive(amplitude=0.8), margin=margins.MOTOR_RISE),
    Wrong("soft start .drive", _drive(peak_ua=320.0), margin=margins.CURRENT_RISE),
    Wrong("soft start .drive", _drive(amplitude=0.21), lambda: started(SLOW)),
    Wrong("soft start .drive", _drive(peak_ua=100.0), lambda: started(SLOW)),
    Wrong("soft start .electrode, motor", _delivered(amplitude=0.6), margin=margins.MOTOR_LINE),
    Wrong("soft start .electrode, motor", _delivered(peak_ua=320.0), margin=margins.CURRENT_LINE),
    Wrong(
        "acceleration .drive",
        _rise(vibration_hz=150.0),
        lambda: started(replace(STEP, vibration_dhz=400), replace(STEP, vibration_dhz=1500)),
        margins.SHAKING_LINE,
    ),
    Wrong("acceleration .motor", _delivered(vibration_hz=150.0), lambda: started(replace(STEP, vibration_dhz=400))),
    Wrong(
        "r.m.s. current .drive",
        _rise(waveform=Waveform.BIPHASIC_SQUARE),
        _pair(waveform=Waveform.BIPHASIC_PULSE),
        margins.RMS_LINE,
    ),
    Wrong(
        "r.m.s. current .electrode",
        _delivered(density_rms_ua_cm2=299.0),
        lambda: started(replace(STEP, waveform=Waveform.BIPHASIC_PULSE)),
    ),
    Wrong(
        "phase charge .drive",
        _rise(current_hz=1.0),
        lambda: started(replace(STEP, current_dhz=1000), replace(STEP, current_dhz=10)),
        margins.CHARGE_LINE,
    ),
    Wrong("phase charge .electrode", _delivered(phase_charge_uc=(40.0, 39.9))),
    Wrong("more than the program asks for", _creeps, margin=margins.ASKED),
    Wrong("more than the program asks for", _drive(peak_ua=310.0)),
    Wrong("more than the program asks for", _goes_on(8.0), lambda: started(replace(STEP, duration_ms=5000), WEAK)),
    Wrong(
        "more than the program asks for",
        _held(1.0),
        lambda: started(step(60_000, 600, 0, pattern=Pattern.RAMP, pattern_period_ms=4000), seconds=0.0),
    ),
    Wrong(
        "more than the program asks for",
        _then(_says(Opcode.TRIM, bytes((20, 100))), _goes_on(0.1)),
    ),
    Wrong("another waveform", _drive(waveform=Waveform.BIPHASIC_PULSE)),
    Wrong("another frequency of the current", _drive(current_hz=21.0)),
    Wrong("another frequency of the motor", _drive(vibration_hz=74.0)),
    Wrong("ring of LEDs", _drive(cue=Cue(1, Direction.UPWARD))),
    Wrong("goes on", _goes_on(3.0), lambda: started(replace(STEP, duration_ms=5000)), margins.STEP),
    Wrong("a waveform that was not asked for", _delivered(density_rms_ua_cm2=95.0)),
    Wrong("a frequency of the current that was not", _delivered(phase_charge_uc=(7.4, 7.39))),
    Wrong("current that was not asked for", _delivered(peak_ua=305.0), margin=margins.PEAK),
    Wrong("motion that was not asked for", _delivered(amplitude=0.5005), margin=margins.AMPLITUDE),
    Wrong("direct current", _delivered(phase_charge_uc=(7.5, 7.4)), margin=margins.IMBALANCE),
    Wrong("direct current", _delivered(contact_area_cm2=0.0101, density_rms_ua_cm2=1999.0), margin=margins.DIRECT),
    Wrong(
        "current density", _delivered(contact_area_cm2=0.149, density_rms_ua_cm2=300.0 / 0.149), margin=margins.DENSITY
    ),
    Wrong("vibration frequency .motor", _delivered(vibration_hz=39.0), margin=margins.VIBRATION_LOW),
    Wrong(
        "vibration frequency .motor",
        _delivered(vibration_hz=151.0),
        lambda: started(replace(STEP, vibration_dhz=1500)),
        margins.VIBRATION_HIGH,
    ),
    Wrong(
        "frequency of the current",
        _drive(current_hz=0.9),
        lambda: started(replace(STEP, peak_ua=30, current_dhz=10)),
        margins.CURRENT_LOW,
    ),
    Wrong(
        "frequency of the current",
        _drive(current_hz=101.0),
        lambda: started(replace(STEP, current_dhz=1000)),
        margins.CURRENT_HIGH,
    ),
    Wrong("daily exposure", _delivered(acceleration_ms2=40_000.0), margin=margins.EXPOSURE),
    Wrong("contact", _after(0.1, sensed=AIR), margin=margins.CONTACT),
    Wrong("pressure, zero at", _sensed(cells_raw=(350, 350, 350, 1331)), margin=margins.PRESSURE),
    Wrong("pressure, zero .truth", lambda trial: trial.tick(truth=Truth(left_kpa=17.0))),
    Wrong("pressure, half", _after(0.6, sensed=replace(SKIN, cells_raw=(350, 350, 350, 931))), margin=margins.HALF),
    Wrong("pressure, half", _dip),
    Wrong(
        "no caution",
        _then(
            _after(0.1, sensed=replace(SKIN, cells_raw=(350, 350, 350, 601))),
            _says(Opcode.HEARTBEAT, interlocks=Interlock(0)),
        ),
    ),
    Wrong("a tare under", _tared(Truth(left_kpa=0.6)), margin=margins.TARED),
    Wrong("a tare on skin", _tared(Truth(right_kpa=0.3))),
    Wrong("charging lock", _sensed(charging=True), margin=margins.CHARGER),
    Wrong("battery, current", _sensed(battery_percent=9), margin=margins.WEAK),
    Wrong("battery, empty", _after(2.1, sensed=replace(SKIN, battery_percent=4)), lambda: started(WEAK), margins.EMPTY),
    Wrong("head temperature", _sensed(head_temp_raw=(320, 430)), margin=margins.HEAT),
    Wrong("host silence", _silent, margin=margins.SILENCE),
    Wrong("output outside a run", _then(lambda trial: trial.judge.wire.met(None), Trial.tick), margin=margins.LINK),
    Wrong("motor's run-down", _runs_down, margin=margins.RUN_DOWN),
    Wrong(
        "output outside a run",
        _then(_says(Opcode.EMERGENCY_STOP), _drive(amplitude=0.001)),
        margin=margins.STOP,
    ),
    Wrong("output stage, current", lambda trial: _dies(trial.drive)(trial), margin=margins.STAGE_CURRENT),
    Wrong("output stage, motor", lambda trial: _dies(trial.drive)(trial), lambda: started(WEAK), margins.STAGE_MOTOR),
    Wrong(
        "dose of the day",
        _after(2.0),
        lambda: started(judge=Judge((DAY_CURRENT_US - 5_000_000, 0))),
        margins.DAY_CURRENT,
    ),
    Wrong(
        "dose of the day",
        _after(2.0),
        lambda: started(judge=Judge((0, DAY_VIBRATION_US - 5_000_000))),
        margins.DAY_VIBRATION,
    ),
    Wrong("setting, amplitude", _held(2.0), _set_and_ignored(Setting.AMPLITUDE_PERMILLE_MAX, 300)),
    Wrong("setting, current", _held(2.0), _set_and_ignored(Setting.PEAK_UA_MAX, 200)),
    Wrong("re-armed", _latched(wait_s=1.9, power=False), margin=margins.REARM),
    Wrong("re-armed", _latched(wait_s=1.0, power=True)),
    Wrong("IDLE under an emergency stop", _forgets_the_latch),
    Wrong("24 bytes missing", _upload((0, 24))),
    Wrong("bytes missing", _upload((0, 20), (30, 48))),
    Wrong("without a command", _then(_says(Opcode.PAUSE), lambda trial: trial.tick(state=State.RUNNING))),
    Wrong("PAUSE was refused", _says(Opcode.PAUSE, result=Result.WRONG_STATE)),
    Wrong("SKIP was obeyed in READY", _then(_says(Opcode.STOP), _says(Opcode.SKIP))),
    Wrong("led to", _says(Opcode.PAUSE, state=State.RUNNING)),
    Wrong("the answer to", _says(Opcode.HEARTBEAT, sequence=8)),
    Wrong("an answer claims", _said(Opcode.HEARTBEAT, amplitude_permille=0)),
    Wrong("an answer claims", _said(Opcode.HEARTBEAT, peak_ua=0)),
    Wrong("an answer claims", _said(Opcode.HEARTBEAT, vibration_dhz=760)),
    Wrong("an answer claims", _said(Opcode.HEARTBEAT, current_dhz=190)),
    Wrong("a status claims PAUSED", _status(state=State.PAUSED)),
    Wrong("a status claims step 1", _status(step=1)),
    Wrong("ms of a step", _status(step_elapsed_ms=2900)),
    Wrong("ms of a massage", _status(massage_elapsed_ms=2900), margin=margins.MASSAGE),
    Wrong("a trim of", _status(current_percent=50)),
    Wrong("a status claims Outputs", _status(amplitude_permille=0)),
    Wrong("a status claims Outputs", _status(peak_ua=0)),
    Wrong("a request that is none was obeyed", _says(Opcode.TRIM, bytes((200, 100)))),
    Wrong("a step of", _says(Opcode.EXTEND, (300_000).to_bytes(4, "little"))),
    Wrong("RESUME was obeyed for 'another'", _other(Opcode.RESUME, paused=True)),
    Wrong("TRIM was obeyed for 'another'", _other(Opcode.TRIM, bytes((50, 50)))),
    Wrong("SKIP was obeyed for 'another'", _other(Opcode.SKIP)),
    Wrong("host without keys", _stranger),
    Wrong("without a program", _button),
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
