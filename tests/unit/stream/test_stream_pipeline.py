"""The pipeline passes every sample through once, and makes a gap of a lost frame, never a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.drivers.gr1.incoming.frames import FrameSettings
from glowtool.model.channel import Stream
from glowtool.protocol.channels import CHANNELS
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.telemetry import FrameHeader
from glowtool.stream.arrivals import Books, Gap
from glowtool.stream.columns import sample_columns
from glowtool.stream.heads import Head
from glowtool.stream.pipeline import Portion
from support.logs.framed import FramedPipeline
from support.logs.streams import FAST, HOST_US, RATE_HZ, SLOW, START_US, fast_frames, random_raw, rolled

if TYPE_CHECKING:
    from glowtool.stream.block import Columns
    from glowtool.stream.pipeline import Portion


def run(frames: list[bytes], sent: int | None = None) -> tuple[list[Portion], FramedPipeline]:
    pipeline = FramedPipeline()
    outputs = [pipeline.feed(frame, HOST_US + 50_000 * number) for number, frame in enumerate(frames)]
    return [*outputs, pipeline.finish(sent)], pipeline


def joined(outputs: list[Portion]) -> Columns:
    pieces = [output.samples for output in outputs if output.samples]
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def test_a_clean_stream_comes_through_whole() -> None:
    raw = rolled(2000)
    outputs, pipeline = run(fast_frames(raw), 200)
    samples = joined(outputs)
    assert samples["sample"].tolist() == list(range(2000))
    assert samples["device_time_us"].tolist() == [START_US + 5000 * at for at in range(2000)]
    assert (samples["pressure_lf"] == raw["pressure_lf"]).all()
    assert pipeline.books == Books(sent=200, received=200)
    assert {stroke.head.value for output in outputs for stroke in output.strokes} == {"l", "r"}
    assert any(output.meter is not None and output.meter.strokes for output in outputs)


def test_the_columns_are_those_that_are_declared_in_their_order() -> None:
    samples = joined(run(fast_frames(rolled(100)))[0])
    declared = {item.name: item.dtype for item in sample_columns(FAST)}
    assert {name: values.dtype.name for name, values in samples.items()} == declared
    assert [*samples][:3] == ["sample", "device_time_us", "host_time_us"]


def test_a_lost_frame_is_a_gap_and_never_a_sample() -> None:
    frames = fast_frames(rolled(400))
    outputs, pipeline = run(frames[:10] + frames[13:], 40)
    assert [gap for output in outputs for gap in output.gaps] == [Gap(100, 30, START_US + 500_000)]
    assert 100 not in joined(outputs)["sample"]
    assert pipeline.books == Books(sent=40, received=37, lost=3)


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000), per_frame=st.integers(2, 40))
def test_the_size_of_frames_makes_no_difference(seed: int, per_frame: int) -> None:
    frames_of_any_size_say_the_same(seed, per_frame)


@pytest.mark.long
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 1000), per_frame=st.integers(1, 40))
def test_the_size_of_frames_makes_no_difference_in_many_recordings(seed: int, per_frame: int) -> None:
    frames_of_any_size_say_the_same(seed, per_frame)


def frames_of_any_size_say_the_same(seed: int, per_frame: int) -> None:
    raw = random_raw(seed, 900)
    (one, _), (other, _) = run(fast_frames(raw)), run(fast_frames(raw, per_frame=per_frame))
    left, right = joined(one), joined(other)
    same = {name: left[name].tobytes() == right[name].tobytes() for name in left if name != "host_time_us"}
    assert all(same.values()), same
    assert [stroke for output in one for stroke in output.strokes] == [
        stroke for output in other for stroke in output.strokes
    ]


def test_slow_frames_are_temperatures() -> None:
    samples = np.array([(315, -12)], dtype=sample_dtype(SLOW))
    frame = encode_frame(FrameHeader(Stream.SLOW, 1, 0, START_US, 0), samples)
    (temperature,) = FramedPipeline().feed(frame, HOST_US).temperatures
    assert temperature.device_time_us == START_US
    assert temperature.celsius == pytest.approx({"temperature_l": 31.5, "temperature_r": -1.2})


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=20))
def test_no_bytes_raise(garbage: list[bytes]) -> None:
    pipeline = FramedPipeline()
    for data in garbage:
        pipeline.feed(data, HOST_US)
    books = pipeline.books
    assert books.received + books.lost + books.duplicate + books.late == books.sent


def test_a_frame_that_does_not_decode_is_counted_and_lost() -> None:
    frames = fast_frames(rolled(50))
    frames[2] = frames[2][:-1]
    _, pipeline = run(frames, 5)
    assert pipeline.books == Books(sent=5, received=4, lost=1, decode_errors=1)


def test_a_mask_leaves_channels_out() -> None:
    pressure_only = 0b1111
    settings = FrameSettings(CHANNELS, RATE_HZ, pressure_only, START_US)
    names = ["pressure_lf", "pressure_lr", "pressure_rf", "pressure_rr"]
    frames = fast_frames(np.ascontiguousarray(rolled(20)[names]).astype(sample_dtype(FAST[:4])))
    samples = FramedPipeline(settings).feed(frames[0], HOST_US).samples
    assert "travel_l_mm" not in samples
    assert samples["pressure_l_kpa"].shape == (10,)


def test_strokes_go_on_over_lost_frames_and_a_counter_that_goes_round() -> None:
    raw = rolled(2000)
    for name in ("travel_l", "travel_r"):
        raw[name] = (raw[name].astype(np.int64) + 32_700).astype(np.int16)
    frames = fast_frames(raw)
    whole, gappy = FramedPipeline(), FramedPipeline()
    expected = [stroke for frame in frames for stroke in whole.feed(frame, HOST_US).strokes]
    kept = [frame for number, frame in enumerate(frames) if number % 7 != 3]
    found = [stroke for frame in kept for stroke in gappy.feed(frame, HOST_US).strokes]
    assert len(expected) == 18
    assert [(one.head, round(one.length_mm)) for one in found] == [(one.head, round(one.length_mm)) for one in expected]


def test_a_restart_of_the_roller_ends_its_strokes() -> None:
    raw = rolled(500)
    before = fast_frames(raw[:300])
    for name in ("travel_l", "travel_r"):
        raw[name] -= raw[name][300]
    outputs, _ = run([*before, *fast_frames(raw[300:], start_us=2_000_000)])
    assert [output.reset for output in outputs].count(True) == 1
    left = [stroke for output in outputs for stroke in output.strokes if stroke.head is Head.LEFT]
    assert [stroke.length_mm for stroke in left] == pytest.approx([60, -30, -30, 30], abs=1)
    assert (left[1].end_sample, left[2].start_sample) == (299, 300)
