"""The bleak backend over a real controller, link layer, ATT and GATT: what a bleak program relies on."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bleak.uuids import normalize_uuid_16
from bumble.att import ATT_Prepare_Write_Response, Attribute
from bumble.core import UUID
from bumble.gatt import (
    GATT_DEVICE_NAME_CHARACTERISTIC,
    GATT_SERVICE_CHANGED_CHARACTERISTIC,
    Characteristic,
    Service,
)

from glowtool.errors import ConnectFailedError, DeviceNotFoundError
from glowtool.link.adapters import AdapterSpec, open_adapter
from glowtool.link.bumble.adapter import BumbleAdapter, open_bumble_adapter
from glowtool.link.scan import discover, find_device
from support.air.tiny_peripheral import (
    APPLICATION_ERROR,
    BOTH,
    COMMAND,
    FAILING,
    INDICATE,
    LONG,
    LONG_VALUE,
    NOTIFY,
    PERIPHERAL_ADDRESS,
    PROTECTED,
    READ,
    SERVICE,
    STUCK,
    WRITE,
    CuttableTransport,
    TinyPeripheral,
    hci_over_tcp,
    new_air,
)
from support.host.long_writes import write_at_random

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData
    from bumble.link import LocalLink

BATTERY = "0000180f-0000-1000-8000-00805f9b34fb"
USER_DESCRIPTION = "00002901-0000-1000-8000-00805f9b34fb"


@pytest.fixture(autouse=True)
async def _no_task_is_left() -> AsyncIterator[None]:
    yield
    # Whatever was started ends with the adapter: some turns of the loop for what was just cancelled, there or here.
    for _ in range(10):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.fixture
async def air() -> LocalLink:
    return new_air()


@pytest.fixture
async def peripheral(air: LocalLink) -> TinyPeripheral:
    peripheral = TinyPeripheral(air)
    await peripheral.start()
    return peripheral


@pytest.fixture
async def adapter(air: LocalLink, peripheral: TinyPeripheral, tmp_path: Path) -> AsyncIterator[BumbleAdapter]:
    async with open_bumble_adapter("test", CuttableTransport(air), tmp_path / "bonds") as adapter:
        yield adapter


@pytest.fixture
async def client(adapter: BumbleAdapter) -> AsyncIterator[BleakClient]:
    async with adapter.client(await find_device(adapter, "tiny", 5.0)) as client:
        yield client


# What bleak's own examples do, with nothing changed but `backend=`.


async def test_the_discover_example(adapter: BumbleAdapter) -> None:
    devices = await BleakScanner.discover(  # type: ignore[call-overload] # the example passes None for no filter
        0.2, return_adv=True, service_uuids=None, cb={"use_bdaddr": False}, backend=adapter.scanner_backend
    )

    device, advertisement = devices[PERIPHERAL_ADDRESS]
    assert str(device) == f"{PERIPHERAL_ADDRESS}: tiny"
    assert advertisement.local_name == "tiny"
    assert advertisement.manufacturer_data == {0xFFFF: b"\x01\x02"}
    assert advertisement.service_uuids == [SERVICE]
    assert advertisement.service_data == {BATTERY: b"\x64"}
    assert advertisement.tx_power == -4
    assert advertisement.rssi == -50


async def test_the_scan_iterator_example(adapter: BumbleAdapter) -> None:
    async with BleakScanner(backend=adapter.scanner_backend) as scanner:
        heard = 0
        async for device, advertisement in scanner.advertisement_data():
            assert (device.name, advertisement.local_name) == ("tiny", "tiny")
            heard += 1
            if heard == 5:
                break


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


# Scanning


async def test_a_scan_filter_keeps_the_others_out(adapter: BumbleAdapter) -> None:
    found = await BleakScanner.discover(0.2, service_uuids=[BATTERY], backend=adapter.scanner_backend)
    assert found == []

    found = await BleakScanner.discover(0.2, service_uuids=[SERVICE.upper()], backend=adapter.scanner_backend)
    assert [device.address for device in found] == [PERIPHERAL_ADDRESS]


async def test_two_scanners_share_the_radio(adapter: BumbleAdapter) -> None:
    first: asyncio.Queue[BLEDevice] = asyncio.Queue()
    second: asyncio.Queue[BLEDevice] = asyncio.Queue()

    async with adapter.scanner(lambda device, _: first.put_nowait(device), scanning_mode="passive"):
        async with adapter.scanner(lambda device, _: second.put_nowait(device)):
            await first.get()
            await second.get()
        while not first.empty():
            first.get_nowait()
        await first.get()  # the outer one goes on when the inner one has stopped


async def test_a_scanner_that_stopped_hears_nothing(adapter: BumbleAdapter, peripheral: TinyPeripheral) -> None:
    heard: list[str] = []
    scanner = adapter.scanner(lambda device, _: heard.append(device.address))
    async with scanner:
        await find_device(adapter, "tiny", 5.0)
    count = len(heard)
    assert count > 0

    await BleakScanner.discover(0.1, backend=adapter.scanner_backend)

    assert len(heard) == count
    await scanner.stop()


async def test_a_detection_callback_that_raises_does_not_stop_the_scan(
    adapter: BumbleAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    calls = 0
    twice = asyncio.Event()

    def fail(device: BLEDevice, advertisement: AdvertisementData) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            twice.set()
        raise ValueError("on purpose")

    async with adapter.scanner(fail):
        await twice.wait()

    assert "a detection callback failed" in caplog.text


async def test_discover_ends_with_the_time_or_when_it_may_stop(adapter: BumbleAdapter) -> None:
    seen = [device.address async for device, _ in discover(adapter, 5.0, stop_when=lambda *_: True)]
    assert seen == [PERIPHERAL_ADDRESS]

    nothing = [device async for device, _ in discover(adapter, 0.05, service_uuids=[BATTERY])]
    assert nothing == []


async def test_finding_by_address_or_name_and_not_finding(adapter: BumbleAdapter) -> None:
    assert (await find_device(adapter, PERIPHERAL_ADDRESS.lower(), 5.0)).name == "tiny"
    with pytest.raises(DeviceNotFoundError, match=r"'nobody' was not heard within .* on test"):
        await find_device(adapter, "nobody", 0.05)


# Connecting


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


# Services and values


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


async def test_a_descriptor_can_be_written(client: BleakClient, peripheral: TinyPeripheral) -> None:
    characteristic = client.services.get_characteristic(READ)
    assert characteristic is not None

    await client.write_gatt_descriptor(characteristic.descriptors[0], b"renamed")

    assert await client.read_gatt_descriptor(characteristic.descriptors[0].handle) == b"renamed"


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


# Subscriptions


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


# Private addresses


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


# HCI over TCP


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


# Odd peers: what is optional is tried, noted and passed over.


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
