"""The bleak backend makes and ends connections and fails well, also over HCI on TCP and to private addresses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient
from bleak.exc import BleakDeviceNotFoundError, BleakError

from glowtool.errors import ConnectFailedError, DeviceNotFoundError
from glowtool.link.adapters import AdapterSpec, open_adapter
from glowtool.link.bumble.adapter import BumbleAdapter, open_bumble_adapter
from glowtool.link.scan import find_device
from support.air.tiny_peripheral import (
    LONG,
    LONG_VALUE,
    PERIPHERAL_ADDRESS,
    PROTECTED,
    READ,
    WRITE,
    CuttableTransport,
    TinyPeripheral,
    hci_over_tcp,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bumble.link import LocalLink


async def test_connecting_by_address_alone(adapter: BumbleAdapter) -> None:
    async with BleakClient(PERIPHERAL_ADDRESS, backend=adapter.client_backend) as client:
        assert client.is_connected
        assert client.name == "tiny"


async def test_an_address_that_nobody_has(adapter: BumbleAdapter) -> None:
    client = adapter.client("F1:00:00:00:00:77", timeout=0.05)

    with pytest.raises(BleakDeviceNotFoundError) as caught:
        await client.connect()

    assert caught.value.identifier == "F1:00:00:00:00:77"
    assert isinstance(caught.value, DeviceNotFoundError)


async def test_a_connection_that_times_out_is_taken_back(adapter: BumbleAdapter, peripheral: TinyPeripheral) -> None:
    device = await find_device(adapter, "tiny", 5.0)
    await peripheral.device.stop_advertising()
    client = adapter.client(device, timeout=0.05)

    with pytest.raises(TimeoutError, match="no connection to") as caught:
        await client.connect()

    assert isinstance(caught.value, ConnectFailedError)
    assert isinstance(caught.value, BleakError)
    assert not client.is_connected

    await peripheral.advertise()
    async with adapter.client(device) as again:
        assert again.is_connected
        assert len(peripheral.connections) == 1


async def test_an_attempt_that_nobody_wants_any_more_leaves_no_connection(
    air: LocalLink, adapter: BumbleAdapter, peripheral: TinyPeripheral, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glowtool.link.bumble.connection_attempt._CANCEL_TIMEOUT_S", 0.5)
    device = await find_device(adapter, "tiny", 5.0)
    await peripheral.device.stop_advertising()
    connecting = asyncio.ensure_future(adapter.client(device).connect())
    async with asyncio.timeout(5):
        while not any(one.pending_le_connection for one in air.controllers):  # noqa: ASYNC110 - none tells
            await asyncio.sleep(0)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting

    # The virtual controller never takes an attempt back: it connects as soon as it hears the peer.
    gone = asyncio.Event()
    peripheral.device.on("connection", lambda connection: connection.on("disconnection", lambda _: gone.set()))
    await peripheral.advertise()
    async with asyncio.timeout(5):
        await gone.wait()

    async with adapter.client(device) as client:
        assert client.is_connected


async def test_the_disconnected_callback_comes_once_for_each_connection(adapter: BumbleAdapter) -> None:
    told: list[bool] = []
    client = adapter.client(PERIPHERAL_ADDRESS, disconnected_callback=lambda client: told.append(client.is_connected))
    for _ in range(2):
        await client.connect()
        await client.disconnect()
        await client.disconnect()

    assert told == [False, False]


async def test_connecting_twice_is_refused(client: BleakClient) -> None:
    with pytest.raises(BleakError, match="already connected"):
        await client.connect()

    assert client.is_connected


async def test_without_a_connection_every_access_says_so(adapter: BumbleAdapter) -> None:
    client = adapter.client(PERIPHERAL_ADDRESS)

    assert not client.is_connected
    assert client.mtu_size == 23
    with pytest.raises(BleakError):
        await client.read_gatt_char(READ)
    await client.disconnect()


async def test_two_clients_at_once(air: LocalLink, adapter: BumbleAdapter, peripheral: TinyPeripheral) -> None:
    other = TinyPeripheral(air, "F1:00:00:00:00:02", "other")
    await other.start()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(adapter.client(await find_device(adapter, "tiny", 5.0)).__aenter__())
        second = group.create_task(adapter.client(await find_device(adapter, "other", 5.0)).__aenter__())
    async with asyncio.TaskGroup() as group:
        group.create_task(first.result().write_gatt_char(WRITE, b"one", response=True))
        group.create_task(second.result().write_gatt_char(WRITE, b"two", response=True))

    assert (peripheral.written, other.written) == ([b"one"], [b"two"])
    await first.result().disconnect()
    assert second.result().is_connected
    assert await second.result().read_gatt_char(READ) == b"hello"


async def test_closing_the_adapter_ends_its_connections(
    air: LocalLink, peripheral: TinyPeripheral, tmp_path: Path
) -> None:
    told: list[object] = []
    async with open_bumble_adapter("test", CuttableTransport(air), tmp_path) as adapter:
        client = adapter.client(PERIPHERAL_ADDRESS, disconnected_callback=told.append)
        await client.connect()

    assert not client.is_connected
    assert told == [client]
    await asyncio.sleep(0)
    assert peripheral.connections == []


async def test_a_bonded_peer_is_known_under_its_changing_address(
    air: LocalLink, adapter: BumbleAdapter, peripheral: TinyPeripheral
) -> None:
    await peripheral.device.stop_advertising()
    private = TinyPeripheral(air, "F1:00:00:00:00:03", "private", is_private=True)
    await private.start()
    found = await find_device(adapter, "private", 5.0)
    assert found.address != "F1:00:00:00:00:03"
    async with adapter.client(found) as client:
        await client.pair(passkey=private.shown.get)
    assert await adapter.bonded("F1:00:00:00:00:03")

    async with adapter.client("F1:00:00:00:00:03") as client:
        await client.write_gatt_char(PROTECTED, b"known", response=True)

    assert private.protected == [b"known"]


async def test_the_same_over_hci_on_tcp(air: LocalLink, peripheral: TinyPeripheral, tmp_path: Path) -> None:
    async with hci_over_tcp(air) as port:
        spec = AdapterSpec.parse(f"tcp:127.0.0.1:{port}")
        async with (
            open_adapter(spec, bonds_dir=tmp_path, state_dir=tmp_path, announce=print) as adapter,
            adapter.client(PERIPHERAL_ADDRESS) as client,
        ):
            assert await client.read_gatt_char(LONG) == LONG_VALUE
            await client.write_gatt_char(WRITE, b"over tcp", response=True)

    assert peripheral.written == [b"over tcp"]


@pytest.mark.parametrize("turns", [1, 5, 20, 60, 150])
async def test_a_disconnect_while_connecting_ends_the_attempt(
    adapter: BumbleAdapter, peripheral: TinyPeripheral, turns: int
) -> None:
    device = await find_device(adapter, "tiny", 5.0)
    client = adapter.client(device)
    connecting = asyncio.ensure_future(client.connect())
    for _ in range(turns):
        await asyncio.sleep(0)
    await client.disconnect()
    outcome = (await asyncio.gather(connecting, return_exceptions=True))[0]
    assert not client.is_connected
    assert outcome is None or isinstance(outcome, BleakError), outcome
    await client.disconnect()
    assert not client.is_connected
    async with adapter.client(device) as again:
        assert again.is_connected
        assert len(peripheral.connections) == 1


async def test_a_second_connect_of_a_client_is_refused_and_disturbs_nothing(adapter: BumbleAdapter) -> None:
    client = adapter.client(await find_device(adapter, "tiny", 5.0))
    connecting = asyncio.ensure_future(client.connect())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    with pytest.raises(BleakError, match="already connecting"):
        await client.connect()
    await connecting
    with pytest.raises(BleakError, match="already connected"):
        await client.connect()
    assert client.is_connected
    await client.disconnect()
