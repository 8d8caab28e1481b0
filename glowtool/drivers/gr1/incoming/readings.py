"""The readings of one massage: started on each of its connections, read as arrivals, and accounted for as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from glowtool.drivers.gr1.incoming.frames import FrameReader, FrameSettings
from glowtool.errors import CommandRefusedError
from glowtool.model.channel import Stream
from glowtool.protocol.channels import select
from glowtool.stream.live.meter import READINGS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.drivers.gr1.incoming.telemetry import Telemetry
    from glowtool.model.channel import Channel
    from glowtool.model.status import Status
    from glowtool.stream.arrivals import Arrival, Books


#: As many batches are read as they come: about a second, twice as long as it takes to find the zero.
_HASTY: Final = 20


class Streaming(Protocol):
    """The interface of a connected roller that readings need."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channel table of the roller."""
        ...

    @property
    def status(self) -> Status:
        """The latest status."""
        ...

    async def telemetry_start(self, rate_hz: int, channel_mask: int) -> Telemetry:
        """Start telemetry."""
        ...

    async def telemetry_stop(self) -> int:
        """Stop telemetry, and return how many frames were sent."""
        ...


class Readings:
    """Start it, iterate over `arrivals`, and stop it; after a loss, start it again on the new connection.

    `channels` are those that it brings. `unsure` says that it was asked for and nothing was answered, so that nobody
    knows which stream the roller calls its newest.
    """

    def __init__(self, roller: Streaming, rate_hz: int, mask: int) -> None:
        self.rate_hz = rate_hz
        self.channels: tuple[Channel, ...] = streamed(roller.channels, mask)
        self.unsure = False
        self._roller = roller
        self._mask = mask
        self._reader = FrameReader(FrameSettings(roller.channels, rate_hz, mask, roller.status.device_time_us))
        self._telemetry: Telemetry | None = None

    async def start(self) -> None:
        """Start telemetry on the connection that there is now; raises `CommandRefusedError`, `LinkError`."""
        self._reader.begin()
        self.unsure = True
        try:
            self._telemetry = await self._roller.telemetry_start(self.rate_hz, self._mask)
        except CommandRefusedError:
            self._reader.settle(0)
            raise
        self.unsure = False

    async def arrivals(self) -> AsyncIterator[tuple[Arrival, ...]]:
        """Yield what the frames of each tick of the meter brought; raises `ConnectionLostError` when it is lost.

        The first frames are read as they come: a massage waits for the zero of its cells before its start.
        """
        telemetry = self._telemetry
        if telemetry is None:
            raise AssertionError("nothing arrives before the start")
        dropped = 0
        async for frames in telemetry.frames.batches(1 / READINGS_PER_SECOND, hasty=_HASTY):
            if telemetry.frames.dropped > dropped:
                self._reader.count_dropped(telemetry.frames.dropped - dropped)
                dropped = telemetry.frames.dropped
            yield self._reader.read_many(frames)

    async def stop(self) -> int:
        """Stop telemetry and return how many frames the roller says it sent; `settle` enters it, after the last one."""
        return await self._roller.telemetry_stop()

    def settle(self, frames_sent: int | None) -> None:
        """Close the account of the ended stream, with its number of frames; None when that is unknown."""
        self._reader.settle(frames_sent)

    @property
    def books(self) -> Books:
        """The books so far, of all connections."""
        return self._reader.books


def streamed(channels: tuple[Channel, ...], mask: int) -> tuple[Channel, ...]:
    """Return the channels that a stream with this mask brings: the fast ones asked for, and every slow one."""
    return (*select(channels, Stream.FAST, mask), *select(channels, Stream.SLOW, mask))
