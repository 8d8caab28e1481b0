"""The latest status of a roller, and everyone who follows it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

from glowtool.device.mailbox import Mailbox

if TYPE_CHECKING:
    from glowtool.protocol.status import Status

#: A follower that is further behind than this loses the oldest statuses; at five a second that is most of a minute.
CAPACITY: Final = 256


class StatusFeed:
    """Keeps the latest status and hands each one to every follower."""

    def __init__(self) -> None:
        self.latest: Status | None = None
        self._followers: weakref.WeakSet[Mailbox[Status]] = weakref.WeakSet()

    def follow(self) -> Mailbox[Status]:
        """Return a stream of statuses that begins with the latest one. Drop the stream to stop following."""
        follower: Mailbox[Status] = Mailbox(CAPACITY)
        if self.latest is not None:
            follower.put(self.latest)
        self._followers.add(follower)
        return follower

    def publish(self, status: Status) -> None:
        """Keep a status and hand it to all followers."""
        self.latest = status
        for follower in tuple(self._followers):
            follower.put(status)

    def fail(self, error: Exception) -> None:
        """End every stream with an error."""
        for follower in tuple(self._followers):
            follower.fail(error)
