"""A scan hears what rollers announce, and knows one again that hides its address."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from glowsim.scene.scenario import Scenario
from glowtool.drivers.gr1.advertisement import announced_in
from glowtool.errors import DeviceNotFoundError
from glowtool.link.scan import discover, find_device
from glowtool.protocol import gatt
from radio.acts import bond, found, heard, works

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.device.announcement import Announcement
    from glowtool.link.adapter import Adapter
    from radio.stacks.held_roller import HeldRoller
    from radio.stacks.stack import Stack

PRIVATE = Scenario.model_validate({"device": {"privacy": True}})


async def announced(adapter: Adapter, held: HeldRoller) -> Announcement | None:
    """Return what a roller announces now."""

    def is_it(device: BLEDevice, _: AdvertisementData) -> bool:
        return device.address == held.address

    async with aclosing(discover(adapter, 5, stop_when=is_it)) as sightings:
        async for device, advertisement in sightings:
            if is_it(device, advertisement):
                return announced_in(advertisement)
    raise AssertionError("it was not heard")


async def test_a_scan_hears_name_service_and_signal(stack: Stack) -> None:
    async with stack.roller() as held, stack.roller("other", seed=2) as other:
        names: dict[str, tuple[str | None, list[str], int]] = {}
        wanted = [gatt.ROLLER_SERVICE.uuid]
        sightings = discover(
            stack.adapter(), 5, service_uuids=wanted, stop_when=lambda *_: {held.address, other.address} <= set(names)
        )
        async with aclosing(sightings):
            async for device, advertisement in sightings:
                if advertisement.local_name:
                    names[device.address] = advertisement.local_name, advertisement.service_uuids, advertisement.rssi
        assert {names[held.address][0], names[other.address][0]} == {held.name, other.name}
        assert all(wanted[0] in uuids and -127 <= rssi < 20 for _, uuids, rssi in names.values())
    await stack.no_traces()


async def test_a_scan_shows_whether_it_can_be_paired_now(stack: Stack) -> None:
    async with stack.roller() as held:
        fresh = await announced(stack.adapter(), held)
        assert fresh is not None
        assert fresh.pairing_open
        await bond(stack, held)
        await stack.no_traces()
        said = await announced(stack.adapter(), held)
        assert said is not None
        assert (said.bonded, said.pairing_open) == (True, False)
    await stack.no_traces()


async def test_a_roller_that_is_off_is_not_found(stack: Stack) -> None:
    async with stack.roller() as held:
        address = held.address
        await held.switch_off()
        with pytest.raises(DeviceNotFoundError, match="was not heard"):
            await find_device(stack.adapter(), address, 1)
    await stack.no_traces()


async def test_scanning_that_is_given_up_leaves_no_scan(stack: Stack) -> None:
    waiting = asyncio.create_task(find_device(stack.adapter(), "nobody", 30))
    await asyncio.sleep(0.5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await stack.no_traces()


async def test_a_private_address_is_followed(stack: Stack) -> None:
    """It goes by another address after each restart, and is found and connected to by the one that stands for it."""
    async with stack.roller(scenario=PRIVATE) as held:
        before = await heard(stack.adapter(), held)
        assert before.address != held.address, "an unpaired host hears an address that says nothing"
        await bond(stack, held)
        assert await stack.adapter().identity_address(before) == held.address
        assert await stack.adapter().bonded(held.address)
        await works(stack.adapter(), held)
        await stack.no_traces()
        await held.restart()
        after = await found(stack.adapter(), held)
        assert after.address == held.address
        await works(stack.adapter(), held)
        await stack.no_traces()
        await stack.restart_host()
        await works(stack.adapter(), held)
    await stack.no_traces()
