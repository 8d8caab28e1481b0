"""The bleak backend reads and writes values of any length, and keeps the codes of ATT errors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakGATTProtocolError, BleakGATTProtocolErrorCode

from support.air.tiny_peripheral import (
    APPLICATION_ERROR,
    BOTH,
    COMMAND,
    FAILING,
    LONG,
    LONG_VALUE,
    PERIPHERAL_ADDRESS,
    PROTECTED,
    READ,
    SERVICE,
    STUCK,
    TinyPeripheral,
)

if TYPE_CHECKING:
    from glowtool.link.bumble.adapter import BumbleAdapter

USER_DESCRIPTION = "00002901-0000-1000-8000-00805f9b34fb"


async def test_the_service_explorer_example(adapter: BumbleAdapter) -> None:
    device = await BleakScanner.find_device_by_address(
        PERIPHERAL_ADDRESS.lower(), cb={"use_bdaddr": False}, backend=adapter.scanner_backend
    )
    assert device is not None
    values: dict[str, bytes] = {}
    async with BleakClient(
        device, pair=False, services=[SERVICE], timeout=10, backend=adapter.client_backend
    ) as client:
        assert (client.name, client.address) == ("tiny", PERIPHERAL_ADDRESS)
        for service in client.services:
            for characteristic in service.characteristics:
                if characteristic.properties == ["read"] and characteristic.uuid not in {FAILING, STUCK}:
                    values[characteristic.uuid] = bytes(await client.read_gatt_char(characteristic))
                for descriptor in characteristic.descriptors:
                    values[descriptor.uuid] = bytes(await client.read_gatt_descriptor(descriptor))

    assert [service.uuid for service in client.services] == [SERVICE]
    assert values[READ] == b"hello"
    assert values[USER_DESCRIPTION] == b"a greeting"


def test_services_have_handles_properties_and_descriptors_as_on_bluez(client: BleakClient) -> None:
    service = client.services.get_service(SERVICE)
    assert service is not None
    both = service.get_characteristic(BOTH)
    assert both is not None
    assert both.properties == ["notify", "indicate"]
    # Declaration, value, CCCD: bleak's handle is the declaration's.
    assert [descriptor.handle for descriptor in both.descriptors] == [both.handle + 2]
    assert client.services.get_characteristic(both.handle) is both
    assert "0000180" in "".join(found.uuid for found in client.services)
    command = service.get_characteristic(COMMAND)
    assert command is not None
    assert command.properties == ["write-without-response"]


async def test_the_mtu_is_negotiated(client: BleakClient) -> None:
    command = client.services.get_characteristic(COMMAND)

    assert client.mtu_size == 247
    assert command is not None
    assert command.max_write_without_response_size == 244


async def test_a_long_value_is_read_whole(client: BleakClient) -> None:
    assert await client.read_gatt_char(LONG) == LONG_VALUE


@pytest.mark.parametrize(
    ("uuid", "write", "code"),
    [
        (FAILING, False, APPLICATION_ERROR),
        (PROTECTED, True, BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION),
    ],
)
async def test_att_errors_keep_their_code(client: BleakClient, uuid: str, write: bool, code: int) -> None:
    with pytest.raises(BleakGATTProtocolError) as caught:
        await (client.write_gatt_char(uuid, b"1", response=True) if write else client.read_gatt_char(uuid))

    assert caught.value.code == code


async def test_the_answer_to_a_read_that_was_given_up_is_not_taken_for_the_next(
    client: BleakClient, peripheral: TinyPeripheral
) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await client.read_gatt_char(STUCK)
    reading = asyncio.ensure_future(client.read_gatt_char(READ))
    await asyncio.sleep(0)
    peripheral.unstick.set()

    assert await reading == b"hello"
