"""The bleak backend writes values of any length whole or not at all, in order, and at the pace of the radio."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakError
from bumble.att import ATT_Prepare_Write_Response

from support.air.tiny_peripheral import COMMAND, READ, WRITE, TinyPeripheral
from support.host.long_writes import write_at_random

if TYPE_CHECKING:
    from bleak import BleakClient


@pytest.mark.parametrize("size", [0, 1, 244, 245, 512])
async def test_a_write_with_response_of_any_length(client: BleakClient, peripheral: TinyPeripheral, size: int) -> None:
    value = bytes(index % 256 for index in range(size))

    await client.write_gatt_char(WRITE, value, response=True)

    assert peripheral.written == [value]
    assert await client.read_gatt_char(WRITE) == value


async def test_a_write_without_response_arrives(client: BleakClient, peripheral: TinyPeripheral) -> None:
    await client.write_gatt_char(COMMAND, memoryview(b"x" * 244), response=False)
    await client.read_gatt_char(READ)

    assert peripheral.commands == [b"x" * 244]


async def test_many_writes_without_response_are_held_to_the_pace_of_the_radio(
    client: BleakClient, peripheral: TinyPeripheral
) -> None:
    values = [number.to_bytes(2, "little") for number in range(500)]
    host = client._backend.central.device.host  # type: ignore[attr-defined] # bleak hides its backend
    deepest = 0
    for value in values:
        await client.write_gatt_char(COMMAND, value, response=False)
        deepest = max(deepest, host.le_acl_packet_queue.pending)
    await client.read_gatt_char(READ)

    assert peripheral.commands == values
    assert deepest < 100


async def test_writes_that_cannot_be_are_errors_and_not_cut(client: BleakClient, peripheral: TinyPeripheral) -> None:
    with pytest.raises(BleakError, match="at most 244"):
        await client.write_gatt_char(COMMAND, b"x" * 245, response=False)
    with pytest.raises(BleakError, match="at most 512"):
        await client.write_gatt_char(WRITE, b"x" * 513, response=True)
    with pytest.raises(BleakError, match="cannot be written without response"):
        await client.write_gatt_char(WRITE, b"x", response=False)

    assert peripheral.written == peripheral.commands == []


async def test_a_descriptor_can_be_written(client: BleakClient, peripheral: TinyPeripheral) -> None:
    characteristic = client.services.get_characteristic(READ)
    assert characteristic is not None

    await client.write_gatt_descriptor(characteristic.descriptors[0], b"renamed")

    assert await client.read_gatt_descriptor(characteristic.descriptors[0].handle) == b"renamed"


async def test_writes_that_are_under_way_together_or_are_cancelled_never_mix(
    client: BleakClient, peripheral: TinyPeripheral
) -> None:
    tally = await write_at_random(client, peripheral, Random(7), 80)  # noqa: S311 - it draws a test
    assert (tally.corrupted, tally.lost, tally.failed) == (0, 0, 0)
    assert tally.cancelled > 3
    assert tally.written > 40


async def test_a_write_that_the_peer_queues_wrongly_is_dropped_and_said(
    client: BleakClient, peripheral: TinyPeripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = peripheral.device.gatt_server
    respond = server.send_response

    def other_bytes(bearer: object, response: object) -> None:
        if isinstance(response, ATT_Prepare_Write_Response):
            response = ATT_Prepare_Write_Response(response.attribute_handle, response.value_offset, b"other")
        respond(bearer, response)  # type: ignore[arg-type]  # what bumble gave us

    with monkeypatch.context() as patch:
        patch.setattr(server, "send_response", other_bytes)
        with pytest.raises(BleakError, match="queued other bytes"):
            await client.write_gatt_char(WRITE, bytes(400), response=True)
    assert peripheral.written == []
    await client.write_gatt_char(WRITE, b"\1" * 400, response=True)
    assert peripheral.written == [b"\1" * 400]


async def test_a_peer_whose_queue_is_full_keeps_nothing_of_a_write(
    client: BleakClient, peripheral: TinyPeripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("bumble.gatt_server.GATT_SERVER_MAX_PREPARED_WRITES", 1)
        with pytest.raises(BleakError):
            await client.write_gatt_char(WRITE, bytes(512), response=True)
    await client.write_gatt_char(WRITE, b"\2" * 512, response=True)
    assert peripheral.written == [b"\2" * 512]
