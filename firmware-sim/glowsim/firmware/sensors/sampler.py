"""Telemetry: samples at the requested rate, packed into frames that follow one another without a gap."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.firmware.sensors.taps import Counts, Taps, outputs_raw
from glowtool.model.channel import Channel, Stream
from glowtool.protocol.channels import CHANNELS, select
from glowtool.protocol.samples import sample_dtype
from glowtool.protocol.telemetry import (
    HEADER_SIZE,
    NOTIFICATION_OVERHEAD,
    SLOW_RATE_HZ,
    FrameHeader,
    bytes_per_second,
    samples_per_frame,
)
from glowtool.protocol.wire import encode
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowsim.firmware.sensors.readings import Tare
    from glowsim.physics.types import Drive, Sensed

_SLOW_PERIOD_US: Final = MICROSECONDS_PER_SECOND // SLOW_RATE_HZ

#: Frames kept for a slow link: some seconds' worth. Older ones are dropped, as the gap in their numbers shows.
_FRAMES_KEPT: Final = 256

#: The most samples that a late tick fills in, by repeating the last reading.
_HELD_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class TelemetryPlan:
    """The layout of a telemetry stream; `per_frame` is 0 when the MTU is too small for one sample."""

    rate_hz: int
    fast: tuple[Channel, ...]
    slow: tuple[Channel, ...]
    per_frame: int
    bytes_per_second: int


def plan(rate_hz: int, channel_mask: int, mtu: int, channels: tuple[Channel, ...] = CHANNELS) -> TelemetryPlan:
    """Return the layout of a stream by its request, the MTU, and the channels of the roller."""
    fast, slow = (select(channels, stream, channel_mask) for stream in (Stream.FAST, Stream.SLOW))
    fast_size, slow_size = sample_dtype(fast).itemsize, sample_dtype(slow).itemsize
    per_frame = samples_per_frame(rate_hz, fast_size, mtu)
    if slow_size + HEADER_SIZE + NOTIFICATION_OVERHEAD > mtu:
        per_frame = 0
    cost = bytes_per_second(rate_hz, fast_size, per_frame, slow_size) if per_frame else 0
    return TelemetryPlan(rate_hz, fast, slow, per_frame, cost)


class Sampler:
    """One telemetry stream, from start to stop."""

    def __init__(self, telemetry: TelemetryPlan) -> None:
        self.rate_hz = telemetry.rate_hz
        self.frames_sent = 0
        self._plan = telemetry
        self._start_us: int | None = None
        streams = ((Stream.FAST, telemetry.fast), (Stream.SLOW, telemetry.slow))
        self._sizes = {kind: sample_dtype(channels).itemsize for kind, channels in streams}
        self._fast, self._slow = Taps(telemetry.fast), Taps(telemetry.slow)
        self._driven: Drive | None = None
        self._outputs = (0, 0)
        self._samples: list[bytes] = []
        self._first = 0
        self._next_fast = 0
        self._slow_due_us = 0
        #: Complete frames that have not been taken yet.
        self.frames: deque[bytes] = deque(maxlen=_FRAMES_KEPT)

    def sample(self, now_us: int, sensed: Sensed, cells_raw: Tare, drive: Drive) -> None:
        """Take the samples that are due at `now_us`."""
        if self._start_us is None:
            self._start_us = now_us
        passed_us = now_us - self._start_us
        due = passed_us * self.rate_hz // MICROSECONDS_PER_SECOND + 1
        if due > self._next_fast:
            self._take_fast(due, self._fast.packed(self._counts(sensed, cells_raw, drive)))
        if passed_us >= self._slow_due_us:
            if self._plan.slow:
                packed = self._slow.packed(self._counts(sensed, cells_raw, drive))
                self._emit(Stream.SLOW, passed_us, self._slow_due_us // _SLOW_PERIOD_US, packed)
            self._slow_due_us = (passed_us // _SLOW_PERIOD_US + 1) * _SLOW_PERIOD_US

    def take_frames(self) -> list[bytes]:
        """Return the complete frames, and drop them."""
        frames = list(self.frames)
        self.frames.clear()
        return frames

    def _take_fast(self, due: int, packed: bytes) -> None:
        if due - self._next_fast > _HELD_MOST:
            # Too late to fill in: the frame ends here, and the index jumps to the present.
            self._close_fast()
            self._next_fast = due - 1
        while self._next_fast < due:
            if not self._samples:
                self._first = self._next_fast
            self._samples.append(packed)
            self._next_fast += 1
            if len(self._samples) == self._plan.per_frame:
                self._close_fast()

    def _close_fast(self) -> None:
        if self._samples:
            passed_us = self._first * MICROSECONDS_PER_SECOND // self.rate_hz
            self._emit(Stream.FAST, passed_us, self._first, b"".join(self._samples))
            self._samples.clear()

    def _counts(self, sensed: Sensed, cells_raw: Tare, drive: Drive) -> Counts:
        """Return the counts of all inputs."""
        if drive is not self._driven:
            self._driven = drive
            self._outputs = outputs_raw(drive)
        left_front, left_rear, right_front, right_rear = cells_raw
        left_travel, right_travel = sensed.travel_raw
        vibration, peak_current = self._outputs
        left_temperature, right_temperature = sensed.head_temp_raw
        return Counts(
            pressure_lf=left_front,
            pressure_lr=left_rear,
            pressure_rf=right_front,
            pressure_rr=right_rear,
            travel_l=left_travel,
            travel_r=right_travel,
            impedance=sensed.impedance_raw,
            vibration=vibration,
            peak_current=peak_current,
            temperature_l=left_temperature,
            temperature_r=right_temperature,
        )

    def _emit(self, kind: Stream, passed_us: int, first: int, data: bytes) -> None:
        at_us = (self._start_us or 0) + passed_us
        count = len(data) // self._sizes[kind]
        header = FrameHeader(kind, count, self.frames_sent & 0xFFFF, at_us & 0xFFFF_FFFF, first & 0xFFFF_FFFF)
        self.frames.append(encode(header) + data)
        self.frames_sent += 1
