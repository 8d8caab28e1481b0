"""A massage under way on the air, and a console that loses it and finds it again."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from support.air.rollers import Bench, Console, bench, bonded_console, start, until_driven

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bumble.keys import KeyStore


@asynccontextmanager
async def under_way(path: Path, keys: KeyStore | None = None) -> AsyncIterator[tuple[Bench, Console]]:
    async with bench(path) as there, bonded_console(there, keys) as console:
        await start(console)
        await until_driven(console)
        yield there, console


async def gone(console: Console) -> int:
    async with asyncio.timeout(10):
        return await console.host.gone


async def back_again(there: Bench, console: Console) -> Console:
    """Reconnect with the bond."""
    await console.host.connect(there.roller.address)
    await console.host.encrypt()
    again = Console(console.host)
    await again.open()
    return again
