"""The path from notification bytes to the stream's input: blocks, gaps, slow samples, and the account of frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glowtool.drivers.gr1.incoming.account import Accountant, AccountSettings, Fate
from glowtool.drivers.gr1.incoming.runs import runs_of
from glowtool.drivers.gr1.incoming.telemetry import TimedFrame
from glowtool.errors import DecodeError
from glowtool.model.channel import Stream
from glowtool.protocol.channels import select
from glowtool.protocol.samples import Frame, decode_frame, sample_dtype
from glowtool.protocol.telemetry import SLOW_RATE_HZ
from glowtool.stream.arrivals import Restart, Slow
from glowtool.stream.block import Block, ClockPair, period_us

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.drivers.gr1.incoming.account import Placement
    from glowtool.drivers.gr1.incoming.runs import Run
    from glowtool.model.channel import Channel
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
        return tuple(self._read_one(TimedFrame(data, heard_us)))

    def read_many(self, frames: Sequence[TimedFrame]) -> tuple[Arrival, ...]:
        """Return the arrivals from notifications in order of arrival: frames that follow one another are one block."""
        if len(frames) == 1:
            return tuple(self._read_one(frames[0]))
        found: list[Arrival] = []
        for item in runs_of(frames, self._dtypes[Stream.FAST].itemsize, self.settings.rate_hz):
            found += self._read_one(item) if isinstance(item, TimedFrame) else self._read_run(item)
        return tuple(found)

    def _read_one(self, timed: TimedFrame) -> Iterator[Arrival]:
        try:
            frame = decode_frame(timed.data, self._dtypes)
        except DecodeError:
            self._decode_errors += 1
            return
        yield from self._placed(frame, self._accountant.process(frame.header), timed.host_time_us)

    def _read_run(self, run: Run) -> Iterator[Arrival]:
        first, *further = run.frames
        placement = self._accountant.process(run.header)
        if placement.fate is Fate.USED and self._accountant.follow(run.header, placement, len(further)):
            samples = run.payload.view(self._dtypes[Stream.FAST])
            yield from self._placed(
                Frame(run.header, samples), placement, *(frame.host_time_us for frame in run.frames)
            )
            return
        yield from self._placed(decode_frame(first.data, self._dtypes), placement, first.host_time_us)
        for timed in further:
            yield from self._read_one(timed)

    def _placed(self, frame: Frame, placement: Placement, *heard_us: int) -> Iterator[Arrival]:
        """Yield what a frame brings, or several that follow one another, heard at these times."""
        if placement.fate is not Fate.USED:
            return
        if placement.reset:
            yield Restart()
        if placement.gap is not None:
            yield placement.gap
        if frame.header.kind is Stream.SLOW:
            yield Slow(SLOW_RATE_HZ, placement.device_time_us, frame.samples)
            return
        rate_hz, first_us = self.settings.rate_hz, placement.device_time_us
        each_us = frame.header.count * period_us(rate_hz)
        heard = tuple([ClockPair(first_us + each_us * number, at_us) for number, at_us in enumerate(heard_us, 1)])
        block = Block(placement.first_sample, rate_hz, first_us, frame.samples, heard)
        yield block.cut(placement.overlap, len(block)) if placement.overlap else block

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
