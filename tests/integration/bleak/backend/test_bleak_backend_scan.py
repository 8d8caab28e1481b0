"""The bleak backend hears advertisements as bleak's own examples of scanning expect."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak import BleakScanner

from glowtool.errors import DeviceNotFoundError
from glowtool.link.scan import discover, find_device
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS, SERVICE, TinyPeripheral

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.link.bumble.adapter import BumbleAdapter

BATTERY = "0000180f-0000-1000-8000-00805f9b34fb"


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
