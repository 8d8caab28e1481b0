"""A feed: values that a roller sends repeatedly, and the followers that receive them."""

from __future__ import annotations

import weakref
from typing import Final, Generic, TypeVar

from glowtool.device.mailbox import Mailbox

T = TypeVar("T")

#: A follower that is further behind than this loses the oldest; of statuses, five a second, that is most of a minute.
CAPACITY: Final = 256


class Feed(Generic[T]):
    """Keeps the latest value and passes each new one to every follower."""

    def __init__(self) -> None:
        self.latest: T | None = None
        self._followers: weakref.WeakSet[Mailbox[T]] = weakref.WeakSet()

    def follow(self) -> Mailbox[T]:
        """Return a stream that begins with the latest. Drop the stream to stop following."""
        follower: Mailbox[T] = Mailbox(CAPACITY)
        if self.latest is not None:
            follower.put(self.latest)
        self._followers.add(follower)
        return follower

    def publish(self, said: T) -> None:
        """Keep what was said and hand it to all followers."""
        self.latest = said
        for follower in tuple(self._followers):
            follower.put(said)

    def fail(self, error: Exception) -> None:
        """End every stream with an error."""
        for follower in tuple(self._followers):
            follower.fail(error)
