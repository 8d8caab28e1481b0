"""A massage with the button alone: who may start it, what stops it, what is kept of it, and what the flash survives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.flash.chip import WriteKind
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.outage import ResetCause
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import Interlock, State
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, SetTime, Trim
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.records import (
    Diagnostic,
    DiagnosticGet,
    DiagnosticValue,
    MassageEnd,
    RecordCount,
)
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import AIR, SKIN, Bench, step
from support.device.roller_life import SHORT, alone, judge_cut, massages, press, with_host, writes_of_a_life

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.retained.memory import Memory
    from glowtool.protocol.wire import Message


def stored(*steps: object, memory: Memory | None = None, host: bool = False) -> Bench:
    """Return a roller with a stored program, alone unless a host stays."""
    bench = Bench(memory=memory)
    bench.load(*(steps or SHORT))  # type: ignore[arg-type]  # steps of the bench
    assert bench.result(Opcode.PROGRAM_STORE) is Result.SUCCESS
    if not host:
        alone(bench)
    return bench


def diagnostic(bench: Bench, item: Diagnostic) -> int:
    payload = bench.send(Opcode.DIAGNOSTICS, DiagnosticGet(item)).payload
    assert isinstance(payload, DiagnosticValue)
    return payload.value


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


def test_a_host_that_has_loaded_a_program_is_not_overtaken_by_the_button() -> None:
    bench = stored(host=True)
    assert press(bench) is State.READY
    bench.firmware.power_on(0)
    bench.now_us = 0
    with_host(bench)
    bench.tick()
    assert press(bench) is State.RUNNING  # with an idle host it may start, and the host sees it
    assert bench.send(Opcode.STOP).head.state is State.READY


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


def test_a_record_holds_start_steps_pressures_and_dose() -> None:
    bench = Bench()
    bench.send(Opcode.SET_TIME, SetTime(1_790_000_000_000))
    bench.load(*SHORT)
    bench.send(Opcode.PROGRAM_STORE)
    alone(bench)
    press(bench)
    bench.run(3.0, heartbeat=False)
    (massage,) = massages(bench)
    assert massage.head.end is MassageEnd.PROGRAM_END
    assert massage.head.program_crc32 == program_crc(encode_program(SHORT))
    assert massage.head.start_unix_ms == pytest.approx(1_790_000_000_000, abs=10)
    assert [row.elapsed_ms for row in massage.steps] == pytest.approx([1000, 1500], abs=10)
    assert [(row.mean_pressure, row.peak_pressure) for row in massage.steps] == [(350, 350)] * 2
    assert massage.head.vibration_ms == pytest.approx(2500, abs=30)
    assert 0 < massage.head.current_ms <= 1000


def test_without_a_clock_a_record_has_no_start_time() -> None:
    bench = stored()
    press(bench)
    bench.run(3.0, heartbeat=False)
    assert massages(bench)[0].head.start_unix_ms == 0


def test_fifty_and_more_massages_are_kept_and_a_full_flash_overwrites_none() -> None:
    bench = stored()
    for number in range(60):
        press(bench)
        bench.tick()
        press(bench)
        bench.tick()
        assert len(massages(bench)) == number + 1
    kept = dict.fromkeys(bench.memory.records.keys(Kind.MASSAGE))
    while bench.memory.records.room() > 1600:
        bench.memory.records.put(Kind.MASSAGE, 30_000 + len(kept), bytes(1500))
        kept[30_000 + len(kept)] = None
    while bench.memory.records.room() > 50:
        bench.memory.records.put(Kind.MASSAGE, 30_000 + len(kept), bytes(20))
        kept[30_000 + len(kept)] = None
    assert press(bench) is State.RUNNING  # it is done, and only not kept
    bench.run(2.6, heartbeat=False)
    assert bench.state is State.READY
    assert bench.memory.records.keys(Kind.MASSAGE) == list(kept)
    with_host(bench)
    counted = bench.send(Opcode.RECORD_COUNT).payload
    assert counted == RecordCount(len(kept), 1)
    assert diagnostic(bench, Diagnostic.RECORDS_LOST) == 1
    bench.load(*SHORT * 10)
    assert bench.result(Opcode.PROGRAM_STORE) is Result.FLASH_FULL
    assert bench.memory.stored_program() == SHORT


def test_the_link_of_a_host_that_only_looked_on_may_end_without_stopping_it() -> None:
    bench = stored()
    press(bench)
    bench.run(0.5, heartbeat=False)
    with_host(bench)
    bench.run(0.5, heartbeat=False)
    alone(bench)
    bench.tick()
    assert bench.state is State.RUNNING


def test_a_host_that_starts_the_same_program_is_watched_again() -> None:
    bench = stored(step(8000))
    press(bench)
    bench.run(0.5, heartbeat=False)
    press(bench)
    bench.tick()
    with_host(bench)
    assert bench.result(Opcode.START) is Result.SUCCESS
    bench.run(1.1, heartbeat=False)
    assert bench.state is State.PAUSED
    assert diagnostic(bench, Diagnostic.HOST_SILENCES) == 1


STEERS: dict[str, tuple[tuple[Opcode, Message | None], ...]] = {
    "pause and resume": ((Opcode.PAUSE, None), (Opcode.RESUME, None)),
    "skip": ((Opcode.SKIP, None),),
    "extend": ((Opcode.EXTEND, Extend(1000)),),
    "trim": ((Opcode.TRIM, Trim(50, 50)),),
}


def steered(way: str) -> Bench:
    """Return a roller whose massage the button began, and whose host has steered it."""
    bench = stored(step(20_000), step(20_000))
    press(bench)
    bench.run(0.5, heartbeat=False)
    with_host(bench)
    for opcode, operands in STEERS[way]:
        assert bench.result(opcode, operands) is Result.SUCCESS
    return bench


@pytest.mark.parametrize("way", STEERS)
def test_a_host_that_steers_a_massage_of_the_button_answers_for_it(way: str) -> None:
    bench = steered(way)
    assert not bench.run(3.0)[-1].quiet, "a host that is heard keeps it going"
    assert bench.run(1.0, heartbeat=False)[-1].quiet
    assert bench.state is State.PAUSED
    assert Interlock.WATCHDOG in bench.firmware.status(bench.now_us).interlocks
    assert diagnostic(bench, Diagnostic.HOST_SILENCES) == 1
    assert bench.result(Opcode.RESUME) is Result.SUCCESS
    bench.run(0.5)
    assert not bench.drive.quiet


@pytest.mark.parametrize("way", STEERS)
def test_the_link_of_a_host_that_steers_pauses_it_when_it_is_lost_and_the_button_still_ends_it(way: str) -> None:
    bench = steered(way)
    bench.run(0.5)
    alone(bench)
    assert bench.firmware.drive.quiet
    bench.run(2.0, heartbeat=False)
    assert bench.state is State.PAUSED
    assert press(bench) is State.READY
    assert massages(bench)[0].head.end is MassageEnd.BUTTON
    press(bench)
    bench.run(2.0, heartbeat=False)
    assert not bench.drive.quiet, "what the button begins anew needs no host"


@pytest.mark.parametrize("opcode", [Opcode.HEARTBEAT, Opcode.RESUME, Opcode.DIAGNOSTICS])
def test_a_host_that_looks_on_or_is_refused_takes_no_command(opcode: Opcode) -> None:
    bench = stored(step(20_000))
    press(bench)
    with_host(bench)
    bench.send(opcode, DiagnosticGet(Diagnostic.FAULTS) if opcode is Opcode.DIAGNOSTICS else None)
    bench.run(2.0, heartbeat=False)
    alone(bench)
    bench.run(1.0, heartbeat=False)
    assert bench.state is State.RUNNING


LIFE = writes_of_a_life()


def test_the_recorded_life_writes_and_erases() -> None:
    assert len(LIFE) >= 30
    assert any(write.kind is WriteKind.ERASE for write in LIFE)


@pytest.mark.parametrize("number", range(len(LIFE)))
def test_a_brown_out_at_every_write_leaves_outputs_zero_and_everything_that_was_acknowledged(number: int) -> None:
    for at in sorted({0, LIFE[number].size // 2, LIFE[number].size - 1}):
        judge_cut(number, at)


def test_a_massage_cut_short_by_the_power_is_kept_up_to_its_last_step() -> None:
    bench = stored()
    press(bench)
    bench.run(1.5, heartbeat=False)
    bench.firmware.power_on(0, ResetCause.BROWN_OUT)
    (massage,) = massages(bench)
    assert massage.head.end is MassageEnd.POWER_LOST
    assert massage.steps[0].elapsed_ms == pytest.approx(1000, abs=10)


def recorded(bench: Bench) -> Interlock:
    (massage,) = massages(bench)
    return massage.head.interlocks


def test_a_silent_host_and_a_lost_link_are_in_the_record_of_what_they_held_back() -> None:
    for lose, flag, other in (
        (lambda bench: bench.run(1.2, heartbeat=False), Interlock.WATCHDOG, Interlock.LINK_LOSS),
        (alone, Interlock.LINK_LOSS, Interlock.WATCHDOG),
    ):
        bench = steered("trim")
        lose(bench)
        assert bench.state is State.PAUSED
        press(bench)
        assert flag in recorded(bench)
        assert other not in recorded(bench)


ENDS: dict[Interlock, Callable[[Bench], object]] = {
    Interlock.CHARGING: lambda bench: feel(bench, charging=True),
    Interlock.BATTERY_EMPTY: lambda bench: feel(bench, battery_percent=4),
    Interlock.EMERGENCY: lambda bench: stop_in_an_emergency(bench),  # noqa: PLW0108 - it is below
    Interlock.DOSE: lambda bench: spend(bench),  # noqa: PLW0108 - it is below
}


def feel(bench: Bench, **changes: object) -> None:
    bench.sensed = replace(SKIN, **changes)  # type: ignore[arg-type]  # names and types are Sensed's own
    bench.run(2.1, heartbeat=False)


def stop_in_an_emergency(bench: Bench) -> None:
    with_host(bench)
    assert bench.result(Opcode.EMERGENCY_STOP) is Result.SUCCESS


def spend(bench: Bench) -> None:
    """Let a massage pass its own ceiling of time within a tick."""
    run = bench.firmware._core.run
    assert run is not None
    run.massage_elapsed_us = ceiling(CeilingId.MASSAGE_DURATION) * 1_000_000
    bench.tick()


@pytest.mark.parametrize("flag", ENDS, ids=lambda flag: flag.name)
def test_what_ends_a_massage_in_one_tick_is_in_its_record(flag: Interlock) -> None:
    bench = stored(step(20_000))
    press(bench)
    bench.run(1.0, heartbeat=False)
    ENDS[flag](bench)
    bench.tick()
    assert bench.state not in {State.RUNNING, State.PAUSED}
    assert flag in recorded(bench)


@pytest.mark.parametrize("flag", [Interlock.CHARGING, Interlock.BATTERY_EMPTY], ids=lambda flag: flag.name)
def test_what_ends_a_massage_that_stands_still_is_in_its_record(flag: Interlock) -> None:
    bench = steered("trim")
    bench.result(Opcode.PAUSE)
    bench.run(0.1)
    ENDS[flag](bench)
    bench.tick()
    assert flag in recorded(bench)


def test_what_holds_nothing_back_is_not_in_the_record() -> None:
    bench = stored(step(20_000))
    bench.run(1.0, heartbeat=False)
    press(bench)
    bench.run(1.0, heartbeat=False)
    with_host(bench)
    bench.result(Opcode.PAUSE)
    bench.sensed = AIR
    bench.run(1.0)
    alone(bench)
    press(bench)
    assert not recorded(bench) & ~Interlock.SOFT_START
