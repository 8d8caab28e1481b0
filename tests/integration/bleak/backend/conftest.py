"""Fixtures for the bleak backend: an air with a tiny peripheral on it, a host, and a client of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowtool.link.bumble.adapter import BumbleAdapter, open_bumble_adapter
from glowtool.link.scan import find_device
from support.air.pairing_bench import Bench
from support.air.tiny_peripheral import CuttableTransport, TinyPeripheral, new_air

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bleak import BleakClient
    from bumble.link import LocalLink


@pytest.fixture(autouse=True)
async def _no_task_is_left() -> AsyncIterator[None]:
    yield
    # Whatever was started ends with the adapter: some turns of the loop for what was just cancelled, there or here.
    for _ in range(10):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.fixture
async def air() -> LocalLink:
    return new_air()


@pytest.fixture
async def peripheral(air: LocalLink) -> TinyPeripheral:
    peripheral = TinyPeripheral(air)
    await peripheral.start()
    return peripheral


@pytest.fixture
async def transport(air: LocalLink) -> CuttableTransport:
    """The host's own controller on the air."""
    return CuttableTransport(air)


@pytest.fixture
async def adapter(
    transport: CuttableTransport, peripheral: TinyPeripheral, tmp_path: Path
) -> AsyncIterator[BumbleAdapter]:
    async with open_bumble_adapter("test", transport, tmp_path / "bonds") as adapter:
        yield adapter


@pytest.fixture
async def client(adapter: BumbleAdapter) -> AsyncIterator[BleakClient]:
    async with adapter.client(await find_device(adapter, "tiny", 5.0)) as client:
        yield client


@pytest.fixture
def bench(peripheral: TinyPeripheral, tmp_path: Path) -> Bench:
    return Bench(peripheral, tmp_path / "bonds")
