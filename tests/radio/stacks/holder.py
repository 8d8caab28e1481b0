"""A block that a task of its own holds open, since a task group must be left by the task that entered it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

T = TypeVar("T")


class Holder(Generic[T]):
    """`value` is what the block gave; `close` leaves it, and raises what leaving raises."""

    def __init__(self, value: T, leave: asyncio.Event, task: asyncio.Task[None]) -> None:
        self.value = value
        self._leave = leave
        self._task = task

    @classmethod
    async def open(cls, block: AbstractAsyncContextManager[T]) -> Self:
        """Enter a block; raises what entering raises."""
        entered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        leave = asyncio.Event()

        async def hold() -> None:
            async with block as value:
                entered.set_result(value)
                await leave.wait()

        task = asyncio.create_task(hold(), name="holder of a block")
        either: set[asyncio.Future[None] | asyncio.Future[T]] = {task, entered}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not entered.done():
            task.result()
        return cls(entered.result(), leave, task)

    async def close(self) -> None:
        """Leave the block; nothing happens the second time."""
        self._leave.set()
        await self._task
