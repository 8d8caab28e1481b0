"""The tasks of a massage outside any connection: the tick, the reconnection, and a question that can be withdrawn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Coroutine

#: What was under way at the end, as an attempt to connect, gets this long to be given up.
LEAVING_S: Final = 3.0


class Helpers:
    """Starts tasks in a group, and ends all of them in bounds."""

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
        """Take back what the person is asked, if anything is."""
        if self._asking is not None:
            self._asking.cancel()

    async def end(self) -> None:
        """Cancel what is under way, and wait for it within reason."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LEAVING_S)
