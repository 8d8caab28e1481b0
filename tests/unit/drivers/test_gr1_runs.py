"""Frames that are read together bring what they bring one by one, whatever became of them on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glowtool.drivers.gr1.incoming.frames import FrameReader
from glowtool.drivers.gr1.incoming.telemetry import TimedFrame
from glowtool.model.channel import Stream
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.telemetry import FrameHeader
from glowtool.stream.block import Block, ClockPair
from support.logs.framed import SETTINGS
from support.logs.streams import DTYPE, HOST_US, RATE_HZ, SLOW, START_US, random_raw

if TYPE_CHECKING:
    from glowtool.stream.arrivals import Arrival

PERIOD_US = 1_000_000 // RATE_HZ


@dataclass
class Device:
    """A device that numbers its frames, and may be made to misbehave."""

    sequence: int = 0
    sample: int = 0
    time_us: int = START_US
    sent: list[bytes] = field(default_factory=list)

    def fast(self, count: int, *, behind: int = 0, late_us: int = 0) -> None:
        raw = random_raw(self.sample, count)
        self._send(Stream.FAST, count, (self.sample - behind) % 2**32, raw.astype(DTYPE), late_us)
        self.sample += count
        self.time_us += count * PERIOD_US

    def slow(self) -> None:
        values = np.full(1, 300).astype(np.int16).repeat(len(SLOW)).view(sample_dtype(SLOW))
        self._send(Stream.SLOW, 1, self.time_us // 1_000_000, values, 0)

    def restart(self) -> None:
        self.sequence, self.sample, self.time_us = 0, 0, 1_000_000

    def skip(self) -> None:
        self.sequence, self.sample, self.time_us = self.sequence + 3, self.sample + 30, self.time_us + 30 * PERIOD_US

    def _send(self, kind: Stream, count: int, first: int, samples: np.ndarray, late_us: int) -> None:
        time_us = (self.time_us + late_us) % 2**32
        self.sent.append(encode_frame(FrameHeader(kind, count, self.sequence % 2**16, time_us, first), samples))
        self.sequence += 1


ON_THE_WAY = ("again", "swap", "cut")
MISDEEDS = ("fast",) * 12 + ON_THE_WAY + ("slow", "skip", "restart", "overlap", "late clock", "other size", "wrap")


@st.composite
def sent(draw: st.DrawFn) -> list[bytes]:
    device = Device()
    for deed in draw(st.lists(st.sampled_from(MISDEEDS), min_size=1, max_size=60)):
        if device.sent and deed in ON_THE_WAY:
            on_the_way(draw, device.sent, deed)
        else:
            at_the_device(draw, device, deed)
    return device.sent


def at_the_device(draw: st.DrawFn, device: Device, deed: str) -> None:
    match deed:
        case "other size":
            device.fast(draw(st.integers(1, 12)))
        case "slow":
            device.slow()
        case "skip":
            device.skip()
        case "restart":
            device.restart()
        case "overlap":
            device.fast(10, behind=draw(st.integers(1, 25)))
        case "late clock":
            device.fast(10, late_us=draw(st.sampled_from((1, -5000, 5_000_000))))
        case "wrap":
            device.sequence, device.sample, device.time_us = 2**16 - 2, 2**32 - 15, 2**32 - 60_000
        case _:
            device.fast(10)


def on_the_way(draw: st.DrawFn, sent: list[bytes], deed: str) -> None:
    at = draw(st.integers(0, len(sent) - 1))
    match deed:
        case "again":
            sent.append(sent[at])
        case "swap":
            sent[-1], sent[at] = sent[at], sent[-1]
        case _:
            sent[-1] = sent[-1][: draw(st.integers(0, len(sent[-1])))]


def told(arrivals: list[Arrival]) -> list[object]:
    """Return what the arrivals say, in order: blocks by their samples, and then by what was heard of them."""
    parts: list[object] = []
    for is_block, group in groupby(arrivals, key=lambda arrival: isinstance(arrival, Block)):
        if not is_block:
            parts += map(repr, group)
            continue
        heard: list[ClockPair] = []
        for block in group:
            assert isinstance(block, Block)
            numbers = block.first_sample + np.arange(len(block))
            times_us = block.device_time_us + PERIOD_US * np.arange(len(block))
            parts += zip(numbers.tolist(), times_us.tolist(), block.raw.tolist(), strict=True)
            heard += block.heard
        parts += heard
    return parts


def require_alike(timed: list[TimedFrame], cuts: list[int]) -> None:
    """Require that a reader of batches ends where one that reads frame by frame ends, and tells the same."""
    alone, together = FrameReader(SETTINGS), FrameReader(SETTINGS)
    singly = [arrival for frame in timed for arrival in alone.read(frame.data, frame.host_time_us)]
    jointly: list[Arrival] = []
    at = 0
    for size in [*cuts, len(timed)]:
        jointly += together.read_many(timed[at : at + size])
        at += size
    assert told(jointly) == told(singly)
    assert together.books == alone.books
    assert together._accountant.state == alone._accountant.state


@given(frames=sent(), cuts=st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_frames_read_together_are_the_frames_read_one_by_one(frames: list[bytes], cuts: list[int]) -> None:
    require_alike([TimedFrame(data, HOST_US + 50_000 * number) for number, data in enumerate(frames)], cuts)


def test_every_counter_goes_round_within_a_batch() -> None:
    device = Device(sequence=2**16 - 20, sample=2**32 - 155, time_us=2**32 - 560_000)
    for _ in range(50):
        device.fast(10)
    require_alike([TimedFrame(data, HOST_US) for data in device.sent], [1])


def test_a_batch_without_losses_is_one_block() -> None:
    device = Device()
    for _ in range(50):
        device.fast(10)
    (block,) = FrameReader(SETTINGS).read_many([TimedFrame(data, HOST_US) for data in device.sent])
    assert isinstance(block, Block)
    assert (len(block), len(block.heard)) == (500, 50)
