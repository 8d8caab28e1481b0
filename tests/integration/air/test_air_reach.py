"""Rollers and hosts can walk out of reach on the virtual air, vanish, or be cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble import hci

from glowsim.air.conditions import IDEAL, LinkConditions
from support.air.radio import host_on_air
from support.air.rollers import Bench, bench, bonded_console, start, until, until_driven
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path

    from bumble.device import Advertisement


SUPERVISION_TIMEOUT = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR


async def _heard_rssi(there: Bench) -> int:
    async with host_on_air(there.air) as host:
        rssi: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def hear(advertisement: Advertisement) -> None:
            if not rssi.done():
                rssi.set_result(advertisement.rssi)

        host.device.on("advertisement", hear)
        await host.device.start_scanning()
        async with asyncio.timeout(3):
            return await rssi


@in_virtual_time
async def test_a_scanner_sees_the_rssi_of_the_distance_and_nothing_from_out_of_reach(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        heard = []
        for distance_m in (1, 3, 10, 30):
            there.air.set_conditions(LinkConditions(distance_m=distance_m), there.roller.address)
            heard.append(await _heard_rssi(there))
        assert heard == sorted(heard, reverse=True)
        assert heard[0] == -50
        assert len(set(heard)) == 4
        there.air.set_conditions(LinkConditions(distance_m=300), there.roller.address)
        with pytest.raises(TimeoutError):
            await _heard_rssi(there)
        there.air.set_conditions(LinkConditions(advertising_drop=1.0), there.roller.address)
        with pytest.raises(TimeoutError):
            await _heard_rssi(there)


@in_virtual_time
async def test_a_host_that_scans_under_another_address_keeps_its_connection(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        # What the Linux kernel does before it scans.
        await console.host.device.send_command(
            hci.HCI_LE_Set_Random_Address_Command(random_address=hci.Address("41:22:33:44:55:66"))
        )
        assert (await console.status()).state is not None
        assert there.roller.connected


@pytest.mark.parametrize("timeout_s", [0.72, 4.0])
@in_virtual_time
async def test_a_host_that_vanishes_is_noticed_after_the_supervision_timeout(tmp_path: Path, timeout_s: float) -> None:
    loop = asyncio.get_running_loop()
    links: list[tuple[float, str | None]] = []
    async with bench(tmp_path, on_link=lambda address: links.append((loop.time(), address))) as there:
        there.air.set_conditions(LinkConditions(supervision_s=timeout_s), there.roller.address)
        async with bonded_console(there) as console:
            await start(console)
            await until_driven(console)
        vanished_s = loop.time()
        await until(lambda: not there.roller.connected)
        await until(lambda: there.roller.machine.quiet, 0.05)
    assert links[-1][1] is None
    assert links[-1][0] - vanished_s == pytest.approx(timeout_s, abs=0.01)


@in_virtual_time
async def test_walking_out_of_reach_ends_the_connection_for_both(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with bench(tmp_path) as there, bonded_console(there) as console:
        there.air.set_conditions(LinkConditions(distance_m=300, supervision_s=2.0), there.roller.address)
        left_s = loop.time()
        async with asyncio.timeout(3):
            reason = await console.host.gone
        assert reason == SUPERVISION_TIMEOUT
        assert loop.time() - left_s == pytest.approx(2.0, abs=0.01)
        await until(lambda: not there.roller.connected)
        there.air.set_conditions(IDEAL, there.roller.address)
        await console.host.connect(there.roller.address)
        await console.host.encrypt()


@in_virtual_time
async def test_a_connection_can_be_cut_at_a_moment(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with bench(tmp_path) as there, bonded_console(there) as console:
        there.air.cut(there.roller.address, after_s=1.25)
        began_s = loop.time()
        assert await console.host.gone == SUPERVISION_TIMEOUT
        assert loop.time() - began_s == pytest.approx(1.25, abs=0.01)
        await until(lambda: not there.roller.connected)
        await console.host.connect(there.roller.address)
