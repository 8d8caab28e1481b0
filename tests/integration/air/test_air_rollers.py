"""Several rollers and hosts share one virtual air, also with a controller of another process."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from glowsim.adapter.radio import HciRadio
from glowsim.air.air import Air
from glowsim.air.conditions import IDEAL, LinkConditions
from glowsim.evidence.record import read_delivered
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.roller.rollers import rollers_on
from glowsim.scene.scenario import Scenario
from glowtool.errors import AdapterUnavailableError, UsageError
from support.air.rollers import Bench, Display, bonded_console, until
from support.air.streaming import sequences_of, stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


async def test_several_rollers_have_conditions_of_their_own_and_several_hosts(tmp_path: Path) -> None:
    air, displays = Air(), [Display() for _ in range(3)]
    async with rollers_on(
        air, tmp_path, Scenario(), 3, seed=7, display=lambda number, line: displays[number - 1].show(line)
    ) as rollers:
        assert len({roller.address for roller in rollers}) == 3
        for number in (1, 2, 3):
            assert read_delivered(tmp_path / f"roller-{number}").size == 0
        air.set_conditions(LinkConditions(interval_s=0.015), rollers[1].address)
        assert air.conditions(rollers[0].address) == IDEAL

        async def talk(number: int, roller: VirtualRoller) -> int:
            there = Bench(air, roller, displays[number], tmp_path)
            async with bonded_console(there, address=f"C4:11:22:33:44:{number:02X}") as console:
                await stream(console)
                await until(lambda: len(console.frames) > 20)
                sequences = sequences_of(console.frames)
                assert sequences == list(range(len(sequences)))
            return len(sequences)

        async with asyncio.TaskGroup() as group:
            for number, roller in enumerate(rollers):
                group.create_task(talk(number, roller))


async def test_one_roller_lives_in_the_directory_itself_and_a_wrong_count_is_refused(tmp_path: Path) -> None:
    async with rollers_on(Air(), tmp_path, Scenario(), 1, seed=7) as (only,):
        assert only.name.startswith("GR-1")
    assert (tmp_path / "identity.json").exists()
    with pytest.raises(UsageError, match="allowed: 1 to"):
        async with rollers_on(Air(), tmp_path, Scenario(), 0):
            pass


#: A controller and a host in another process: what a radio and a phone are to the roller. Prints the port of the
#: controller, then what the host found.
_OTHER_PROCESS = """
import asyncio, sys
from glowsim.air.air import Air
from glowsim.adapter.server import serving
from support.air.radio import host_on_air
from support.air.rollers import Console

async def main():
    air = Air()
    async with serving(air, "127.0.0.1", 0) as port, host_on_air(air) as host:
        print(port, flush=True)
        loop = asyncio.get_running_loop()
        address, passkey = (await loop.run_in_executor(None, sys.stdin.readline)).split()
        await host.connect(address)
        await host.pair(lambda: int(passkey))
        console = Console(host)
        await console.open()
        print("zero" if (await console.status()).outputs.zero else "driven", flush=True)

asyncio.run(main())
"""


@asynccontextmanager
async def _other_process() -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _OTHER_PROCESS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.slow
async def test_the_roller_works_on_an_hci_controller_in_another_process(tmp_path: Path) -> None:
    """HCI over TCP to a virtual controller in another process replaces the radio, which this machine does not have."""
    display = Display()
    async with asyncio.timeout(30), _other_process() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        radio = HciRadio(f"tcp-client:127.0.0.1:{port}")
        async with VirtualRoller.open(radio, tmp_path, Scenario(), seed=1, display=display.show) as roller:
            process.stdin.write(f"{roller.address} {display.passkey}\n".encode())
            assert (await process.stdout.readline()).decode().strip() == "zero"
            await process.wait()


@pytest.mark.parametrize("transport", ["tcp-client:127.0.0.1:1", "no-such-transport:1", "usb:no-such-thing"])
async def test_a_radio_that_is_not_there_is_named(tmp_path: Path, transport: str) -> None:
    with pytest.raises(AdapterUnavailableError, match=transport):
        async with VirtualRoller.open(HciRadio(transport), tmp_path, Scenario()):
            pass
