"""The default pairing agent on D-Bus stays what it is and is asked nothing, and none of ours stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import PasskeyWrongError
from glowtool.link.scan import find_device
from radio.stacks.daemon import bluez
from radio.stacks.desktop_agent import desktop_agent

if TYPE_CHECKING:
    from radio.stacks.bluez_stack import BluezStack


async def test_an_agent_that_stays_is_a_trace_and_so_is_a_connection_to_the_bus(stack: BluezStack) -> None:
    async with desktop_agent() as agent, bluez():
        found = await stack.traces()
        assert f"{agent.name} has a pairing agent" in found
        assert f"{agent.name} is a connection to the bus" in found
    await stack.no_traces()


@pytest.mark.parametrize("right", [True, False], ids=["paired", "wrong passkey"])
async def test_the_default_agent_stays_what_it_is_and_is_asked_nothing(stack: BluezStack, *, right: bool) -> None:
    agents = stack.daemon.agents
    async with desktop_agent() as agent, stack.roller() as held:
        device = await find_device(stack.adapter(), held.name, 5)
        defaults = set()

        async def passkey() -> int:
            agents.read_on()
            defaults.add(agents.default)
            assert len(agents.registered) == 2
            return await held.right_passkey() if right else held.display.wrong()

        answers = replace(held.answers(), passkey=passkey)
        if right:
            await stack.adapter().pair(device, answers)
        else:
            with pytest.raises(PasskeyWrongError):
                await stack.adapter().pair(device, answers)
        agents.read_on()
        assert defaults == {agent.name}
        assert (agents.default, agents.registered) == (agent.name, {agent.name})
        assert agent.asked == []
    await stack.no_traces()
