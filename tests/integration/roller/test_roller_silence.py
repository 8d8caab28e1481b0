"""When a link falls silent in a massage, watchdog and supervision timeout act, whichever is due first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from support.air.rollers import bench, bonded_console, start, until_driven

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("silent_s", "interlock"), [(0.05, Interlock.LINK_LOSS), (0.3, Interlock.WATCHDOG)])
@in_virtual_time
async def test_the_phase_of_the_last_heartbeat_decides_which_interlock_a_silent_link_leaves(
    silent_s: float, interlock: Interlock, tmp_path: Path
) -> None:
    """With 720 ms of supervision and 900 ms of watchdog, a heartbeat 180 ms before the silence is the border."""
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        await console.ask(Opcode.HEARTBEAT)
        await asyncio.sleep(silent_s)
        there.roller.faults.start("link-loss", for_s=4.0)
        async with asyncio.timeout(10):
            await console.host.gone
        await asyncio.sleep(1.0)
        status = there.roller.machine.status()

    assert (status.state, status.interlocks) == (State.PAUSED, interlock)
