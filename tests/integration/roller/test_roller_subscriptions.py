"""Stops need no subscription, and everything else needs the right one. In virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest
from bumble import att
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR
from bumble.keys import MemoryKeyStore

from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.state import State
from glowtool.protocol import gatt
from glowtool.protocol.channels import ALL_FAST
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.commands.ownership import STOPS
from support.air.radio import host_on_air
from support.air.rollers import Console, bench, bonded_console, start, until, until_driven

if TYPE_CHECKING:
    from pathlib import Path

AFTER: Final = {Opcode.STOP: State.READY, Opcode.PAUSE: State.PAUSED, Opcode.EMERGENCY_STOP: State.LATCHED}
NONE, NOTIFY, INDICATE, BOTH = (bytes((bits, 0)) for bits in range(4))

#: What comes to a host within this time would have come by itself.
A_WHILE_S: Final = 3.0


async def _configure(console: Console, row: gatt.Characteristic, value: bytes) -> None:
    characteristic = console.host.find(row)
    await characteristic.discover_descriptors()
    descriptor = characteristic.get_descriptor(GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR)
    assert descriptor is not None
    assert console.host.peer is not None
    await console.host.peer.write_value(descriptor.handle, value, with_response=True)


async def _write(console: Console, data: bytes) -> int:
    """Write to the control point; return the ATT error, 0 for none."""
    try:
        await console.host.find(gatt.CONTROL_POINT).write_value(data, with_response=True)
    except att.ATT_Error as error:
        return int(error.error_code)
    return 0


def _heard(console: Console) -> list[object]:
    """Return what is indicated or notified on the control point from now on."""
    heard: list[object] = []
    point = console.host.find(gatt.CONTROL_POINT)
    point.on(point.EVENT_UPDATE, heard.append)
    return heard


@pytest.mark.parametrize("configuration", [NONE, NOTIFY], ids=["unset", "notify"])
@pytest.mark.parametrize("opcode", sorted(STOPS), ids=lambda opcode: opcode.name)
@in_virtual_time
async def test_what_stops_is_carried_out_without_any_subscription(
    opcode: Opcode, configuration: bytes, tmp_path: Path
) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        await _configure(console, gatt.CONTROL_POINT, configuration)
        heard = _heard(console)
        assert await _write(console, bytes((opcode, 77))) == 0
        assert there.roller.machine._firmware.drive.quiet, "at once, with the response to the write"
        assert there.roller.machine.status().state is AFTER[opcode]
        await asyncio.sleep(A_WHILE_S)
        assert heard == [], "no indication is owed, and none is sent"
        assert there.roller.connected


@pytest.mark.parametrize("configuration", [NONE, NOTIFY], ids=["unset", "notify"])
@in_virtual_time
async def test_every_other_command_wants_the_indication_bit(configuration: bytes, tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await _configure(console, gatt.CONTROL_POINT, configuration)
        heard = _heard(console)
        others = [bytes((opcode, 1)) for opcode in Opcode if opcode not in STOPS]
        damaged = (
            [bytes((opcode,)) for opcode in STOPS] + [bytes((opcode, 1, 0)) for opcode in STOPS] + [b"", b"\xee\1"]
        )
        for data in others + damaged:
            assert await _write(console, data) == att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED, data.hex()
        await asyncio.sleep(A_WHILE_S)
        assert heard == []
        assert there.roller.machine.status().state is State.IDLE
        await _configure(console, gatt.CONTROL_POINT, BOTH)
        assert (await console.ask(Opcode.HEARTBEAT)).head.state is State.IDLE, "the indication bit is what counts"


@in_virtual_time
async def test_answers_in_line_are_not_sent_once_the_subscription_is_taken_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        heard = _heard(console)
        peripheral = there.roller.peripheral
        assert peripheral is not None
        link = peripheral._links.host
        assert link is not None
        link._confirm_by_s = 1e9  # as if the host still had one to confirm
        for sequence in (1, 2):
            assert await _write(console, bytes((Opcode.HEARTBEAT, sequence))) == 0
        await _configure(console, gatt.CONTROL_POINT, NONE)
        link.confirm(asyncio.get_running_loop().time())
        await asyncio.sleep(A_WHILE_S)
        assert heard == []
        assert there.roller.connected, "and what was not sent is not waited for"


@in_virtual_time
async def test_the_indication_bit_is_no_subscription_to_notifications(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        answers: list[bytes] = []
        await console.host.find(gatt.SMP).subscribe(answers.append)
        for row in (gatt.STATUS, gatt.TELEMETRY, gatt.SMP, gatt.BATTERY_LEVEL):
            await _configure(console, row, INDICATE)
        await console.ask(Opcode.TELEMETRY_START, TelemetryStart(200, ALL_FAST))
        await asyncio.sleep(0.2)
        console.frames.clear()
        console.statuses.clear()
        await console.host.find(gatt.SMP).write_value(bytes.fromhex("0a00000100002a05a0"), with_response=False)
        await asyncio.sleep(A_WHILE_S)
        assert (console.frames, console.statuses, answers) == ([], [], [])
        for row in (gatt.STATUS, gatt.TELEMETRY, gatt.SMP):
            await _configure(console, row, NOTIFY)
        await console.host.find(gatt.SMP).write_value(bytes.fromhex("0a00000100002a05a0"), with_response=False)
        await asyncio.sleep(A_WHILE_S)
        assert console.frames
        assert console.statuses
        assert len(answers) == 1


@in_virtual_time
async def test_a_host_that_set_both_bits_keeps_the_one_that_counts(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            await _configure(console, gatt.CONTROL_POINT, BOTH)
        await until(lambda: not there.roller.connected)
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            assert await _write(Console(host), bytes((Opcode.HEARTBEAT, 1))) == 0
