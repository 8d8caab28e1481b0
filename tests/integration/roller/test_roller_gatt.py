"""The roller's table of attributes is as specified, and each host may use only what it should."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from bumble import att
from bumble.gatt import (
    GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
    GATT_DATABASE_HASH_CHARACTERISTIC,
    GATT_SERVICE_CHANGED_CHARACTERISTIC,
)

from glowtool.model.state import State
from glowtool.protocol import gatt
from glowtool.protocol.channels import CHANNELS, decode_channel_table
from glowtool.protocol.commands.codec import decode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import SERVICES, Access, Property
from glowtool.protocol.status import decode_feature
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import PROTOCOL_VERSION
from support.air.radio import host_on_air
from support.air.rollers import bench, bonded_console

if TYPE_CHECKING:
    from pathlib import Path

    from bumble.gatt_client import CharacteristicProxy

    from support.air.radio import RadioHost

PROTECTED = [row for service in SERVICES for row in service.characteristics if row.access is Access.AUTHENTICATED]
OPEN = [row for service in SERVICES for row in service.characteristics if row.access is Access.OPEN]
NEEDS_BOND = (att.ErrorCode.INSUFFICIENT_AUTHENTICATION, att.ErrorCode.INSUFFICIENT_ENCRYPTION)


async def _cccd(host: RadioHost, characteristic: CharacteristicProxy[bytes]) -> int:
    assert host.peer is not None
    await characteristic.discover_descriptors()
    descriptor = characteristic.get_descriptor(GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR)
    assert descriptor is not None
    return descriptor.handle


async def _error(request: object) -> int:
    with pytest.raises(att.ATT_Error) as caught:
        await request  # type: ignore[misc]  # any awaitable
    return caught.value.error_code


async def test_discovery_finds_the_declared_table_and_the_generic_services(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        peer = await host.connect(there.roller.address)
        found = {
            service.uuid.to_hex_str("-").lower(): [
                (one.uuid.to_hex_str("-").lower(), int(one.properties)) for one in service.characteristics
            ]
            for service in peer.services
        }

        def short(uuid: str) -> str:
            return uuid[4:8] if uuid.endswith("-0000-1000-8000-00805f9b34fb") else uuid

        declared = {
            short(service.uuid): [(short(row.uuid), int(row.properties)) for row in service.characteristics]
            for service in SERVICES
        }
        assert {uuid: found[uuid] for uuid in declared} == declared
        assert set(found) - set(declared) == {"1800", "1801"}
        (database_hash,) = peer.get_characteristics_by_uuid(GATT_DATABASE_HASH_CHARACTERISTIC)
        assert len(await database_hash.read_value()) == 16
        assert peer.get_characteristics_by_uuid(GATT_SERVICE_CHANGED_CHARACTERISTIC)


async def test_identity_is_readable_without_a_bond_and_cannot_be_written(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        peer = await host.connect(there.roller.address)
        before = {row: await host.find(row).read_value() for row in OPEN}
        assert before[gatt.MODEL_NUMBER] == b"GR-1"
        for row in OPEN:
            refused = await _error(host.find(row).write_value(b"changed", with_response=True))
            assert refused == att.ErrorCode.WRITE_NOT_PERMITTED
            await host.find(row).write_value(b"changed", with_response=False)
        assert {row: await host.find(row).read_value() for row in OPEN} == before
        declaration = peer.services[0].handle
        assert await _error(peer.write_value(declaration, b"\0\0", with_response=True)) == (
            att.ErrorCode.WRITE_NOT_PERMITTED
        )


@pytest.mark.parametrize("row", PROTECTED, ids=lambda row: row.name)
async def test_a_host_without_a_bond_is_refused_reading_writing_and_subscribing(
    row: gatt.Characteristic, tmp_path: Path
) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        peer = await host.connect(there.roller.address)
        characteristic = host.find(row)
        if row.properties & Property.READ:
            assert await _error(characteristic.read_value()) in NEEDS_BOND
        else:
            assert await _error(characteristic.read_value()) == att.ErrorCode.READ_NOT_PERMITTED
        if row.properties & (Property.WRITE | Property.WRITE_WITHOUT_RESPONSE):
            written = await _error(characteristic.write_value(bytes((Opcode.START, 1)), with_response=True))
            assert written in NEEDS_BOND
            await characteristic.write_value(bytes((Opcode.START, 1)), with_response=False)
        if row.properties & (Property.NOTIFY | Property.INDICATE):
            handle = await _cccd(host, characteristic)
            assert await _error(peer.write_value(handle, b"\x03\0", with_response=True)) in NEEDS_BOND
        assert there.roller.machine.status().state is State.IDLE
        assert there.roller.machine.quiet


async def test_a_trusted_host_reads_everything_that_can_be_read(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        host = console.host
        feature = decode_feature(await host.find(gatt.FEATURE).read_value())
        assert (feature.major, feature.minor) == (PROTOCOL_VERSION.major, PROTOCOL_VERSION.minor)
        table = await host.find(gatt.CHANNEL_TABLE).read_value()
        assert len(table) > 247, "longer than the MTU, so that it takes several reads"
        assert decode_channel_table(table) == CHANNELS
        assert (await console.status()).state is State.IDLE
        assert len(await host.find(gatt.CURRENT_TIME).read_value()) == 10
        assert (await host.find(gatt.BATTERY_LEVEL).read_value())[0] == there.roller.machine.battery_percent


async def test_a_command_without_a_subscription_to_answers_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        await host.pair(lambda: there.display.passkey)
        write = host.find(gatt.CONTROL_POINT).write_value(bytes((Opcode.HEARTBEAT, 1)), with_response=True)
        assert await _error(write) == att.ErrorCode.CCCD_IMPROPERLY_CONFIGURED


async def test_answers_keep_their_order(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        answers: asyncio.Queue[bytes] = asyncio.Queue()
        point = console.host.find(gatt.CONTROL_POINT)
        await point.subscribe(answers.put_nowait, prefer_notify=False)
        for sequence in range(60):
            await point.write_value(bytes((Opcode.HEARTBEAT, sequence)), with_response=True)
        async with asyncio.timeout(5):
            heads = [decode_response(await answers.get()).head for _ in range(60)]
        assert [head.sequence for head in heads] == list(range(60))
        assert {head.result for head in heads} == {Result.SUCCESS}


async def test_management_requests_are_answered_as_not_supported_and_junk_is_ignored(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        answers: asyncio.Queue[bytes] = asyncio.Queue()
        smp = console.host.find(gatt.SMP)
        await smp.subscribe(answers.put_nowait)
        for junk in (b"", b"\x02", bytes.fromhex("0200000500000700"), bytes(300)):
            await smp.write_value(junk, with_response=False)
        await smp.write_value(bytes.fromhex("0a00000100002a05a0"), with_response=False)
        async with asyncio.timeout(5):
            assert await answers.get() == bytes.fromhex("0b00000500002a05") + bytes.fromhex("a162726308")
        assert answers.empty()


@pytest.mark.parametrize("writes", [1_500, pytest.param(10_000, marks=pytest.mark.long)])
async def test_thousands_of_junk_writes_leave_the_roller_running_and_its_outputs_off(
    tmp_path: Path, writes: int
) -> None:
    chance = random.Random(20261122)  # noqa: S311 - reproducible on purpose
    async with bench(tmp_path) as there, bonded_console(there) as console:
        host, writable = console.host, [gatt.CONTROL_POINT, gatt.STOP_POINT, gatt.SMP]
        for number in range(writes):
            row = chance.choice(writable)
            size = chance.choice((0, 1, 2, 3, 8, 20, chance.randrange(245)))
            data = bytearray(chance.randbytes(size))
            if row is not gatt.SMP and size and chance.random() < 0.7:
                # Known opcodes with wrong operands reach deeper. Those that outputs can come from are left to luck.
                data[0] = chance.choice(list(Opcode))
            with suppress(att.ATT_Error):
                await host.find(row).write_value(bytes(data), with_response=row is gatt.CONTROL_POINT)
            if number % 500 == 0:
                assert there.roller.machine.quiet
        assert there.roller.machine.quiet
        assert host.connection is not None
        assert there.roller.connected
        assert (await console.status()).outputs.zero
    assert not _ever_driven(tmp_path)


def _ever_driven(state_dir: Path) -> bool:
    from glowsim.evidence.record import read_delivered

    return len(read_delivered(state_dir)) > 0
