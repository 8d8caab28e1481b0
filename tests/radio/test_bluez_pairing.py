"""A daemon that dies ends a pairing on BlueZ in order, and a device is trusted only after success."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from glowtool.errors import AdapterUnavailableError, PasskeyWrongError
from radio.acts import Pondering, bond, heard, works
from radio.stacks.stack import SETTLE_S

if TYPE_CHECKING:
    from radio.stacks.bluez_stack import BluezStack

_PID_FILE: Final = Path("/run/bluetoothd.pid")


async def test_bluetoothd_dies_while_the_person_types(stack: BluezStack) -> None:
    """An error at once, not a hang; and pairing works with the daemon that comes after it."""
    person = Pondering()
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        pairing = asyncio.create_task(stack.adapter().pair(device, person.answers))
        await person.asked.wait()
        os.kill(int(_PID_FILE.read_text()), signal.SIGKILL)
        began_s = time.monotonic()
        with pytest.raises(AdapterUnavailableError, match="Bluetooth service"):
            await pairing
        assert time.monotonic() - began_s < 5
        await person.let_go.wait()
        await stack.daemon.powered()
        # The kernel keeps the connection, and the new daemon takes it for its own, once it has heard of it.
        async with asyncio.timeout(SETTLE_S):
            while held.connected:
                await stack.adapter().end_leftover(held.address)
                await asyncio.sleep(0.1)
        # The adapter stays pairable, as it was while there was an agent, until the next one has come and gone.
        await bond(stack, held)
        await works(stack.adapter(), held)
    await stack.no_traces()


async def test_a_device_is_trusted_after_success_and_gone_after_a_failure(stack: BluezStack) -> None:
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        with pytest.raises(PasskeyWrongError):
            await stack.adapter().pair(device, held.wrong_answers())
        assert held.address not in await stack.daemon.devices()
        # What was heard before the failure still names the roller: it is found anew.
        await stack.adapter().pair(device, held.answers())
        properties = (await stack.daemon.devices())[held.address]
        assert [properties[name].value for name in ("Paired", "Bonded", "Trusted", "Connected")] == [True] * 3 + [False]
    await stack.no_traces()
