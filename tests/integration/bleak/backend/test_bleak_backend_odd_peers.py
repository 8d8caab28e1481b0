"""The bleak backend gets along with odd peers: it tries optional features, notes a refusal and goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient
from bleak.exc import BleakGATTProtocolError
from bleak.uuids import normalize_uuid_16
from bumble.att import Attribute
from bumble.core import UUID
from bumble.gatt import GATT_DEVICE_NAME_CHARACTERISTIC, GATT_SERVICE_CHANGED_CHARACTERISTIC, Characteristic, Service

from glowtool.link.scan import find_device
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS, READ, SERVICE, TinyPeripheral

if TYPE_CHECKING:
    from bumble.link import LocalLink

    from glowtool.link.bumble.adapter import BumbleAdapter


def _odd(*characteristics: Characteristic[bytes], of: int) -> Service:
    return Service(UUID.from_16_bits(of), list(characteristics))


def _readable(
    short: int, value: bytes, permissions: Attribute.Permissions = Attribute.READABLE
) -> Characteristic[bytes]:
    return Characteristic(UUID.from_16_bits(short), Characteristic.Properties.READ, permissions, value)


def _changed() -> Characteristic[bytes]:
    return Characteristic(UUID.from_16_bits(0x2A05), Characteristic.Properties.INDICATE, Attribute.READABLE, b"")


ODD = {
    "two names": (_odd(_readable(0x2A00, b"one"), _readable(0x2A00, b"two"), of=0x1800),),
    "a name for bonded hosts": (
        _odd(_readable(0x2A00, b"secret", Attribute.READABLE | Attribute.READ_REQUIRES_ENCRYPTION), of=0x1800),
    ),
    "two that tell of changes": (_odd(_changed(), _changed(), of=0x1801),),
    "two services that tell of changes": (_odd(_changed(), of=0x1801), _odd(_changed(), of=0x1801)),
    "changes without a way to ask": (_odd(_readable(0x2A05, b""), of=0x1801),),
}


@pytest.mark.parametrize("services", ODD.values(), ids=ODD)
async def test_an_odd_peer_is_connected_to(
    air: LocalLink, adapter: BumbleAdapter, services: tuple[Service, ...]
) -> None:
    odd = TinyPeripheral(air, "F2:00:00:00:00:02", "odd")
    for service in services:
        odd.device.add_service(service)
    await odd.start()
    device = await find_device(adapter, "odd", 5.0)
    for name in (device.name, None):  # one that advertises no name is asked for it
        device.name = name
        async with adapter.client(device) as client:
            assert await client.read_gatt_char(READ)


async def test_a_device_name_that_is_kept_from_strangers_is_passed_over(
    adapter: BumbleAdapter, peripheral: TinyPeripheral
) -> None:
    (name,) = (
        each for each in peripheral.device.gatt_server.attributes if each.type == GATT_DEVICE_NAME_CHARACTERISTIC
    )
    name.permissions |= Attribute.READ_REQUIRES_ENCRYPTION
    device = await find_device(adapter, "tiny", 5.0)
    device.name = None
    async with adapter.client(device) as client:
        with pytest.raises(BleakGATTProtocolError):
            await client.read_gatt_char(normalize_uuid_16(0x2A00))
        assert client.name == PERIPHERAL_ADDRESS.replace(":", "-")


async def test_a_changed_table_is_heard_of_whatever_services_are_wanted(
    adapter: BumbleAdapter, peripheral: TinyPeripheral
) -> None:
    lost = asyncio.Event()
    device = await find_device(adapter, "tiny", 5.0)
    client = BleakClient(device, lambda _: lost.set(), services=[SERVICE], backend=adapter.client_backend)
    await client.connect()
    assert [service.uuid for service in client.services] == [SERVICE]
    (connection,) = peripheral.connections
    server = peripheral.device.gatt_server
    (changed,) = (each for each in server.attributes if each.type == GATT_SERVICE_CHANGED_CHARACTERISTIC)
    await server.indicate_subscriber(connection, changed, b"\x01\x00\xff\xff")
    async with asyncio.timeout(5):
        await lost.wait()
    assert not client.is_connected
