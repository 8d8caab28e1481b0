"""On a controller of its own, a roller plays those faults that its host side can, and refuses the others.

A controller of the virtual air behind HCI over TCP stands for the radio; the roller knows no more of it than of any.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from bumble import core, hci
from bumble.keys import MemoryKeyStore

from glowsim.adapter.radio import HciRadio
from glowsim.adapter.server import serving
from glowsim.air.air import Air
from glowsim.console.console import Console as Hands
from glowsim.roller.roller import Roller
from glowsim.scene.scenario import Scenario
from glowtool.errors import InputError
from glowtool.model.state import State
from support.air.radio import RadioHost, host_on_air
from support.air.rollers import Console, Display, start, until, until_driven
from support.processes.console import Running, command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PLANNED = Scenario.model_validate(
    {
        "link": {"loss": 0.2},
        "faults": [{"name": "delay", "at_s": 0.01}, {"name": "packet-loss", "share": 1.0}, {"name": "cell-dead"}],
    }
)


@dataclass
class There:
    """A roller on its radio, and a host in its reach."""

    roller: Roller
    display: Display
    host: RadioHost

    def obey(self, line: str) -> str:
        return Hands(self.roller, lambda: None).obey(line)

    async def paired(self) -> Console:
        await self.host.connect(self.roller.address)
        await self.host.pair(lambda: self.display.passkey)
        return await self._console()

    async def back(self) -> Console:
        """Connect again with the bond; the roller advertises as soon as it can."""
        await self.host.connect(self.roller.address)
        await self.host.encrypt()
        return await self._console()

    async def _console(self) -> Console:
        console = Console(self.host)
        await console.open()
        return console

    async def gone(self) -> int:
        async with asyncio.timeout(5):
            return await self.host.gone

    async def heard(self, within_s: float) -> bool:
        """Whether the roller advertises."""
        heard = asyncio.Event()
        self.host.device.on("advertisement", lambda _advertisement: heard.set())
        await self.host.device.start_scanning()
        try:
            async with asyncio.timeout(within_s):
                await heard.wait()
        except TimeoutError:
            return False
        finally:
            await self.host.device.stop_scanning()
        return True


@asynccontextmanager
async def on_a_radio(path: Path, scenario: Scenario | None = None) -> AsyncIterator[There]:
    air, display = Air(), Display()
    async with (
        serving(air, "127.0.0.1", 0) as port,
        Roller.open(
            HciRadio(f"tcp-client:127.0.0.1:{port}"), path, scenario or Scenario(), seed=1, display=display.show
        ) as roller,
        host_on_air(air, MemoryKeyStore()) as host,
    ):
        yield There(roller, display, host)


@pytest.mark.parametrize("line", ["walk-away", "fault link-loss"])
async def test_out_of_reach_ends_the_connection_and_the_outputs_until_it_is_back(line: str, tmp_path: Path) -> None:
    async with on_a_radio(tmp_path) as there:
        console = await there.paired()
        await start(console)
        await until_driven(console)
        there.obey(line)
        assert await there.gone() == hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR
        await until(lambda: there.roller.machine.quiet, 1)
        assert not there.roller.connected
        assert not await there.heard(0.5)
        there.obey("come-back" if line == "walk-away" else f"{line} off")
        assert await there.heard(5)
        status = await (await there.back()).status()
        assert (status.state, status.outputs.zero) == (State.PAUSED, True)


async def test_a_reboot_drops_the_host_and_nothing_is_heard_until_it_is_over(tmp_path: Path) -> None:
    async with on_a_radio(tmp_path) as there:
        console = await there.paired()
        await start(console)
        await until_driven(console)
        there.obey("fault brown-out off_s=0.8")
        assert await there.gone() == hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
        assert there.roller.machine.out
        assert not await there.heard(0.4)
        await until(lambda: not there.roller.machine.out)
        status = await (await there.back()).status()
        assert (status.state, status.outputs.zero) == (State.IDLE, True)


async def test_what_is_away_stays_silent_through_a_reboot(tmp_path: Path) -> None:
    async with on_a_radio(tmp_path) as there:
        there.obey("walk-away")
        there.obey("fault reboot")
        await until(lambda: not there.roller.machine.out)
        assert not await there.heard(0.5)
        there.obey("come-back")
        assert await there.heard(5)


async def test_a_small_mtu_a_refused_and_a_lost_bond(tmp_path: Path) -> None:
    async with on_a_radio(tmp_path) as there:
        there.obey("fault mtu-23")
        there.obey("fault refused-bond")
        await there.host.connect(there.roller.address)
        assert there.host.connection is not None
        assert there.host.connection.att_mtu == 23
        with pytest.raises(core.ProtocolError) as refused:
            await there.host.pair(lambda: there.display.passkey)
        assert refused.value.error_code == 0x05
        there.obey("fault refused-bond off")
        await there.host.pair(lambda: there.display.passkey)
        await there.host.disconnect()
        await until(lambda: not there.roller.connected)
        there.obey("fault lost-bond")
        with pytest.raises((core.ProtocolError, hci.HCI_Error)) as lost:
            await there.back()
        assert lost.value.error_code == hci.HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR


async def test_what_needs_the_virtual_air_is_refused_or_left_out_and_said(tmp_path: Path) -> None:
    assert PLANNED.needs_air == ("[link]", "fault delay", "fault packet-loss")
    async with on_a_radio(tmp_path, PLANNED) as there:
        for line in ("fault packet-loss", "fault delay ms=50", "fault duplication", "walk-away 20"):
            with pytest.raises(InputError, match="needs the virtual air; ignored with --radio"):
                there.obey(line)
        await until(lambda: bool(there.roller.faults.active))
        assert [fault.kind.name for fault in there.roller.faults.active] == ["cell-dead"]
        assert (await (await there.paired()).status()).outputs.zero


async def test_serve_says_at_its_start_what_of_the_scenario_it_ignores(tmp_path: Path) -> None:
    words = ("--scenario", "bad-radio", "--state-dir", str(tmp_path))
    async with serving(Air(), "127.0.0.1", 0) as port:
        with command("glowsim", "serve", "--radio", f"tcp-client:127.0.0.1:{port}", *words) as running:
            said = await asyncio.to_thread(_said_until_quit, running)
    assert said[0] == "[link] of the scenario needs the virtual air; ignored with --radio"
    assert any("is on; on the air by tcp-client:" in line for line in said)


def _said_until_quit(running: Running) -> list[str]:
    running.wait_for("is on; on the air by")
    running.type("quit")
    return running.finish().out.splitlines()
