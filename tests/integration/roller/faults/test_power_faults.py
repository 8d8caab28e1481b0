"""Every fault of power, clock and flash has one check of what the device does and the host is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble import hci

from glowsim.evidence.record import read_delivered
from glowsim.faults.board import Board
from glowsim.faults.kind import Part
from glowsim.faults.kinds import KINDS
from glowsim.physics.body import Body
from glowsim.roller.plant import RollerPlant
from glowsim.time.virtual_time import virtual_runner
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SetTime
from glowtool.protocol.commands.payloads import SelfTestReport
from glowtool.protocol.vocabulary import Result
from support.air.driven import back_again, gone, under_way
from support.air.rollers import bench, bonded_console, until
from support.device import firmware_bench
from support.device.dry_massage import STEADY, Dry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _low_battery(_path: Path) -> None:
    dry = Dry()
    dry.board.start("low-battery")
    assert Interlock.BATTERY_CURRENT in dry.run(0.5)
    assert dry.bench.drive.peak_ua == 0
    assert dry.bench.drive.amplitude > 0
    dry.board.start("low-battery", percent=3)
    assert Interlock.BATTERY_EMPTY in dry.run(2.5)
    assert dry.bench.drive.quiet
    assert dry.bench.state is not State.RUNNING


async def _rebooted(path: Path, name: str, cause: str, outputs_us: int, **values: float) -> None:
    async with under_way(path) as (there, console):
        machine = there.roller.machine
        began_us = machine.now_us
        there.roller.faults.start(name, **values)
        assert await gone(console) == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        await until(lambda: not machine.out)
        assert machine.now_us < began_us, "device time counts from zero again"
        assert machine._firmware.reset_cause == cause
        status = await (await back_again(there, console)).status()
        assert (status.state, status.outputs.zero, status.faults) == (State.IDLE, True, Fault(0))
    record = read_delivered(path)
    driven = record[(record["drive_amplitude"] > 0) | (record["drive_peak_ua"] > 0)]
    assert set(driven["power_cycle"]) == {0}
    assert int(driven["time_us"][-1]) - began_us <= outputs_us


async def _brown_out(path: Path) -> None:
    await _rebooted(path, "brown-out", "brown-out", 10_000, off_s=1.0)


async def _reboot(path: Path) -> None:
    await _rebooted(path, "reboot", "software", 10_000)


async def _hang(path: Path) -> None:
    await _rebooted(path, "hang", "watchdog", 30_000)


async def _dead_battery(path: Path) -> None:
    async with under_way(path) as (there, console):
        there.roller.faults.start("dead-battery")
        assert await gone(console) == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        await asyncio.sleep(5.0)
        assert there.roller.machine.out
        assert there.roller.delivered.quiet
        there.roller.faults.stop("dead-battery")
        await until(lambda: not there.roller.machine.out)
        status = await (await back_again(there, console)).status()
        assert (status.state, status.battery_percent, status.outputs.zero) == (State.IDLE, 19, True)


async def _clock_jump(path: Path) -> None:
    async with bench(path) as there, bonded_console(there) as console:
        await console.ask(Opcode.SET_TIME, SetTime(1_795_362_060_000))
        before = await console.status()
        there.roller.faults.start("clock-jump", by_s=-7200)
        after = await console.status()
        assert after.unix_ms - before.unix_ms == pytest.approx(-7_200_000, abs=2000)
        assert 0 <= after.device_time_us - before.device_time_us < 2_000_000


def _flash_full(_path: Path) -> None:
    flash = firmware_bench.Bench()
    board = Board((), 1, RollerPlant(Body(STEADY, 1), flash.memory))
    flash.load(firmware_bench.step())
    board.start("flash-full")
    assert flash.result(Opcode.PROGRAM_STORE) is Result.FLASH_FULL
    assert flash.result(Opcode.START) is Result.SUCCESS
    flash.run(8.0)
    assert flash.drive.amplitude > 0, "the dose is still kept, so that a massage can go on"
    assert flash.result(Opcode.STOP) is Result.SUCCESS
    board.stop("flash-full")
    flash.load(firmware_bench.step())
    assert flash.result(Opcode.PROGRAM_STORE) is Result.SUCCESS


def _flash_corrupted(_path: Path) -> None:
    flash = firmware_bench.Bench()
    flash.load(firmware_bench.step())
    assert flash.result(Opcode.PROGRAM_STORE) is Result.SUCCESS
    Board((), 1, RollerPlant(Body(STEADY, 1), flash.memory)).start("flash-corrupted", bytes=64)
    answer = flash.send(Opcode.SELF_TEST)
    assert isinstance(answer.payload, SelfTestReport)
    assert Fault.FLASH in answer.payload.failed
    flash.firmware.power_on(0)
    assert flash.memory.records.verify(), "what is accepted at the next start is good"
    assert flash.firmware.drive.quiet


CHECKS: dict[str, Callable[[Path], object]] = {
    "low-battery": _low_battery,
    "dead-battery": _dead_battery,
    "brown-out": _brown_out,
    "reboot": _reboot,
    "hang": _hang,
    "clock-jump": _clock_jump,
    "flash-full": _flash_full,
    "flash-corrupted": _flash_corrupted,
}


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if kind.part not in (Part.LINK, Part.SENSOR, Part.BODY)])
def test_fault(name: str, tmp_path: Path) -> None:
    done = CHECKS[name](tmp_path)
    if asyncio.iscoroutine(done):
        with virtual_runner() as runner:
            runner.run(done)
