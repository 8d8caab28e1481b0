"""From notification to reading: the stages in their order, for live use and for replay alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.protocol.channels import Channel
    from glowtool.stream.account import Counters, Gap
    from glowtool.stream.block import Columns, Stroke
    from glowtool.stream.clock import ClockModel
    from glowtool.stream.meter import MeterReading


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What a stream is made of.

    `channels` is the roller's channel table, `mask` the one of telemetry start, `device_time_us` the device time of a
    status read shortly before (64 bits; it tells how often the frames' 32-bit time has wrapped).
    """

    channels: tuple[Channel, ...]
    rate_hz: int
    mask: int
    device_time_us: int = 0


@dataclass(frozen=True, slots=True)
class Temperature:
    """One slow sample: °C by channel name."""

    device_time_us: int
    celsius: dict[str, float]


@dataclass(frozen=True, slots=True)
class Output:
    """What came out of one frame; `samples` is empty or holds every samples column, each of shape (n,)."""

    samples: Columns
    strokes: tuple[Stroke, ...] = ()
    gaps: tuple[Gap, ...] = ()
    temperatures: tuple[Temperature, ...] = ()
    #: The latest reading of the live meter (10 a second), None when this frame brought none.
    meter: MeterReading | None = None


class Pipeline:
    """The whole way from bytes to columns. Make it before connecting: designing the filter loads scipy (≈ 1 s)."""

    def __init__(self, settings: PipelineSettings) -> None:
        self.settings = settings

    def feed(self, data: bytes, host_time_us: int) -> Output:
        """Take one notification and its time of arrival (unix µs). Bytes that do not decode are counted, not raised."""
        raise NotImplementedError

    def finish(self, frames_sent: int | None = None) -> Output:
        """Close the stream; `frames_sent` from the answer to telemetry stop settles the books, None if unknown."""
        raise NotImplementedError

    def set_band(self, low_kpa: float, high_kpa: float) -> None:
        """Set the pressure band of the meter, from the next sample on."""
        raise NotImplementedError

    def count_dropped(self, frames: int) -> None:
        """Note frames that the host's own queue dropped; they also show up as lost."""
        raise NotImplementedError

    @property
    def counters(self) -> Counters:
        """The books so far."""
        raise NotImplementedError

    @property
    def clock(self) -> ClockModel | None:
        """The clock model so far, None before the first frame."""
        raise NotImplementedError
