"""The path from notification bytes to the stream's input: blocks, gaps, slow samples, and the account of frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glowtool.drivers.gr1.incoming.account import Accountant, AccountSettings, Fate
from glowtool.errors import DecodeError
from glowtool.model.channel import Stream
from glowtool.protocol.channels import select
from glowtool.protocol.samples import decode_frame, sample_dtype
from glowtool.protocol.telemetry import SLOW_RATE_HZ
from glowtool.stream.arrivals import Restart, Slow
from glowtool.stream.block import Block

if TYPE_CHECKING:
    from glowtool.drivers.gr1.incoming.account import Placement
    from glowtool.model.channel import Channel
    from glowtool.protocol.samples import Frame
    from glowtool.stream.arrivals import Arrival, Books


@dataclass(frozen=True, slots=True)
class FrameSettings:
    """The content of a stream's frames.

    `channels` is the roller's channel table, `mask` the one of telemetry start, `device_time_us` the device time of a
    status read shortly before (64 bits; it tells how often the frames' 32-bit time has wrapped).
    """

    channels: tuple[Channel, ...]
    rate_hz: int
    mask: int
    device_time_us: int = 0


class FrameReader:
    """Reads notifications in order of arrival, over all connections of one massage, and keeps account of the frames."""

    def __init__(self, settings: FrameSettings) -> None:
        self.settings = settings
        self._dtypes = {Stream.FAST: sample_dtype(select(settings.channels, Stream.FAST, settings.mask))}
        slow = select(settings.channels, Stream.SLOW, settings.mask)
        if slow:
            self._dtypes[Stream.SLOW] = sample_dtype(slow)
        self._accountant = Accountant(AccountSettings(settings.rate_hz, settings.device_time_us))
        self._decode_errors = 0
        self._dropped = 0

    def read(self, data: bytes, heard_us: int) -> tuple[Arrival, ...]:
        """Return the arrivals from one notification, in order; `heard_us` is the host's clock when it came (unix).

        Bytes that do not decode are counted, not raised.
        """
        try:
            frame = decode_frame(data, self._dtypes)
        except DecodeError:
            self._decode_errors += 1
            return ()
        verdict = self._accountant.process(frame.header)
        if verdict.fate is not Fate.USED:
            return ()
        found: tuple[Arrival, ...] = (self._samples(frame, verdict, heard_us),)
        if verdict.gap is not None:
            found = (verdict.gap, *found)
        return (Restart(), *found) if verdict.reset else found

    def begin(self) -> None:
        """Note that telemetry was started again after a lost connection."""
        self._accountant.begin()

    def settle(self, frames_sent: int | None) -> None:
        """Close the books of the stream that ended with how many frames the roller sent in it, None if unknown."""
        self._accountant.close(frames_sent)

    def count_dropped(self, frames: int) -> None:
        """Note frames that the host's own queue dropped; they also show up as lost."""
        self._dropped += frames

    @property
    def books(self) -> Books:
        """The books so far."""
        return replace(self._accountant.books, decode_errors=self._decode_errors, dropped=self._dropped)

    def _samples(self, frame: Frame, verdict: Placement, heard_us: int) -> Block | Slow:
        if frame.header.kind is Stream.SLOW:
            return Slow(SLOW_RATE_HZ, verdict.device_time_us, frame.samples)
        rate_hz = self.settings.rate_hz
        block = Block(verdict.first_sample, rate_hz, verdict.device_time_us, frame.samples, heard_us)
        return block.cut(verdict.overlap, len(block)) if verdict.overlap else block
