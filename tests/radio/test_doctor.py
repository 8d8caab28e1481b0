"""`glowtool doctor` describes the adapter and a bonded roller, on either stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.drivers.gr1.examination import SUBSCRIPTIONS, examine
from glowtool.errors import BondStaleError, NotPairedError
from glowtool.link.scan import find_device
from glowtool.safety import Gate

if TYPE_CHECKING:
    from radio.stacks.stack import Stack


async def test_the_adapter_is_seen_to_be_able_to_pair(stack: Stack) -> None:
    facts = await stack.adapter().radio()

    assert facts.trouble is None
    assert (facts.powered, facts.low_energy, facts.secure_connections, facts.block) == (True, True, True, None)
    assert facts.core_version == "5.0"
    await stack.no_traces()


async def test_a_bonded_roller_is_looked_at_and_left_as_it_is(stack: Stack) -> None:
    async with stack.roller() as held:
        device = await find_device(stack.adapter(), held.name, 5)
        with pytest.raises(NotPairedError):
            await examine(lambda lost: stack.adapter().client(device, lost), Gate())
        await stack.adapter().pair(device, held.answers())
        found = await examine(lambda lost: stack.adapter().client(device, lost), Gate())
        held.forget_bonds()
        with pytest.raises(BondStaleError):
            await examine(lambda lost: stack.adapter().client(device, lost), Gate())

    assert (found.mtu, found.subscribed) == (247, SUBSCRIPTIONS)
    assert found.frames_received == found.frames_sent > 10
    await stack.no_traces()
