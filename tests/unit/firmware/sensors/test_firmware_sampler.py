"""Telemetry carries every sample once and in order, and the headers of its frames account for all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.firmware.sensors.sampler import Sampler, plan
from glowsim.physics.types import Drive
from glowtool.model.channel import Stream
from glowtool.model.output import Waveform
from glowtool.protocol.channels import ALL_FAST, CHANNELS, select
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.commands.payloads import TelemetryGranted
from glowtool.protocol.samples import Frame, decode_frame, sample_dtype
from glowtool.protocol.status import RATES_HZ
from glowtool.protocol.telemetry import samples_per_frame
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import SKIN, Bench

SLOW = sample_dtype(select(CHANNELS, Stream.SLOW, 0))
ONE_HEAD = 0b11  # two pressure cells: four bytes a sample


def frames_of(mask: int, raw: list[bytes]) -> list[Frame]:
    dtypes = {Stream.FAST: sample_dtype(select(CHANNELS, Stream.FAST, mask)), Stream.SLOW: SLOW}
    return [decode_frame(data, dtypes) for data in raw]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(("mtu", "mask"), [(23, ONE_HEAD), (247, ALL_FAST), (247, ONE_HEAD)])
def test_frames_account_for_every_sample(rate_hz: int, mtu: int, mask: int) -> None:
    bench = Bench()
    answer = bench.send(Opcode.TELEMETRY_START, TelemetryStart(rate_hz, mask), mtu=mtu)
    assert isinstance(answer.payload, TelemetryGranted)
    start_us = bench.now_us
    raw: list[bytes] = []
    while bench.now_us < start_us + 3_000_000:
        bench.tick(bench.firmware.tick_us)
        raw += bench.firmware.take_frames()
    assert all(len(data) <= mtu - 3 for data in raw)
    frames = frames_of(mask, raw)
    assert [frame.header.sequence for frame in frames] == list(range(len(frames)))
    fast = [frame.header for frame in frames if frame.header.kind is Stream.FAST]
    slow = [frame.header for frame in frames if frame.header.kind is Stream.SLOW]
    per_frame = answer.payload.samples_per_frame
    assert per_frame == samples_per_frame(rate_hz, sample_dtype(select(CHANNELS, Stream.FAST, mask)).itemsize, mtu)
    assert {header.count for header in fast} == {per_frame}
    assert [header.first_sample for header in fast] == [number * per_frame for number in range(len(fast))]
    assert [header.first_sample for header in slow] == [0, 1, 2]
    first_us = fast[0].device_time_us
    assert all(header.device_time_us - first_us == header.first_sample * 1_000_000 // rate_hz for header in fast)
    assert sum(header.count for header in fast) == pytest.approx(3 * rate_hz, abs=per_frame)
    assert sum(map(len, raw)) / 3 == pytest.approx(answer.payload.bytes_per_second, rel=0.03)


def test_samples_carry_what_was_sensed_and_driven() -> None:
    sampler = Sampler(plan(50, ALL_FAST, 247))
    sensed = replace(SKIN, travel_raw=(-32768, 32767), impedance_raw=0xFFFF)
    drive = Drive(0.5, 75.0, 400.0, 10.0, Waveform.MODULATED)
    for tick in range(20):
        sampler.sample(tick * 5000, sensed, (1, 2, 3, 4000), drive)
    slow, fast, *_ = frames_of(ALL_FAST, sampler.take_frames())
    assert fast.samples[0].tolist() == (1, 2, 3, 4000, -32768, 32767, 0xFFFF, 100, 200)
    assert slow.samples[0].tolist() == (320, 320)


def test_a_mask_picks_channels_in_table_order() -> None:
    mask = 1 << 8 | 1 << 4 | 1 << 0
    sampler = Sampler(plan(400, mask, 247))
    sensed = replace(SKIN, cells_raw=(7, 8, 9, 10), travel_raw=(-5, 6))
    for tick in range(60):
        sampler.sample(tick * 2500, sensed, sensed.cells_raw, Drive(peak_ua=20.0))
    fast = [frame for frame in frames_of(mask, sampler.take_frames()) if frame.header.kind is Stream.FAST]
    assert fast[0].samples.dtype.names == ("pressure_lf", "travel_l", "peak_current")
    assert np.all(fast[0].samples == np.array([(7, -5, 10)], dtype=fast[0].samples.dtype))


@given(
    gaps_ms=st.lists(st.sampled_from((5, 5, 5, 10, 35, 400)), min_size=1, max_size=80),
    rate_hz=st.sampled_from(RATES_HZ),
)
@settings(deadline=None)
def test_late_ticks_never_give_a_sample_twice_or_out_of_order(gaps_ms: list[int], rate_hz: int) -> None:
    sampler = Sampler(plan(rate_hz, ALL_FAST, 247))
    now_us = 0
    for gap_ms in [0, *gaps_ms]:
        now_us += gap_ms * 1000
        sampler.sample(now_us, SKIN, SKIN.cells_raw, Drive())
    frames = [frame.header for frame in frames_of(ALL_FAST, sampler.take_frames())]
    assert [header.sequence for header in frames] == list(range(len(frames)))
    assert len(frames) == sampler.frames_sent
    due = -1
    for header in frames:
        if header.kind is Stream.FAST:
            assert header.first_sample >= max(due, 0)
            assert header.device_time_us == header.first_sample * 1_000_000 // rate_hz
            due = header.first_sample + header.count
    assert due <= now_us * rate_hz // 1_000_000 + 1


def test_a_link_that_takes_nothing_loses_the_oldest_and_the_numbers_tell() -> None:
    sampler = Sampler(plan(400, ALL_FAST, 247))
    for tick in range(400 * 20):
        sampler.sample(tick * 2500, SKIN, SKIN.cells_raw, Drive())
    frames = frames_of(ALL_FAST, sampler.take_frames())
    assert len(frames) == 256
    assert frames[0].header.sequence == sampler.frames_sent - 256


def test_the_tick_is_shorter_only_at_the_highest_rate() -> None:
    bench = Bench()
    assert bench.firmware.tick_us == 5000
    assert bench.result(Opcode.TELEMETRY_START, TelemetryStart(400, ALL_FAST)) is Result.SUCCESS
    assert bench.firmware.tick_us == 2500
    assert bench.firmware.tick_us == 2500
    bench.send(Opcode.TELEMETRY_STOP)
    assert bench.firmware.tick_us == 5000
