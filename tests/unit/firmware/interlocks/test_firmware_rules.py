"""Each safety rule acts at its place in the firmware, so none can be removed or bypassed unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glowsim.firmware.interlocks.agreement import SensorsAgree
from glowsim.firmware.interlocks.contact import ContactGate, DensityLimit
from glowsim.firmware.interlocks.heat import HeadTemperature
from glowsim.firmware.interlocks.impedance import ImpedanceLimit
from glowsim.firmware.interlocks.limits import DayDose, Durations, OnlyWhileRunning, PlaceWorked, SettingsLimit
from glowsim.firmware.interlocks.pressure import PressureCaution, PressureHalf, PressureZero
from glowsim.firmware.interlocks.rule import Moment
from glowsim.firmware.interlocks.supply import BatteryEmpty, BatteryWeak, Charging
from glowsim.firmware.interlocks.table import RULES, Interlocks
from glowsim.firmware.interlocks.witness import SourceAgrees
from glowsim.firmware.sensors.readings import read
from glowsim.physics.types import Drive
from glowtool.model.ending import MassageEnd
from glowtool.model.output import Waveform
from glowtool.model.state import State
from glowtool.protocol.commands.codec import decode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import ProgramBegin, ProgramData, Trim
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.vocabulary import Result, Setting
from support.device.firmware_bench import AIR, MTU, SKIN, Bench, ScriptedSkin, step
from support.device.roller_life import massages

FULL = Drive(1.0, 75.0, 400.0, 10.0, Waveform.BIPHASIC_SQUARE)
READINGS = read(SKIN, SKIN.cells_raw)
MOMENT = Moment(0, READINGS, running=True)


def _set_down() -> tuple[Moment, ...]:
    """Return what comes before: the roller is in the air for 100 ms and set down, and its contact settles."""
    skin, moments = ScriptedSkin(), []
    for now_us in range(5_000, 405_000, 5_000):
        felt = skin.felt(AIR if now_us <= 100_000 else SKIN, 5_000, Drive())
        moments.append(replace(MOMENT, now_us=now_us, readings=read(felt, felt.cells_raw), uses_current=True))
    return tuple(moments)


SET_DOWN = _set_down()

#: For each rule a moment in which it, and no other, holds something back or says something.
NEEDS = {
    OnlyWhileRunning: replace(MOMENT, running=False),
    SettingsLimit: replace(MOMENT, amplitude_max=0.5, peak_ua_max=100.0),
    Durations: replace(MOMENT, step_elapsed_us=300_000_001),
    PlaceWorked: replace(MOMENT, place=5, place_worked_us=300_000_000),
    DayDose: replace(MOMENT, vibration_spent=True, uses_vibration=True),
    ContactGate: replace(MOMENT, readings=replace(READINGS, left_cell_kpa=0.1)),
    SensorsAgree: MOMENT,
    SourceAgrees: replace(MOMENT, driven_ua=100.0),
    DensityLimit: replace(MOMENT, readings=replace(READINGS, left_kpa=0.1)),
    ImpedanceLimit: replace(
        MOMENT, uses_current=True, readings=replace(READINGS, impedance_raw=3 * READINGS.impedance_raw)
    ),
    PressureCaution: replace(MOMENT, readings=replace(READINGS, left_cell_kpa=6.1)),
    PressureHalf: replace(MOMENT, readings=replace(READINGS, left_cell_kpa=9.4)),
    PressureZero: replace(MOMENT, readings=replace(READINGS, left_cell_kpa=13.4)),
    HeadTemperature: replace(MOMENT, readings=replace(READINGS, hottest_c=43.0)),
    Charging: replace(MOMENT, readings=replace(READINGS, charging=True)),
    BatteryWeak: replace(MOMENT, readings=replace(READINGS, battery_percent=9)),
    BatteryEmpty: replace(MOMENT, readings=replace(READINGS, battery_percent=4)),
}


def test_every_rule_of_the_table_has_a_moment_that_needs_it() -> None:
    assert set(NEEDS) == set(RULES)


@pytest.mark.parametrize("rule", NEEDS, ids=lambda rule: rule.__name__)
def test_without_a_rule_the_table_judges_differently(rule: type[object]) -> None:
    whole, lacking = Interlocks(), Interlocks(tuple(made for made in RULES if made is not rule))
    # Cells that were never seen to read nothing are not believed: that is what this one rule is there for.
    before = SET_DOWN[20:] if rule is SensorsAgree else SET_DOWN
    for moment in (*before, replace(NEEDS[rule], now_us=405_000)):
        for table in (whole, lacking):
            table.judge(moment, FULL)
    late = replace(NEEDS[rule], now_us=1_000_000)
    assert whole.judge(late, FULL) != lacking.judge(late, FULL)


def running(amplitude_permille: int = 1000, peak_ua: int = 400, ramp_ms: int = 4000) -> Bench:
    bench = Bench()
    bench.run(0.2)
    bench.start(step(60_000, amplitude_permille, peak_ua, ramp_ms=ramp_ms))
    return bench


def test_the_firmware_takes_four_seconds_from_zero_to_full() -> None:
    bench = running()
    for number, drive in enumerate(bench.run(3.9), 1):
        assert drive.amplitude <= number * 0.005 / 4 + 1e-9
        assert drive.peak_ua <= 400 * number * 0.005 / 4 + 1e-9
    assert bench.drive.amplitude < 1.0
    bench.run(0.2)
    assert (bench.drive.amplitude, bench.drive.peak_ua) == (1.0, 400.0)


@pytest.mark.parametrize("again", ["pause and resume", "skip", "lift", "trim"])
def test_outputs_that_fell_rise_softly_again(again: str) -> None:
    bench = Bench()
    bench.start(step(60_000, 1000, 400), step(60_000, 1000, 400))
    bench.run(5.0)
    assert bench.drive.peak_ua == 400.0
    match again:
        case "pause and resume":
            bench.send(Opcode.PAUSE)
            bench.tick()
            bench.send(Opcode.RESUME)
        case "skip":
            bench.send(Opcode.SKIP)
        case "lift":
            bench.sensed = replace(SKIN, cells_raw=(0, 0, 0, 0))
            bench.tick()
            bench.sensed = SKIN
        case _:
            bench.send(Opcode.TRIM, Trim(0, 0))
            bench.tick()
            bench.send(Opcode.TRIM, Trim(100, 100))
    for number in range(1, 200):
        assert bench.tick().peak_ua <= 400 * number * 0.005 / 4 + 1e-9


def test_a_tick_that_comes_late_is_no_jump() -> None:
    bench = running()
    bench.run(0.1)
    before = bench.drive.amplitude
    bench.send(Opcode.HEARTBEAT)
    assert bench.tick(dt_us=800_000).amplitude <= before + 0.02 / 4 + 1e-9


def test_a_host_that_falls_silent_stops_all_within_a_second() -> None:
    bench = running()
    bench.run(3.0)
    heard_us = bench.now_us
    bench.send(Opcode.HEARTBEAT)
    drives = [bench.tick() for _ in range(199)]
    assert bench.now_us - heard_us < 1_000_000
    assert [drive.quiet for drive in (drives[0], drives[-1])] == [False, True]
    assert bench.state is State.PAUSED


def test_a_refused_command_is_no_sign_of_life() -> None:
    bench = running()
    for _ in range(11):
        bench.run(0.1, heartbeat=False)
        assert bench.result(Opcode.REARM) is Result.WRONG_STATE
    assert bench.drive.quiet


def test_the_settings_hold_even_for_a_run_that_began_before_them() -> None:
    bench = running()
    bench.run(4.5)
    settings = bench.firmware._core.retained.settings
    settings.put(Setting.PEAK_UA_MAX, 100)
    settings.put(Setting.AMPLITUDE_PERMILLE_MAX, 300)
    drive = bench.tick()
    assert (drive.amplitude, drive.peak_ua) == (0.3, 100.0)


def test_a_step_that_does_not_end_by_itself_is_ended() -> None:
    """No program, upload or extension leads here; the interlock holds when one of their checks is broken."""
    bench = running()
    run = bench.firmware._core.run
    assert run is not None
    run._extra_ms = 10**7
    run.step_elapsed_us = 300_000_000
    bench.tick()
    assert bench.state is State.READY
    assert bench.drive.quiet


def test_the_current_of_a_trembling_edge_stays_dark() -> None:
    bench = running()
    bench.run(2.0)
    for number in range(100):
        bench.sensed = replace(SKIN, cells_raw=(0, 0, 350, 350)) if number % 10 == 0 else SKIN
        assert bench.tick().peak_ua == 0.0


@pytest.mark.parametrize("trim", [(101, 100), (100, 101), (255, 255)])
def test_a_trim_over_100_percent_is_refused(trim: tuple[int, int]) -> None:
    bench = running(amplitude_permille=400, peak_ua=200)
    bench.run(4.5)
    answer = bench.firmware.on_control(bench.now_us, bytes((Opcode.TRIM, 1, *trim)), MTU)
    assert decode_response(answer).head.result is Result.OUT_OF_RANGE
    bench.run(1.0)
    assert (bench.drive.amplitude, bench.drive.peak_ua) == (0.4, 200.0)


def test_a_program_with_a_piece_missing_is_refused_though_its_crc_is_right() -> None:
    """What never came is not zero, even where zeros would make the CRC right."""
    bench = Bench()
    whole = encode_program((replace(step(10_000, 0, 0), band_low=0, band_high=0),))
    came = whole.rstrip(b"\0")
    assert len(came) < len(whole)
    bench.send(Opcode.PROGRAM_BEGIN, ProgramBegin(1, len(whole), program_crc(whole)))
    bench.send(Opcode.PROGRAM_DATA, ProgramData(0), came)
    assert bench.result(Opcode.PROGRAM_COMMIT) is Result.BAD_CRC
    assert bench.state is State.IDLE


def test_a_host_that_takes_over_from_the_button_within_a_tick_is_watched() -> None:
    """Stop and start arrive between two ticks: what runs then is the host's, falls with it, and is in no record."""
    bench = Bench()
    bench.load(step(60_000, 1000, 400))
    assert bench.result(Opcode.PROGRAM_STORE) is Result.SUCCESS
    bench.firmware.power_on(bench.now_us)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=True)
    bench.tick()
    bench.firmware.press_button(bench.now_us, 0.2)
    bench.run(1.0)
    assert bench.state is State.RUNNING
    assert bench.result(Opcode.STOP) is Result.SUCCESS
    assert bench.result(Opcode.START) is Result.SUCCESS
    bench.run(2.0, heartbeat=False)
    assert bench.drive.quiet
    (kept,) = massages(bench)
    assert kept.head.end is MassageEnd.HOST
    assert sum(row.elapsed_ms for row in kept.steps) == pytest.approx(1000, abs=10)
