"""The adapter `sim` runs a roller in the same process, whose display stays dark until a host pairs."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest
from bumble.core import ProtocolError
from bumble.keys import MemoryKeyStore

from glowsim.adapter.adapter import open_transport
from glowtool.errors import AdapterUnavailableError, ScenarioError
from support.air.radio import IoCapability, host_on_transport
from support.air.rollers import Console, until

if TYPE_CHECKING:
    from pathlib import Path

    from support.air.radio import RadioHost


async def _address(host: RadioHost) -> str:
    heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    host.device.once("advertisement", lambda found: heard.set_result(str(found.address)))
    await host.device.start_scanning()
    async with asyncio.timeout(5):
        address = await heard
    await host.device.stop_scanning()
    return address


def test_it_is_found_by_its_entry_point() -> None:
    (found,) = entry_points(group="glowtool.adapters", name="sim")
    assert found.load() is open_transport


async def test_the_display_stays_dark_until_a_pairing_attempt_and_the_bond_stays(tmp_path: Path) -> None:
    lines: list[str] = []
    keys = MemoryKeyStore()
    async with (
        open_transport(None, state_dir=tmp_path, announce=lines.append) as transport,
        host_on_transport(transport, keys) as host,
    ):
        address = await _address(host)
        await host.connect(address)
        assert lines == [], "scanning and connecting show nothing"
        await host.pair(lambda: int(lines[-1].removeprefix("passkey ")))
        await until(lambda: lines[-1] == "paired")
    lines.clear()
    async with (
        open_transport("heavy-handed", state_dir=tmp_path, announce=lines.append) as transport,
        host_on_transport(transport, keys) as host,
    ):
        await host.connect(address)
        await host.encrypt()
        assert (await Console(host).status()).outputs.zero
    assert lines == []


async def test_numbers_are_confirmed_at_the_roller_by_the_person_at_the_keyboard(tmp_path: Path) -> None:
    lines: list[str] = []
    numbers: list[int] = []

    def compare(number: int) -> bool:
        numbers.append(number)
        return len(numbers) > 1

    async with (
        open_transport("numbers-to-compare", state_dir=tmp_path, announce=lines.append) as transport,
        host_on_transport(transport) as host,
    ):
        await host.connect(await _address(host))
        for fails in (True, False):
            with pytest.raises(ProtocolError) if fails else nullcontext():
                await host.pair(lambda: 0, capability=IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT, compare=compare)
            await until(lambda: f"same {numbers[-1]:06d}?" in lines)
        await until(lambda: lines[-1] == "paired")


async def test_a_wrong_scenario_and_a_directory_in_use_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario 'unheard-of'"):
        async with open_transport("unheard-of", state_dir=tmp_path, announce=print):
            pass
    async with open_transport(None, state_dir=tmp_path, announce=print):
        with pytest.raises(AdapterUnavailableError, match="in use by process"):
            async with open_transport(None, state_dir=tmp_path, announce=print):
                pass
