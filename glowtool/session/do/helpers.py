"""The tasks of a massage outside any connection: the tick, the reconnection, and a question that can be withdrawn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

#: A task still in progress at the end, such as an attempt to connect, gets this long to stop.
LEAVING_S: Final = 3.0


class Helpers:
    """Starts tasks in a group, and ends all of them in bounded time."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._tasks: list[asyncio.Task[None]] = []
        self._asking: asyncio.Task[None] | None = None

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Start a task, which ends with `end` at the latest."""
        self._tasks.append(self._group.create_task(work))
        return self._tasks[-1]

    def ask(self, work: Coroutine[object, object, None]) -> None:
        """Start a task that asks the person."""
        self._asking = self.start(work)

    def withdraw(self) -> None:
        """Withdraw the person's question, if there is one."""
        if self._asking is not None:
            self._asking.cancel()

    async def end(self) -> None:
        """Cancel all tasks in progress, and wait for them within reason."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVING_S)


def there(part: T | None) -> T:
    """Return the parts of a massage that exist before anything is carried out."""
    if part is None:
        raise AssertionError("a massage is conducted with its log open")
    return part
