"""The stacks restart and scan as the suite relies on, and whatever still goes on is a trace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from glowtool.link.scan import find_device

if TYPE_CHECKING:
    from radio.stacks.stack import Stack


async def test_a_roller_is_heard_before_and_after_both_sides_have_restarted(stack: Stack) -> None:
    async with stack.roller() as held:
        assert (await find_device(stack.adapter(), held.name, 5)).address == held.address
        await held.restart()
        await stack.restart_host()
        assert (await find_device(stack.adapter(), held.name, 5)).address == held.address
    await stack.no_traces()


async def test_what_is_going_on_is_a_trace_until_it_has_ended(stack: Stack) -> None:
    async with stack.roller() as held:
        device = await find_device(stack.adapter(), held.name, 5)
        await stack.adapter().pair(device, held.answers())
        assert "paired" in held.display
        await stack.no_traces()
        client = stack.adapter().client(device)
        await client.connect()
        assert len(await stack.traces()) >= 2
        await client.disconnect()
        await stack.no_traces()
        async with stack.adapter().scanner():
            assert await stack.traces()
        await stack.no_traces()


async def test_scanning_does_not_disturb_a_connection(stack: Stack) -> None:
    async with stack.roller() as held:
        device = await find_device(stack.adapter(), held.name, 5)
        await stack.adapter().pair(device, held.answers())
        client = stack.adapter().client(device)
        await client.connect()
        async with stack.adapter().scanner():
            await asyncio.sleep(0.5)
            assert client.is_connected
        assert client.is_connected
        await client.disconnect()
    await stack.no_traces()
