"""People who answer a pairing with yes, with no, or never."""

from __future__ import annotations

import asyncio


async def yes(*_: object) -> bool:
    return True


async def no(*_: object) -> bool:
    return False


async def never() -> int:
    waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    return await waiting
