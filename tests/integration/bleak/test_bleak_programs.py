"""What programs written for bleak do, on either virtual air: the ground that bleak's own suite and examples cover."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Never
from uuid import UUID

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bumble.att import ATT_Error, Attribute, AttributeValue
from bumble.core import AdvertisingData
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR as CCCD
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor, Service

from glowsim.time.virtual_time import in_virtual_time
from support.air.bleak_bench import ADDRESS, NAME, AirKind, BleakBench, open_bench, peripheral_on

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData
    from bumble.device import Connection, Device

BATTERY = "0000180f-0000-1000-8000-00805f9b34fb"
SERVICE = "7b3e0000-51c4-4d0c-9d55-0a1b2c3d4e5f"
VALUE = "7b3e0001-51c4-4d0c-9d55-0a1b2c3d4e5f"
COMMAND = "7b3e0002-51c4-4d0c-9d55-0a1b2c3d4e5f"
NOTIFY = "7b3e0003-51c4-4d0c-9d55-0a1b2c3d4e5f"
INDICATE = "7b3e0004-51c4-4d0c-9d55-0a1b2c3d4e5f"

Property = Characteristic.Properties
AdType = AdvertisingData.Type

#: Every code that bleak has a name for, of a profile (0xE0 and on) and of an application (0x80 and on).
ERROR_CODES = sorted({int(code) for code in BleakGATTProtocolErrorCode} | {0x80, 0x9F, 0xC0, 0xE0, 0xFF})

#: Every descriptor of the assigned numbers that a peer keeps a value in, and one of a maker's own.
DESCRIPTORS = (
    *(f"{short:04x}" for short in range(0x2900, 0x2911)),
    "7b3e2900-51c4-4d0c-9d55-0a1b2c3d4e5f",
)

airs = pytest.mark.parametrize("kind", AirKind, ids=lambda kind: kind.value)


def characteristic(
    uuid: str,
    properties: Property,
    value: bytes | CharacteristicValue[bytes] = b"",
    descriptors: list[Descriptor] | None = None,
) -> Characteristic[bytes]:
    """Return a characteristic that answers reads and writes, whatever it says that it can."""
    return Characteristic(uuid, properties, Attribute.READABLE | Attribute.WRITEABLE, value, descriptors or [])


def one(*characteristics: Characteristic[bytes]) -> list[Service]:
    """Return a service of these as all that a peer has."""
    return [Service(SERVICE, list(characteristics))]


def failing(code: int) -> CharacteristicValue[bytes]:
    """Return a value that answers reads and writes with an error."""

    def fail(*_: object) -> Never:
        raise ATT_Error(code)

    return CharacteristicValue(read=fail, write=fail)


async def error_code(call: Awaitable[object]) -> int | None:
    """Return the code of the ATT error that a call ends in; None when it ends well."""
    try:
        await call
    except BleakGATTProtocolError as error:
        return int(error.code)
    return None


# Scanning


@airs
@in_virtual_time
async def test_a_peer_is_discovered_and_found_by_address_name_and_filter(kind: AirKind, tmp_path: Path) -> None:
    async with open_bench(kind, tmp_path) as bench:
        backend = bench.adapter.scanner_backend
        assert [device.name for device in await BleakScanner.discover(1, backend=backend)] == [NAME]
        ((device, heard),) = (await BleakScanner.discover(1, return_adv=True, backend=backend)).values()
        assert (device.address, device.name, heard.local_name) == (ADDRESS, NAME, NAME)
        finds = (
            BleakScanner.find_device_by_address(ADDRESS, cb={"use_bdaddr": True}, backend=backend),
            BleakScanner.find_device_by_address(ADDRESS.lower(), backend=backend),
            BleakScanner.find_device_by_name(NAME, backend=backend),
            BleakScanner.find_device_by_filter(lambda _, data: data.local_name == NAME, backend=backend),
        )
        for found in await asyncio.gather(*finds):
            assert found is not None
            assert found.address == ADDRESS
        assert await BleakScanner.find_device_by_name("nobody", 1, backend=backend) is None


@airs
@pytest.mark.parametrize("advertised", [True, False])
@in_virtual_time
async def test_a_filter_by_service_keeps_out_who_does_not_advertise_it(
    kind: AirKind, tmp_path: Path, advertised: bool
) -> None:
    services = [(AdType.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, b"\x0f\x18")] if advertised else []
    async with open_bench(kind, tmp_path, advertised=services) as bench:
        for uuid in ("180f", BATTERY, BATTERY.upper()):
            async with bench.scanner(service_uuids=[uuid]) as scanner:
                await asyncio.sleep(1)
            assert [device.address for device in scanner.discovered_devices] == ([ADDRESS] if advertised else [])


@airs
@in_virtual_time
async def test_a_peer_that_says_little_is_given_nothing_more(kind: AirKind, tmp_path: Path) -> None:
    async with open_bench(kind, tmp_path) as bench:
        async with bench.scanner() as scanner:
            await asyncio.sleep(1)
        ((_, heard),) = scanner.discovered_devices_and_advertisement_data.values()
    assert (heard.manufacturer_data, heard.service_data, heard.service_uuids) == ({}, {}, [])
    # bumble's own controller reports extended advertising sent with 0 dBm, whatever was advertised.
    assert heard.tx_power == (0 if kind is AirKind.LOCAL_LINK else None)
    assert -127 <= heard.rssi <= 20
    assert heard.platform_data


@airs
@in_virtual_time
async def test_all_that_a_peer_advertises_is_told(kind: AirKind, tmp_path: Path) -> None:
    advertised = [
        (AdType.MANUFACTURER_SPECIFIC_DATA, b"\x34\x12MFG"),
        (AdType.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, b"\x0f\x18"),
        (AdType.TX_POWER_LEVEL, b"\x7b"),
    ]
    async with open_bench(
        kind, tmp_path, advertised=[*advertised, (AdType.SERVICE_DATA_16_BIT_UUID, b"\x0f\x18S")]
    ) as (bench):
        async with bench.scanner() as scanner:
            await asyncio.sleep(1)
        ((_, heard),) = scanner.discovered_devices_and_advertisement_data.values()
    assert heard.manufacturer_data == {0x1234: b"MFG"}
    assert heard.service_data == {BATTERY: b"S"}
    assert heard.service_uuids == [BATTERY]
    assert heard.tx_power == 123


@airs
@in_virtual_time
async def test_detections_are_told_to_callbacks_of_both_kinds_and_iterated_over(kind: AirKind, tmp_path: Path) -> None:
    told: list[str] = []
    told_later: list[str] = []

    async def on_heard(device: BLEDevice, _: AdvertisementData) -> None:
        await asyncio.sleep(0)
        told_later.append(device.address)

    async with open_bench(kind, tmp_path) as bench:
        for scanner, addresses in (
            (bench.scanner(lambda device, _: told.append(device.address)), told),
            (bench.scanner(on_heard), told_later),
        ):
            for _ in range(2):  # one scanner is started again and again
                addresses.clear()
                async with scanner:
                    await asyncio.sleep(1)
                await asyncio.sleep(0.1)
                assert set(addresses) == {ADDRESS}
        async with bench.scanner() as scanner:
            device, heard = await anext(scanner.advertisement_data())
        assert (device.address, heard.local_name) == (ADDRESS, NAME)


# Connecting


@airs
@in_virtual_time
async def test_a_peer_is_connected_to_again_and_again_without_a_warning(
    kind: AirKind, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_bench(kind, tmp_path) as bench:
        client = await bench.client()
        for _ in range(3):
            states = [client.is_connected]
            async with client:
                states.append(client.is_connected)
                assert (client.name, client.address) == (NAME, ADDRESS)
            assert [*states, client.is_connected] == [False, True, False]
    # bumble's own controller does not know the command for the length of packets that bumble's own host sends.
    warnings = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert all("SET_DATA_LENGTH" in message for message in warnings)
    assert kind is AirKind.LOCAL_LINK or not warnings


@airs
@in_virtual_time
async def test_a_peer_that_is_gone_is_a_timeout(kind: AirKind, tmp_path: Path) -> None:
    async with open_bench(kind, tmp_path) as bench:
        client = await bench.client(timeout_s=1)
        await bench.peripheral.stop_advertising()
        with pytest.raises(TimeoutError):
            await client.connect()
        assert not client.is_connected


@airs
@in_virtual_time
async def test_a_peer_that_hangs_up_is_told_of_once_and_by_name(kind: AirKind, tmp_path: Path) -> None:
    gone: asyncio.Queue[BleakClient] = asyncio.Queue()
    async with open_bench(kind, tmp_path) as bench, await bench.client(gone.put_nowait) as client:
        (connection,) = bench.peripheral.connections.values()
        await connection.disconnect()
        assert await gone.get() is client
        assert not client.is_connected
        with pytest.raises(BleakError):
            await client.read_gatt_char(VALUE)
    assert gone.empty()


PEERS = {NAME: ADDRESS, "other": "F3:00:00:00:00:02"}


@airs
@pytest.mark.parametrize("lost", PEERS)
@pytest.mark.parametrize("hangs_up", ["host", "peer"])
@pytest.mark.parametrize("order", [tuple(PEERS), tuple(reversed(PEERS))], ids="-".join)
@in_virtual_time
async def test_each_of_two_peers_answers_for_itself_whichever_comes_first_and_leaves(
    kind: AirKind, tmp_path: Path, order: tuple[str, ...], hangs_up: str, lost: str
) -> None:
    kept = {name: characteristic(NOTIFY, Property.READ | Property.NOTIFY, name.encode()) for name in PEERS}
    gone, received = asyncio.Queue[str](), asyncio.Queue[tuple[str, bytes]]()
    async with (
        open_bench(kind, tmp_path, one(kept[NAME])) as bench,
        peripheral_on(bench.air, "other", PEERS["other"], services=one(kept["other"])) as other,
    ):
        peers = {NAME: bench.peripheral, "other": other}
        clients = {name: await bench.client(lambda client: gone.put_nowait(client.name), name=name) for name in order}

        async def come(name: str) -> None:
            await clients[name].connect()
            await clients[name].start_notify(NOTIFY, lambda _, data: received.put_nowait((name, bytes(data))))

        async def answers(*names: str) -> None:
            for name in names:
                assert await clients[name].read_gatt_char(NOTIFY) == name.encode()
                await peers[name].notify_subscribers(kept[name], name.encode())
                assert await received.get() == (name, name.encode())

        for name in order:
            await come(name)
        await answers(*order)
        for _ in range(2):
            if hangs_up == "host":
                await clients[lost].disconnect()
            else:
                (connection,) = peers[lost].connections.values()
                await connection.disconnect()
            assert await gone.get() == lost
            await answers(*(name for name in order if name != lost))
            await come(lost)
            await answers(*order)
        for client in clients.values():
            await client.disconnect()


# Characteristics


@airs
@in_virtual_time
async def test_a_value_is_read_by_every_name_that_it_has_and_never_from_a_cache(kind: AirKind, tmp_path: Path) -> None:
    kept = characteristic(VALUE, Property.READ, b"before")
    async with open_bench(kind, tmp_path, one(kept)) as bench, await bench.client() as client:
        found = client.services.get_characteristic(VALUE)
        assert found is not None
        names: list[BleakGATTCharacteristic | int | str | UUID] = [
            found, found.handle, VALUE, VALUE.upper(), UUID(VALUE),
        ]  # fmt: skip
        assert [bytes(await client.read_gatt_char(name)) for name in names] == [b"before"] * len(names)
        kept.value = b"after"
        assert await client.read_gatt_char(VALUE, use_cached=True) == b"after"


@airs
@in_virtual_time
async def test_a_value_is_written_with_and_without_an_answer(kind: AirKind, tmp_path: Path) -> None:
    written: list[bytes] = []
    value = CharacteristicValue[bytes](write=lambda _, data: written.append(bytes(data)))
    answered = characteristic(VALUE, Property.WRITE, value)
    unanswered = characteristic(COMMAND, Property.WRITE_WITHOUT_RESPONSE, value)
    async with open_bench(kind, tmp_path, one(answered, unanswered)) as bench, await bench.client() as client:
        await client.write_gatt_char(VALUE, b"1", response=True)
        await client.write_gatt_char(VALUE, bytearray(b"2"))  # as the peer wants it
        await client.write_gatt_char(COMMAND, memoryview(b"3"), response=False)
        await client.write_gatt_char(COMMAND, b"4")
        data = bytes(1000)
        size = client.mtu_size - 3
        for start in range(0, len(data), size):  # bleak's example on the MTU
            await client.write_gatt_char(COMMAND, data[start : start + size], response=False)
        await asyncio.sleep(1)
    assert written[:4] == [b"1", b"2", b"3", b"4"]
    assert b"".join(written[4:]) == data
    assert 23 <= size + 3 <= 517


@airs
@in_virtual_time
async def test_every_error_of_a_peer_keeps_its_code(kind: AirKind, tmp_path: Path) -> None:
    kept = characteristic(VALUE, Property.READ | Property.WRITE, descriptors=[descriptor := _descriptor("2901")])
    async with open_bench(kind, tmp_path, one(kept)) as bench, await bench.client() as client:
        found = client.services.get_characteristic(VALUE)
        assert found is not None
        described = found.get_descriptor("2901")
        assert described is not None
        for code in ERROR_CODES:
            kept.value = descriptor.value = failing(code)
            codes = [
                await error_code(client.read_gatt_char(VALUE)),
                await error_code(client.write_gatt_char(VALUE, b"1", response=True)),
                await error_code(client.read_gatt_descriptor(described)),
                await error_code(client.write_gatt_descriptor(described, b"1")),
            ]
            assert codes == [code] * 4
        assert client.is_connected


# Descriptors


def _descriptor(uuid: str) -> Descriptor:
    return Descriptor(uuid, Descriptor.READABLE | Descriptor.WRITEABLE, bytes.fromhex("00aa") + uuid.encode())


@airs
@in_virtual_time
async def test_every_descriptor_is_read_and_written_but_that_of_subscriptions(kind: AirKind, tmp_path: Path) -> None:
    kept = {uuid: _descriptor(uuid) for uuid in DESCRIPTORS}
    service = one(characteristic(VALUE, Property.READ, descriptors=list(kept.values())))
    async with open_bench(kind, tmp_path, service) as bench, await bench.client() as client:
        found = client.services.get_characteristic(VALUE)
        assert found is not None
        for uuid, descriptor in kept.items():
            described = found.get_descriptor(uuid)
            assert described is not None, uuid
            assert await client.read_gatt_descriptor(described) == descriptor.value, uuid
            if descriptor.type == CCCD:
                with pytest.raises(ValueError, match="CCCD"):
                    await client.write_gatt_descriptor(described, b"\x02\x00")
                continue
            await client.write_gatt_descriptor(described.handle, b"anew")
            assert descriptor.value == b"anew", uuid
            descriptor.value = b"after"
            assert await client.read_gatt_descriptor(described, use_cached=True) == b"after", uuid


# Subscriptions


@airs
@in_virtual_time
async def test_values_come_to_callbacks_of_both_kinds_until_they_are_stopped(kind: AirKind, tmp_path: Path) -> None:
    notified = characteristic(NOTIFY, Property.READ | Property.NOTIFY)
    indicated = characteristic(INDICATE, Property.READ | Property.INDICATE)
    received: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def on_notified(source: BleakGATTCharacteristic, data: bytearray) -> None:
        await received.put((source.uuid, bytes(data)))

    def on_indicated(source: BleakGATTCharacteristic, data: bytearray) -> None:
        received.put_nowait((source.uuid, bytes(data)))

    async with open_bench(kind, tmp_path, one(notified, indicated)) as bench, await bench.client() as client:
        for _ in range(2):  # a stopped subscription begins anew
            await client.start_notify(NOTIFY, on_notified)
            await client.start_notify(INDICATE, on_indicated)
            await _send(bench.peripheral, notified, indicated)
            assert [await received.get() for _ in range(2)] == [(NOTIFY, b"n"), (INDICATE, b"i")]
            await client.stop_notify(NOTIFY)
            await client.stop_notify(INDICATE)
            await _send(bench.peripheral, notified, indicated)
            assert received.empty()


async def _send(peripheral: Device, notified: Characteristic[bytes], indicated: Characteristic[bytes]) -> None:
    await peripheral.notify_subscribers(notified, b"n")
    await asyncio.sleep(0.1)
    await peripheral.indicate_subscribers(indicated, b"i")
    await asyncio.sleep(0.1)


@airs
@in_virtual_time
async def test_a_value_that_comes_before_the_subscription_is_answered_is_told(kind: AirKind, tmp_path: Path) -> None:
    benches: list[BleakBench] = []

    async def on_subscription(_: Connection, __: bytes) -> None:
        await benches[0].peripheral.notify_subscribers(hasty, b"at once", force=True)

    subscription = AttributeValue[bytes](read=lambda _: b"\0\0", write=on_subscription)
    hasty = characteristic(
        NOTIFY,
        Property.NOTIFY,
        descriptors=[Descriptor(CCCD, Descriptor.READABLE | Descriptor.WRITEABLE, subscription)],
    )
    async with open_bench(kind, tmp_path, one(hasty)) as bench, await bench.client() as client:
        benches.append(bench)
        received: asyncio.Queue[bytes] = asyncio.Queue()
        await client.start_notify(NOTIFY, lambda _, data: received.put_nowait(bytes(data)))
        assert await received.get() == b"at once"


@airs
@in_virtual_time
async def test_a_subscription_that_the_peer_refuses_has_its_error(kind: AirKind, tmp_path: Path) -> None:
    refusing = Descriptor(CCCD, Descriptor.READABLE | Descriptor.WRITEABLE, failing(0x80))
    service = one(characteristic(NOTIFY, Property.NOTIFY, descriptors=[refusing]))
    async with open_bench(kind, tmp_path, service) as bench, await bench.client() as client:
        for _ in range(2):  # what was refused is no subscription: the second attempt asks again
            assert await error_code(client.start_notify(NOTIFY, lambda *_: None)) == 0x80
        assert client.is_connected
