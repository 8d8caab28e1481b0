"""From notification to reading: the stages in their order, for live use and for replay alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from glowtool.errors import DecodeError
from glowtool.protocol.channels import Stream, sample_dtype, select
from glowtool.protocol.telemetry import decode_frame
from glowtool.stream.account import Accountant, AccountSettings, Fate
from glowtool.stream.block import Block, period_us
from glowtool.stream.clock import ClockEstimator
from glowtool.stream.meter import Meter
from glowtool.stream.registry import chain
from glowtool.stream.statistics import RunningStatistics

if TYPE_CHECKING:
    from glowtool.model.face import Direction
    from glowtool.protocol.channels import Channel
    from glowtool.protocol.telemetry import Frame
    from glowtool.stream.account import Counters, Gap, Verdict
    from glowtool.stream.block import Columns, IntArray, Reading, Stroke
    from glowtool.stream.clock import ClockModel
    from glowtool.stream.meter import MeterReading
    from glowtool.stream.statistics import Moments


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

    samples: Columns = field(default_factory=dict)
    strokes: tuple[Stroke, ...] = ()
    gaps: tuple[Gap, ...] = ()
    temperatures: tuple[Temperature, ...] = ()
    #: The latest reading of the live meter (10 a second), None when this frame brought none.
    meter: MeterReading | None = None
    #: Whether the device began to number anew with this frame (it restarted, or telemetry was started again).
    reset: bool = False


class Pipeline:
    """The whole way from bytes to columns."""

    def __init__(self, settings: PipelineSettings) -> None:
        self.settings = settings
        fast = select(settings.channels, Stream.FAST, settings.mask)
        self._slow = select(settings.channels, Stream.SLOW, settings.mask)
        self._dtypes = {Stream.FAST: sample_dtype(fast)}
        if self._slow:
            self._dtypes[Stream.SLOW] = sample_dtype(self._slow)
        self._accountant = Accountant(AccountSettings(settings.rate_hz, settings.device_time_us))
        self._clock = ClockEstimator()
        self._fast_channels = fast
        self._chain = chain(fast, settings.rate_hz)
        self._meter = Meter()
        self._statistics = RunningStatistics()
        self._decode_errors = 0
        self._dropped = 0

    def feed(self, data: bytes, host_time_us: int) -> Output:
        """Take one notification and its time of arrival (unix µs). Bytes that do not decode are counted, not raised."""
        try:
            frame = decode_frame(data, self._dtypes)
        except DecodeError:
            self._decode_errors += 1
            return Output()
        verdict = self._accountant.process(frame.header)
        if verdict.fate is not Fate.USED:
            return Output()
        if verdict.reset:
            self._clock.reset()
        gaps = () if verdict.gap is None else (verdict.gap,)
        if frame.header.kind is Stream.SLOW:
            return Output(temperatures=self._temperatures(frame, verdict), reset=verdict.reset)
        return replace(self._fast(frame, verdict, host_time_us), gaps=gaps, reset=verdict.reset)

    def begin_stream(self) -> None:
        """Note that telemetry was started again, after a connection that was lost."""
        self._accountant.begin()

    def settle(self, frames_sent: int | None) -> None:
        """Close the books of the stream that ended with how many frames the roller sent in it, None if unknown."""
        self._accountant.close(frames_sent)

    def finish(self, frames_sent: int | None = None) -> Output:
        """Close the last stream; `frames_sent` from the answer to telemetry stop settles the books, None if unknown."""
        self._accountant.close(frames_sent)
        rest = self._chain.flush()
        return Output(strokes=rest.strokes if rest is not None else ())

    def ask_for(self, low_kpa: float, high_kpa: float, direction: Direction) -> None:
        """Hold the meter against another band and direction, from the next sample on."""
        self._meter.set_band(low_kpa, high_kpa)
        self._meter.ask_for(direction)

    def begin_step(self, step: int) -> tuple[Moments, ...]:
        """Begin the running statistics of another step (−1: none); return those of the one that ends."""
        return self._statistics.begin(step)

    def count_dropped(self, frames: int) -> None:
        """Note frames that the host's own queue dropped; they also show up as lost."""
        self._dropped += frames

    @property
    def counters(self) -> Counters:
        """The books so far."""
        return replace(self._accountant.counters, decode_errors=self._decode_errors, dropped=self._dropped)

    @property
    def clock(self) -> ClockModel | None:
        """The clock model so far, None before the first frame."""
        return self._clock.model

    @property
    def moments(self) -> tuple[Moments, ...]:
        """Running statistics of the step in progress, left head first."""
        return self._statistics.moments

    def _fast(self, frame: Frame, verdict: Verdict, host_time_us: int) -> Output:
        ended = self._start_over() if verdict.reset else ()
        block = Block(verdict.first_sample, self.settings.rate_hz, verdict.device_time_us, frame.samples)
        # A frame is complete one period after its last sample was taken.
        self._clock.process(block.device_time_us + len(block) * period_us(block.rate_hz), host_time_us)
        if verdict.overlap:
            block = block.cut(verdict.overlap, len(block))
        if len(block) == 0:
            return Output(strokes=ended)
        reading = self._chain.process(block)
        reading = replace(reading, strokes=(*ended, *reading.strokes))
        self._statistics.process(reading)
        meters = self._meter.process(reading)
        return Output(self._columns(reading), reading.strokes, meter=meters[-1] if meters else None)

    def _start_over(self) -> tuple[Stroke, ...]:
        """Forget all samples, for the roller and its encoders have restarted; return the strokes that this ends."""
        rest = self._chain.flush()
        self._chain = chain(self._fast_channels, self.settings.rate_hz)
        return rest.strokes if rest is not None else ()

    def _columns(self, reading: Reading) -> Columns:
        """Put the host's time, by the clock model as it is now, behind the device's; the log redoes it at its end."""
        columns: Columns = {}
        for name, values in reading.columns.items():
            columns[name] = values
            if name == "device_time_us":
                columns["host_time_us"] = self._host_times_us(values.astype(np.int64))
        return columns

    def _host_times_us(self, device_times_us: IntArray) -> IntArray:
        model = self._clock.model
        if model is None:
            raise AssertionError("the frame that these samples came in has set the clock")
        return model.host_times_us(device_times_us)

    def _temperatures(self, frame: Frame, verdict: Verdict) -> tuple[Temperature, ...]:
        times_us = (verdict.device_time_us + at * period_us(1) for at in range(frame.header.count))
        return tuple(
            Temperature(
                time_us,
                {item.name: (int(row[item.name]) + item.row.offset) * item.scale for item in self._slow},
            )
            for time_us, row in zip(times_us, frame.samples, strict=True)
        )
