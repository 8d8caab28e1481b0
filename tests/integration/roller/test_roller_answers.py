"""Every request over the air is answered, whatever its operands, and whatever fails behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble import att

from glowsim.firmware.control import commands
from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.state import Fault, State
from glowtool.protocol import gatt
from glowtool.protocol.commands.codec import decode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import SERVICES, Property
from glowtool.protocol.vocabulary import Result
from support.air.rollers import Console, bench, bonded_console, start, until_driven
from support.device.borders import requests_of

if TYPE_CHECKING:
    from pathlib import Path

READABLE = [row for service in SERVICES for row in service.characteristics if row.properties & Property.READ]


async def _read_everything(console: Console) -> None:
    for row in READABLE:
        async with asyncio.timeout(5):
            await console.host.find(row).read_value()


@in_virtual_time
async def test_every_border_of_every_operand_is_answered_and_everything_stays_readable(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        answers: asyncio.Queue[bytes] = asyncio.Queue()
        point = console.host.find(gatt.CONTROL_POINT)
        await point.subscribe(answers.put_nowait, prefer_notify=False)
        for opcode in Opcode:
            for data in requests_of(opcode):
                if len(data) > 244:
                    continue
                async with asyncio.timeout(5):
                    await point.write_value(data, with_response=True)
                    head = decode_response(await answers.get()).head
                assert (head.opcode, head.sequence) == (data[0], data[1] if len(data) > 1 else 0)
            await _read_everything(console)
        assert answers.empty(), "exactly one"
        assert there.roller.connected


@in_virtual_time
async def test_current_time_is_for_reading_only(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        with pytest.raises(att.ATT_Error) as caught:
            await console.host.find(gatt.CURRENT_TIME).write_value(bytes(10), with_response=True)
        assert caught.value.error_code == att.ErrorCode.WRITE_NOT_PERMITTED
        assert there.roller.machine.status().unix_ms == 0


def _fail(*_: object) -> object:
    raise ZeroDivisionError("a defect")


@in_virtual_time
async def test_a_read_that_fails_inside_is_answered_and_shuts_the_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        monkeypatch.setattr("glowsim.peripheral.gatt.services.current_time", _fail)
        with pytest.raises(att.ATT_Error) as caught:
            async with asyncio.timeout(5):
                await console.host.find(gatt.CURRENT_TIME).read_value()
        assert caught.value.error_code == att.ErrorCode.UNLIKELY_ERROR
        status = await console.status()
        assert (status.state, status.faults, status.outputs.zero) == (State.FAULT, Fault.FIRMWARE, True)
        assert there.roller.connected
        monkeypatch.undo()


@in_virtual_time
async def test_a_command_that_fails_inside_is_answered_and_shuts_the_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        monkeypatch.setitem(commands.HANDLERS, Opcode.HEARTBEAT, _fail)
        head = (await console.ask(Opcode.HEARTBEAT)).head
        assert (head.result, head.state, head.outputs.zero) == (Result.WRONG_STATE, State.FAULT, True)
        assert there.roller.machine._firmware.drive.quiet


@in_virtual_time
async def test_a_write_without_response_that_fails_inside_shuts_the_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        monkeypatch.setattr("glowsim.peripheral.gatt.mcumgr.answer", _fail)
        await console.host.find(gatt.SMP).write_value(b"\x02", with_response=False)
        assert (await console.status()).state is State.FAULT, "a write without response has no answer, but is noted"
        assert there.roller.machine._firmware.drive.quiet
