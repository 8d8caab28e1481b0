"""An operation that does not outlive the object it works on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


async def until(end: asyncio.Future[Any], operation: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Return the operation as a finished task: completed, or cancelled because `end` came first."""
    task = asyncio.ensure_future(operation)
    either: set[asyncio.Future[Any]] = {task, end}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    return task
