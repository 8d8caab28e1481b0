"""Work that runs beside a block of code and ends with it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowtool.kit.system.failures import bare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine


@asynccontextmanager
async def background(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run coroutines beside the block; they are cancelled at its end.

    When one fails, the block is cancelled and the first error is raised as itself. An error of the block is also raised
    as itself, where a bare task group would wrap it.
    """
    failure: Exception | None = None
    with bare():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
            try:
                yield
            except Exception as error:  # noqa: BLE001 - raised again, once the works have ended
                failure = error
            finally:
                for task in tasks:
                    task.cancel()
    if failure is not None:
        raise failure
