"""Two rollers on one host each answer for themselves, in every order of connecting and losing."""

from __future__ import annotations

import asyncio
import itertools
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.roller.rollers import rollers_on
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.drivers.gr1.roller import Roller
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.protocol.gatt import SERIAL_NUMBER
from glowtool.safety import Gate
from support.stack.full_stack import seeded_bench
from support.stack.massage import Display

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from bleak import BleakClient

    from glowsim.roller.roller import Roller as VirtualRoller
    from glowtool.link.adapter import Adapter

ORDERS = [
    pytest.param(order, lost, how, id=f"{order[0]}{order[1]}-{lost}-{how}")
    for order, lost, how in itertools.product(((0, 1), (1, 0)), (0, 1), ("host", "air"))
]


@asynccontextmanager
async def two_rollers(folder: Path) -> AsyncIterator[tuple[Air, Sequence[VirtualRoller], Adapter]]:
    air, display = Air(), Display()
    async with (
        rollers_on(air, folder, Scenario(), 2, seed=7, display=lambda _, line: display.show(line)) as rollers,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        yield air, rollers, adapter


async def _connect(adapter: Adapter, roller: VirtualRoller) -> tuple[BleakClient, asyncio.Event]:
    lost = asyncio.Event()
    client = adapter.client(await find_device(adapter, roller.address, 5.0), lambda _: lost.set())
    await client.connect()
    return client, lost


async def _serial(client: BleakClient) -> str:
    return bytes(await client.read_gatt_char(SERIAL_NUMBER.uuid)).decode().strip("\0")


@pytest.mark.parametrize(("order", "lost", "how"), ORDERS)
@in_virtual_time
async def test_each_of_two_rollers_answers_for_itself_whatever_order_they_come_and_go_in(
    tmp_path: Path, order: tuple[int, int], lost: int, how: str
) -> None:
    async with two_rollers(tmp_path) as (air, rollers, adapter):
        held = {number: await _connect(adapter, rollers[number]) for number in order}
        serials = {number: await _serial(client) for number, (client, _) in held.items()}
        assert len(set(serials.values())) == 2
        for _ in range(2):
            client, gone = held[lost]
            if how == "host":
                await client.disconnect()
            else:
                air.cut(rollers[lost].address)
            await gone.wait()
            assert await _serial(held[1 - lost][0]) == serials[1 - lost]
            held[lost] = await _connect(adapter, rollers[lost])
            for number, (each, _) in held.items():
                assert each.is_connected
                assert await _serial(each) == serials[number]


@in_virtual_time
async def test_two_hosts_hold_two_rollers_each_way_round(tmp_path: Path) -> None:
    async with (
        two_rollers(tmp_path) as (air, rollers, first),
        in_process_transport(air, "second host") as transport,
        open_bumble_adapter("virtual", transport, tmp_path / "bonds2") as second,
    ):
        for one, other in ((0, 1), (1, 0)):
            a, _ = await _connect(first, rollers[one])
            b, _ = await _connect(second, rollers[other])
            assert await _serial(a) != await _serial(b)
            await a.disconnect()
            assert await _serial(b)
            await b.disconnect()


@in_virtual_time
async def test_pairing_and_a_connection_as_usual_log_no_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with seeded_bench(tmp_path, 7) as bench, Roller.open(bench.client_for, Gate()) as roller:
            telemetry = await roller.telemetry_start()
            assert await anext(aiter(telemetry.frames))
            await roller.telemetry_stop()
    assert caplog.messages == []
