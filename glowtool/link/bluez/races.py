"""A wait that another event may overtake."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def unless(overtaken: asyncio.Future[None], work: Coroutine[Any, Any, object]) -> bool:
    """Wait for the work and return True, or raise its error; cancel it and return False if `overtaken` comes first."""
    task = asyncio.ensure_future(work)
    either: set[asyncio.Future[Any]] = {task, overtaken}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
            return True
        return False
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # retrieved only: the overtaking event is what matters
