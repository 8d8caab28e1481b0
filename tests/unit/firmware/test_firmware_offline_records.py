"""A massage by the button leaves a record, also in a full flash and over a loss of power."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.flash.chip import WriteKind
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.outage import ResetCause
from glowtool.model.ceilings import CeilingId
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock, State
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SetTime
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.records import Diagnostic, RecordCount
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import AIR, SKIN, Bench, step
from support.device.roller_life import SHORT, alone, judge_cut, massages, press, with_host, writes_of_a_life
from support.device.stored import diagnostic, steered, stored

if TYPE_CHECKING:
    from collections.abc import Callable


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
