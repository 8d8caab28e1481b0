"""Programs written for bleak scan and connect on either virtual air, as far as bleak's own suite goes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from bumble.core import AdvertisingData

from glowsim.time.virtual_time import in_virtual_time
from support.air.bleak_bench import ADDRESS, NAME, AirKind, open_bench, peripheral_on
from support.air.bleak_peers import NOTIFY, VALUE, Property, airs, characteristic, one

if TYPE_CHECKING:
    from pathlib import Path

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

BATTERY = "0000180f-0000-1000-8000-00805f9b34fb"
AdType = AdvertisingData.Type


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
