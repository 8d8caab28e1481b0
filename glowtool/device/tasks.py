"""Tasks with an owner: kept while they run, ended with the connection they belong to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

#: A cancelled task gets this long to end.
ENDING_S: Final = 2.0


class TaskKeeper:
    """The tasks of one connection. They outlive the caller that asked for them, and never the connection.

    A task group does not fit here: a write to the roller must not be torn off in the middle because the caller that
    waits for its answer was cancelled, and a caller must be able to ask from a plain callback.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    def start(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        """Start `work`. A caller that wants its result or its exception awaits the task."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as seen: a waiter for the task gets it, but there may be none

    async def aclose(self) -> None:
        """Cancel all running tasks and wait for their end, but not for ever: a stack may hang."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=ENDING_S)
