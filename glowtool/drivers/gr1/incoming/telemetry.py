"""A running telemetry stream, from the notification callback to its one reader."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.device.mailbox import Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable


#: Frames kept for a reader that is behind: about half a minute at twenty frames a second.
CAPACITY: Final = 600

#: Frames that the roller sent before it said how many, and that are still on their way, get this long.
STRAGGLERS_S: Final = 0.25


class TimedFrame(NamedTuple):
    """The bytes of a frame, and the host's clock (unix, µs) when it was received."""

    data: bytes
    host_time_us: int


class Telemetry:
    """A telemetry stream: iterate over `frames`, which drops and counts the oldest when its reader is behind."""

    def __init__(self, host_clock_us: Callable[[], int]) -> None:
        self.frames: Mailbox[TimedFrame] = Mailbox(CAPACITY)
        self.received = 0
        self._host_clock_us = host_clock_us
        self._arrived = asyncio.Event()

    def on_notification(self, data: bytes | bytearray) -> None:
        """Take in a frame; never waits."""
        self.received += 1
        self.frames.put(TimedFrame(bytes(data), self._host_clock_us()))
        self._arrived.set()

    async def wait_for_stragglers(self, frames_sent: int) -> None:
        """Return when as many frames were received as were sent, or after a short time: then some are lost."""
        try:
            async with asyncio.timeout(STRAGGLERS_S):
                while self.received < frames_sent:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return  # the accounting of frames says which ones are missing
