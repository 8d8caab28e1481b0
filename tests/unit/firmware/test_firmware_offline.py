"""The button alone starts a stored massage only when it may, and everything that should stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from support.device.firmware_bench import AIR, SKIN, Bench, step
from support.device.roller_life import alone, massages, press
from support.device.stored import stored


def test_a_short_press_starts_the_stored_program_without_any_host_and_it_runs_to_its_end() -> None:
    bench = stored()
    press(bench)
    assert bench.drive.quiet
    drives = bench.run(2.4, heartbeat=False)
    assert max(drive.amplitude for drive in drives) > 0.1
    assert not drives[-1].quiet
    bench.run(0.2, heartbeat=False)
    assert bench.state is State.READY
    assert bench.drive.quiet


def test_it_rises_no_faster_than_a_soft_start() -> None:
    bench = stored(step(10_000))
    press(bench)
    drives = bench.run(2.0, heartbeat=False)
    assert all(drive.amplitude <= (number + 1) * 0.005 / 4.0 + 1e-9 for number, drive in enumerate(drives))


def test_a_second_press_of_any_length_stops_it_at_once_and_a_third_starts_it_anew() -> None:
    for held_s in (0.1, 3.0):
        bench = stored()
        press(bench)
        bench.run(1.2, heartbeat=False)
        assert press(bench, held_s) is State.READY
        assert bench.firmware.drive.quiet
        bench.tick()
        assert press(bench) is State.RUNNING
        assert bench.firmware.status(bench.now_us).step == 0


@pytest.mark.parametrize("state", [State.LATCHED, State.LOCKED, State.FAULT])
def test_nothing_starts_where_outputs_are_shut(state: State) -> None:
    bench = stored(host=True)
    if state is State.LATCHED:
        bench.send(Opcode.EMERGENCY_STOP)
    else:
        bench.sensed = replace(
            SKIN, **({"charging": True} if state is State.LOCKED else {"head_temp_raw": (320, 1250)})
        )
        bench.tick()
    alone(bench)
    assert press(bench) is state
    assert bench.tick().quiet


def test_a_long_press_and_a_roller_without_a_stored_program_start_nothing() -> None:
    assert press(stored(), 2.0) is State.READY
    empty = Bench()
    alone(empty)
    assert press(empty) is State.IDLE


@pytest.mark.parametrize("percent", [4, 9])
def test_battery_settings_and_dose_refuse_as_they_refuse_a_host(percent: int) -> None:
    bench = stored()
    bench.sensed = replace(SKIN, battery_percent=percent)
    bench.tick()
    assert press(bench) is State.READY


def test_the_interlocks_hold_and_the_record_says_so() -> None:
    bench = stored(step(8000))
    press(bench)
    bench.run(3.0, heartbeat=False)
    assert bench.drive.peak_ua > 0
    bench.sensed = AIR
    drives = bench.run(1.0, heartbeat=False)
    assert all(drive.peak_ua == 0 for drive in drives[4:])
    press(bench)
    bench.tick()
    (massage,) = massages(bench)
    assert massage.head.end is MassageEnd.BUTTON
    assert Interlock.NO_CONTACT in massage.head.interlocks
    assert massage.steps[0].contact_ms == pytest.approx(3000, abs=20)
    assert massage.steps[0].elapsed_ms == pytest.approx(4000, abs=20)


def test_an_interlock_that_ends_it_is_told_from_a_person() -> None:
    bench = stored(step(8000))
    press(bench)
    bench.run(1.0, heartbeat=False)
    bench.sensed = replace(SKIN, charging=True)
    bench.tick()
    assert bench.drive.quiet
    assert massages(bench)[0].head.end is MassageEnd.INTERLOCK
