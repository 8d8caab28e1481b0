"""Hosts on one air that pair with a tiny peripheral, and people who type a passkey."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowtool.link.bumble.adapter import open_bumble_adapter
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS, CuttableTransport, TinyPeripheral

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from bleak import BleakClient

    from glowtool.link.adapters import Adapter, PasskeySource


class Bench:
    """Opens hosts on one air, each with the bonds directory of the test."""

    def __init__(self, peripheral: TinyPeripheral, bonds_dir: Path) -> None:
        self.peripheral = peripheral
        self.bonds_dir = bonds_dir
        self.transport: CuttableTransport

    @asynccontextmanager
    async def adapter(self) -> AsyncIterator[Adapter]:
        air = self.peripheral.controller.link
        self.transport = CuttableTransport(air)
        try:
            async with open_bumble_adapter("test", self.transport, self.bonds_dir) as adapter:
                yield adapter
        finally:
            await self.transport.close()

    def connected(self, adapter: Adapter, *, use_bond: bool = True) -> AbstractAsyncContextManager[BleakClient]:
        return adapter.client(PERIPHERAL_ADDRESS, use_bond=use_bond)

    async def read_display(self) -> int:
        return await self.peripheral.shown.get()

    async def pair(self) -> None:
        async with self.adapter() as adapter, self.connected(adapter) as client:
            await client.pair(passkey=self.read_display)


def passkey(value: int) -> PasskeySource:
    async def source() -> int:
        return value

    return source


async def until(condition: Callable[[], bool]) -> None:
    """Return once a condition inside bumble holds, after some turns of the loop; TimeoutError when it does not."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - bumble tells nobody
            await asyncio.sleep(0)
