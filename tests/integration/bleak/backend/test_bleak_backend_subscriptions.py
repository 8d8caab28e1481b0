"""The bleak backend hands on notifications and indications, each once, in order, to its own callback."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError

from support.air.tiny_peripheral import BOTH, INDICATE, NOTIFY, PERIPHERAL_ADDRESS, READ, TinyPeripheral

if TYPE_CHECKING:
    from bleak.backends.characteristic import BleakGATTCharacteristic

    from glowtool.link.bumble.adapter import BumbleAdapter


async def test_the_enable_notifications_example(adapter: BumbleAdapter, peripheral: TinyPeripheral) -> None:
    received: list[tuple[str, bytearray]] = []
    arrived = asyncio.Event()

    def notification_handler(characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        received.append((characteristic.uuid, data))
        arrived.set()

    device = await BleakScanner.find_device_by_name("tiny", backend=adapter.scanner_backend)
    assert device is not None
    async with BleakClient(device, pair=False, backend=adapter.client_backend) as client:
        await client.start_notify(NOTIFY, notification_handler)
        await peripheral.device.notify_subscribers(peripheral.notify, b"first")
        await arrived.wait()
        await client.stop_notify(NOTIFY)
        await peripheral.device.notify_subscribers(peripheral.notify, b"second")
        await client.read_gatt_char(READ)

    assert received == [(NOTIFY, bytearray(b"first"))]


async def test_a_thousand_notifications_in_order_and_none_lost(client: BleakClient, peripheral: TinyPeripheral) -> None:
    received: list[int] = []
    done = asyncio.Event()

    def on_value(_: BleakGATTCharacteristic, data: bytearray) -> None:
        received.append(int.from_bytes(data[:2], "little"))
        if len(received) == 1000:
            done.set()

    await client.start_notify(NOTIFY, on_value)
    for number in range(1000):
        await peripheral.device.notify_subscribers(peripheral.notify, number.to_bytes(2, "little") + bytes(200))
    await done.wait()

    assert received == list(range(1000))


async def test_indications_are_confirmed(client: BleakClient, peripheral: TinyPeripheral) -> None:
    received: list[bytes] = []
    await client.start_notify(INDICATE, lambda _, data: received.append(bytes(data)))

    for value in (b"a", b"b"):
        await peripheral.device.indicate_subscribers(peripheral.indicate, value)

    assert received == [b"a", b"b"]


async def test_notifications_are_preferred_to_indications(client: BleakClient, peripheral: TinyPeripheral) -> None:
    await client.start_notify(BOTH, lambda *_: None)

    both = client.services.get_characteristic(BOTH)
    assert both is not None
    assert await client.read_gatt_descriptor(both.descriptors[0].handle) == b"\x01\x00"


async def test_several_subscriptions_do_not_mix(client: BleakClient, peripheral: TinyPeripheral) -> None:
    received: list[tuple[str, bytes]] = []

    def on_value(characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        received.append((characteristic.uuid, bytes(data)))

    for uuid in (NOTIFY, INDICATE, BOTH):
        await client.start_notify(uuid, on_value)
    await client.stop_notify(NOTIFY)
    await peripheral.device.notify_subscribers(peripheral.notify, b"no")
    await peripheral.device.notify_subscribers(peripheral.both, b"n")
    await peripheral.device.indicate_subscribers(peripheral.indicate, b"i")

    assert received == [(BOTH, b"n"), (INDICATE, b"i")]


async def test_a_callback_that_raises_is_logged_and_the_next_value_comes(
    client: BleakClient, peripheral: TinyPeripheral, caplog: pytest.LogCaptureFixture
) -> None:
    received: list[bytes] = []

    def fail(_: BleakGATTCharacteristic, data: bytearray) -> None:
        received.append(bytes(data))
        raise ValueError("on purpose")

    await client.start_notify(INDICATE, fail)
    for value in (b"a", b"b"):
        await peripheral.device.indicate_subscribers(peripheral.indicate, value)

    assert received == [b"a", b"b"]
    assert "a callback failed" in caplog.text


async def test_subscriptions_that_cannot_be(client: BleakClient) -> None:
    with pytest.raises(BleakError, match="has no client characteristic configuration"):
        await client.start_notify(READ, lambda *_: None)
    with pytest.raises(BleakError, match="is not subscribed"):
        await client.stop_notify(NOTIFY)
    await client.start_notify(NOTIFY, lambda *_: None)
    with pytest.raises(BleakError, match="subscribed already"):
        await client.start_notify(NOTIFY, lambda *_: None)


async def test_a_reconnected_client_gets_nothing_of_its_old_subscriptions(
    adapter: BumbleAdapter, peripheral: TinyPeripheral
) -> None:
    received: list[bytes] = []
    client = adapter.client(PERIPHERAL_ADDRESS)
    async with client:
        await client.start_notify(NOTIFY, lambda _, data: received.append(bytes(data)))
    async with client:
        await peripheral.device.notify_subscriber(peripheral.connections[0], peripheral.notify, b"stale", force=True)
        await client.read_gatt_char(READ)

    assert received == []
