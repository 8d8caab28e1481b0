"""Connections can be made, lost and made again, by two hosts, and with a table that changes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakError

from glowtool.errors import BondStaleError, DeviceNotFoundError, LinkError
from glowtool.link.backoff import CONNECTING
from glowtool.link.scan import find_device
from glowtool.protocol import gatt
from radio.acts import bond, found, opened, works

if TYPE_CHECKING:
    from glowtool.drivers.gr1.roller import Roller
    from radio.stacks.stack import Stack

#: BlueZ takes two seconds to disconnect, so this is most of what one test may take.
CONNECTS = 20


async def the_end(roller: Roller) -> None:
    async with asyncio.timeout(5):
        async for _ in roller.status_changes():
            pass


async def test_twenty_connections_in_a_row(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        device = await found(stack.adapter(), held)
        for _ in range(CONNECTS):
            # Each time anew, and none of them in a second attempt.
            async with stack.adapter().client(device) as client:
                assert await client.read_gatt_char(gatt.STATUS.uuid)
    await stack.no_traces()


async def test_a_lost_connection_is_said_at_once_and_made_again(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        async with opened(stack.adapter(), held, CONNECTING) as roller:
            held.cut()
            with pytest.raises(LinkError):
                await the_end(roller)
            with pytest.raises(LinkError):
                await roller.heartbeat()
            await roller.connect(CONNECTING)
            await roller.heartbeat()
    await stack.no_traces()


async def test_the_roller_is_switched_off_and_on_again(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        async with opened(stack.adapter(), held, CONNECTING) as roller:
            await held.restart()
            await roller.connect(CONNECTING)
            await roller.heartbeat()
    await stack.no_traces()


async def test_a_connection_that_is_given_up_leaves_nothing(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        device = await found(stack.adapter(), held)
        await held.switch_off()
        client = stack.adapter().client(device, timeout=30)
        connecting = asyncio.create_task(client.connect())
        await asyncio.sleep(0.5)
        connecting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connecting
        await held.switch_on()
        await works(stack.adapter(), held)
    await stack.no_traces()


async def test_the_table_of_attributes_changes_while_connected(stack: Stack) -> None:
    """Service Changed: what is done next works, at the latest after the connection was made anew."""
    async with stack.roller() as held:
        await bond(stack, held)
        async with opened(stack.adapter(), held, CONNECTING) as roller:
            held.roller.update_table()
            try:
                await asyncio.sleep(0.5)
                await roller.heartbeat()
            except LinkError:
                await roller.connect(CONNECTING)
            await roller.heartbeat()
            assert (await roller.telemetry_start()) is not None
            await roller.telemetry_stop()
    await stack.no_traces()


async def test_the_table_of_attributes_changes_in_between(stack: Stack) -> None:
    """What the host may have kept of the old table is not used on the new one."""
    async with stack.roller() as held:
        await bond(stack, held)
        await works(stack.adapter(), held)
        await stack.no_traces()
        held.roller.update_table()
        await works(stack.adapter(), held)
        await stack.no_traces()
        held.roller.update_table()
        await stack.restart_host()
        await works(stack.adapter(), held)
    await stack.no_traces()


async def test_two_hosts_one_after_the_other(stack: Stack) -> None:
    """While one host is connected the other one does not hear the roller; then it does, and both bonds hold."""
    async with stack.roller() as held, stack.second_host() as other:
        await bond(stack, held)
        await stack.no_traces()
        held.open_window()
        await other.pair(await found(other, held), held.answers())
        async with opened(stack.adapter(), held, CONNECTING):
            with pytest.raises(DeviceNotFoundError, match="nothing else is connected"):
                await find_device(other, held.address, 1)
        await stack.no_traces()
        async with opened(other, held, CONNECTING):
            with pytest.raises(DeviceNotFoundError, match="nothing else is connected"):
                await find_device(stack.adapter(), held.address, 1)
        await works(stack.adapter(), held)
        assert held.roller.bonds.count == 2
    await stack.no_traces()


async def test_two_hosts_that_want_it_at_once(stack: Stack) -> None:
    """Both heard it before either connected: one gets it, the other is told that it did not, and of no broken bond."""
    async with stack.roller() as held, stack.second_host() as other:
        await bond(stack, held)
        await stack.no_traces()
        held.open_window()
        await other.pair(await found(other, held), held.answers())
        device = await found(stack.adapter(), held)
        async with opened(other, held, CONNECTING) as roller:
            client = stack.adapter().client(device, timeout=3)
            with pytest.raises((LinkError, BleakError, OSError)) as caught:
                await client.connect()
            assert not isinstance(caught.value, BondStaleError)
            await roller.heartbeat()
        await works(stack.adapter(), held)
    await stack.no_traces()
