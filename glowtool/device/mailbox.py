"""A bounded hand-over from callbacks to one asynchronous reader; it never blocks the callbacks."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Items in the order in which they came; when full, the oldest is dropped and counted in `dropped`.

    The policy is for a live stream: the reader that is behind wants the newest, and the giver must not wait. Iterate
    with `async for`, or over `batches`. The iteration ends after `close`, or raises the error given to `fail`, once
    what was put before has been read.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity is {capacity}, at least 1 is needed")
        self.dropped = 0
        self._capacity = capacity
        self._items: deque[T] = deque()
        self._end: BaseException | None = None
        self._news = asyncio.Event()
        self._ended = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        """Hand over an item; nothing happens after the end."""
        if self._end is not None:
            return
        if len(self._items) == self._capacity:
            self._items.popleft()
            self.dropped += 1
        self._items.append(item)
        self._news.set()

    def close(self) -> None:
        """End the iteration after the items that are there."""
        self.fail(StopAsyncIteration())

    def fail(self, error: BaseException) -> None:
        """End the iteration with an error after the items that are there. The first end stays."""
        if self._end is None:
            self._end = error
            self._news.set()
            self._ended.set()

    async def batches(self, apart_s: float, *, hasty: int = 0) -> AsyncIterator[list[T]]:
        """Yield what has come, in batches `apart_s` apart; the first `hasty` of them and the last come at once."""
        for number in itertools.count(1):
            try:
                batch = [await anext(self)]
            except StopAsyncIteration:
                return
            batch += self._items
            self._items.clear()
            yield batch
            if number < hasty:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(apart_s):
                    await self._ended.wait()

    def __aiter__(self) -> Mailbox[T]:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()
        return self._items.popleft()
