"""The segmenter finds every stroke of a hand, and none in trembling, rests, lifts or jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.stream.heads import Head
from glowtool.stream.strokes.segmenter import StrokeSegmenter
from support.logs.streams import RATE_HZ, head_reading

if TYPE_CHECKING:
    from glowtool.stream.block import FloatArray, Stroke


def strokes_of(
    travel_mm: FloatArray, pressure_kpa: FloatArray | None = None, lifted: slice | None = None
) -> list[Stroke]:
    pressure = np.full(len(travel_mm), 3.0) if pressure_kpa is None else pressure_kpa
    contact = np.ones(len(travel_mm), dtype=np.bool_)
    if lifted is not None:
        contact[lifted] = False
    segmenter = StrokeSegmenter()
    reading = segmenter.process(head_reading(np.round(travel_mm, 1), pressure, contact))
    return [*reading.strokes, *segmenter.flush().strokes]


def zigzag(turns_mm: list[float], speeds_mm_s: list[float]) -> tuple[FloatArray, list[int]]:
    """Return travel from turning point to turning point, and the samples of the turning points."""
    pieces = [np.array([turns_mm[0]])]
    corners = [0]
    for start, stop, speed in zip(turns_mm, turns_mm[1:], speeds_mm_s, strict=False):
        count = max(2, round(abs(stop - start) / speed * RATE_HZ))
        pieces.append(np.linspace(start, stop, count + 1)[1:])
        corners.append(corners[-1] + count)
    return np.concatenate(pieces), corners


@settings(deadline=None)
@given(
    lengths=st.lists(st.floats(12, 120), min_size=1, max_size=12),
    speeds=st.lists(st.floats(20, 200), min_size=12, max_size=12),
    up=st.booleans(),
)
def test_every_movement_of_a_zigzag_is_one_stroke(lengths: list[float], speeds: list[float], up: bool) -> None:
    signs = [(-1) ** (number + up) for number in range(len(lengths))]
    signed = [sign * length for sign, length in zip(signs, lengths, strict=True)]
    travel_mm, corners = zigzag(np.cumsum([0.0, *signed]).tolist(), speeds)
    found = strokes_of(travel_mm)
    assert [stroke.length_mm for stroke in found] == pytest.approx(signed, abs=0.4)
    for stroke, start, end in zip(found, corners, corners[1:], strict=False):
        # 0.35 mm (jitter and a step of the encoder) at the speeds of the strokes on both sides of the turning point.
        slack = 2 + 0.35 / 20 * RATE_HZ
        assert abs(stroke.start_sample - start) <= slack
        assert abs(stroke.end_sample - end) <= slack
        assert stroke.start_us == stroke.start_sample * 5000
        assert stroke.end_us == stroke.end_sample * 5000


def test_mean_and_peak_are_those_between_start_and_end() -> None:
    travel_mm, _ = zigzag([0, 50, 0], [50, 50])
    pressure_kpa = np.linspace(2, 4, len(travel_mm))
    for stroke in strokes_of(travel_mm, pressure_kpa):
        inside = pressure_kpa[stroke.start_sample : stroke.end_sample + 1]
        assert stroke.mean_kpa == pytest.approx(inside.mean())
        assert stroke.peak_kpa == inside.max()


def test_lifting_ends_a_stroke_and_moves_in_the_air_are_none() -> None:
    travel_mm = np.linspace(0, 120, 480)
    first, second = strokes_of(travel_mm, lifted=slice(160, 320))
    assert 157 <= first.end_sample <= 159
    assert first.known_sample == 160
    assert first.length_mm == pytest.approx(40, abs=0.5)
    assert second.start_sample == pytest.approx(320, abs=2)


def test_a_rest_ends_a_stroke_where_the_head_came_to_rest() -> None:
    travel_mm = np.concatenate([np.linspace(0, 40, 100), np.full(400, 40.0), np.linspace(40, 80, 100)])
    first, second = strokes_of(travel_mm)
    assert first.end_sample == pytest.approx(99, abs=2)
    assert second.start_sample == pytest.approx(500, abs=3)
    assert first.length_mm == pytest.approx(40, abs=0.4)
    assert second.length_mm == pytest.approx(40, abs=0.4)


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_head_that_trembles_makes_no_strokes(seed: int) -> None:
    tremor = np.random.default_rng(seed).normal(0, 0.5, 2000)
    assert strokes_of(np.clip(tremor, -1.4, 1.4)) == []


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_encoders_last_digit_makes_no_difference_to_the_count(seed: int) -> None:
    travel_mm, _ = zigzag([0, 60, 0, 60, 0], [60, 60, 60, 60])
    noisy = travel_mm + np.random.default_rng(seed).integers(-1, 2, len(travel_mm)) / 10
    assert [round(stroke.length_mm / 60) for stroke in strokes_of(noisy)] == [1, -1, 1, -1]


def test_short_movements_are_not_strokes() -> None:
    travel_mm, _ = zigzag([0, 8, 0, 8, 0], [40, 40, 40, 40])
    assert strokes_of(travel_mm) == []


#: Standing still for so many samples is a rest of `rest_s`. From 20 mm/s on, the last count takes at most two samples,
#: and twice that is slowing down.
REST_SAMPLES = 80
SLOWING_SAMPLES = 4


def paused(samples: int, speed_mm_s: float) -> FloatArray:
    """Return travel of 30 mm, a pause, and 30 mm more."""
    way_mm = np.arange(0, 30, speed_mm_s / RATE_HZ)
    return np.concatenate([way_mm, np.full(samples, 30.0), 30 + way_mm[1:], [60.0]])


@settings(deadline=None)
@given(samples=st.integers(0, REST_SAMPLES), speed_mm_s=st.floats(20, 400))
def test_a_pause_shorter_than_a_rest_does_not_split_a_stroke(samples: int, speed_mm_s: float) -> None:
    (stroke,) = strokes_of(paused(samples, speed_mm_s))
    assert stroke.length_mm == pytest.approx(60, abs=0.15)


@settings(deadline=None)
@given(samples=st.integers(REST_SAMPLES + SLOWING_SAMPLES, 400), speed_mm_s=st.floats(20, 400))
def test_a_pause_longer_than_a_rest_splits_a_stroke(samples: int, speed_mm_s: float) -> None:
    first, second = strokes_of(paused(samples, speed_mm_s))
    assert [first.length_mm, second.length_mm] == pytest.approx([30, 30], abs=0.3)


@pytest.mark.parametrize(("pause_s", "count"), [(0.2, 1), (0.35, 1), (0.5, 2), (0.6, 2)])
@pytest.mark.parametrize(("length_mm", "duration_s"), [(60, 2.0), (45, 0.7), (120, 2.6), (45, 3.2)])
@settings(deadline=None, max_examples=10)
@given(offset_mm=st.floats(0, 0.1))
def test_a_hand_that_slows_down_before_a_pause_is_not_at_rest_yet(
    pause_s: float, count: int, length_mm: float, duration_s: float, offset_mm: float
) -> None:
    time_s = np.arange(0, duration_s / 2, 1 / RATE_HZ)
    half_mm = length_mm / 4 * (1 - np.cos(2 * np.pi * time_s / duration_s))
    middle_mm = length_mm / 2
    travel_mm = np.concatenate([half_mm, np.full(round(pause_s * RATE_HZ), middle_mm), middle_mm + half_mm])
    assert len(strokes_of(travel_mm + offset_mm)) == count


@pytest.mark.parametrize("lifted_samples", range(1, 11))
@settings(deadline=None, max_examples=10)
@given(moved_mm=st.floats(-20, 20), back=st.booleans())
def test_a_lift_ends_a_stroke_however_short_and_the_way_in_the_air_is_in_none(
    lifted_samples: int, moved_mm: float, back: bool
) -> None:
    way_mm = np.linspace(0, 40, 160)
    air_mm = np.linspace(40, 40 + moved_mm, lifted_samples + 1)[1:]
    after_mm = 40 + moved_mm + (-way_mm if back else way_mm)
    travel_mm = np.concatenate([way_mm, air_mm, after_mm])
    first, second = strokes_of(travel_mm, lifted=slice(160, 160 + lifted_samples))
    assert [first.length_mm, abs(second.length_mm)] == pytest.approx([40, 40], abs=0.3)
    assert first.end_sample < 160
    assert second.start_sample >= 160 + lifted_samples


@settings(deadline=None, max_examples=30)
@given(length_mm=st.floats(12, 120), duration_s=st.floats(0.15, 60), up=st.booleans())
def test_strokes_of_any_speed_are_found(length_mm: float, duration_s: float, up: bool) -> None:
    duration_s = min(duration_s, length_mm / SLOWEST_MM_PER_S)
    way_mm = np.linspace(0, length_mm, round(duration_s * RATE_HZ) + 1) * (1 if up else -1)
    out, home = strokes_of(np.concatenate([way_mm, way_mm[::-1]]))
    signed_mm = length_mm if up else -length_mm
    assert [out.length_mm, home.length_mm] == pytest.approx([signed_mm, -signed_mm], abs=0.4)


#: A count of 0.1 mm in the time of a rest and of slowing down, with some distance: below, the encoder shows a rest.
SLOWEST_MM_PER_S = 0.1 / 0.4 * 1.1


def test_a_very_slow_stroke_of_a_hand_is_one_stroke() -> None:
    time_s = np.arange(0, 60, 1 / RATE_HZ)
    (stroke,) = strokes_of(10 * (1 - np.cos(np.pi * time_s / 60)))
    assert stroke.length_mm == pytest.approx(20, abs=1.3), "at either end it is slower than the encoder can show"


def gappy(travel_mm: FloatArray, gaps: list[tuple[int, int]], pressure_kpa: FloatArray | None = None) -> list[Stroke]:
    """Return the strokes of samples of which those in [start, stop) of each gap are missing."""
    pressure = np.full(len(travel_mm), 3.0) if pressure_kpa is None else pressure_kpa
    segmenter, at = StrokeSegmenter(), 0
    found: list[Stroke] = []
    for start, stop in [*gaps, (len(travel_mm), len(travel_mm))]:
        piece = slice(at, start)
        contact = pressure[piece] > 0.2
        reading = head_reading(np.round(travel_mm[piece], 1), pressure[piece], contact, first_sample=at)
        found += segmenter.process(reading).strokes
        at = stop
    return [*found, *segmenter.flush().strokes]


@settings(deadline=None)
@given(frames=st.sets(st.integers(1, 46), min_size=1, max_size=8))
def test_a_lost_frame_neither_cuts_a_stroke_nor_shortens_it(frames: set[int]) -> None:
    travel_mm = 30 * (1 - np.cos(np.pi * np.arange(480) / 240))
    lost = [frame for frame in sorted(frames) if not {frame - 1, frame - 2, frame - 3} <= frames]
    gaps = [(10 * frame, 10 * frame + 10) for frame in lost]
    found = gappy(travel_mm, gaps)
    assert [stroke.length_mm for stroke in found] == pytest.approx([60, -60], abs=0.6)


@settings(deadline=None)
@given(start=st.integers(20, 150), missing=st.integers(1, 79))
def test_a_gap_shorter_than_a_rest_is_bridged_where_the_encoder_rolled_on(start: int, missing: int) -> None:
    (stroke,) = gappy(np.linspace(0, 60, 240), [(start, start + missing)])
    assert stroke.length_mm == pytest.approx(60, abs=0.2)
    assert stroke.mean_kpa == pytest.approx(3.0), "only samples that are there are in the mean"


@settings(deadline=None)
@given(missing=st.integers(80, 400))
def test_a_longer_gap_ends_a_stroke_at_the_last_sample_before_it(missing: int) -> None:
    travel_mm = np.linspace(0, 120, 240 + missing)
    first, second = gappy(travel_mm, [(120, 120 + missing)])
    assert (first.head, first.end_sample) == (Head.LEFT, 119)
    assert second.start_sample >= 120 + missing


@settings(deadline=None)
@given(missing=st.integers(31, 79), forth=st.integers(0, 10), lifted=st.integers(31, 60))
def test_a_gap_that_may_hide_a_lift_ends_a_stroke(missing: int, forth: int, lifted: int) -> None:
    way_mm = 30 * (1 - np.cos(np.pi * np.arange(400) / 400))
    lifted = min(lifted, missing)
    travel_mm = np.concatenate([way_mm, np.full(lifted, 60.0), 60 + way_mm])
    start = 400 - min(forth, missing - lifted)
    assert [round(stroke.length_mm / 60) for stroke in gappy(travel_mm, [(start, start + missing)])] == [1, 1]


@settings(deadline=None)
@given(missing=st.integers(31, 79), before=st.integers(0, 79), pressing=st.booleans())
def test_a_gap_in_a_slow_turn_does_not_cut_the_stroke(missing: int, before: int, pressing: bool) -> None:
    travel_mm = 30 * (1 - np.cos(np.pi * np.arange(960) / 480))
    pressure_kpa = np.full(960, 3.0)
    pressure_kpa[:480] += pressing
    start = 480 - min(before, missing)
    out, home = gappy(travel_mm, [(start, start + missing)], pressure_kpa)
    # The farthest point itself may be missing, from half the gap at the longest.
    assert [out.length_mm, home.length_mm] == pytest.approx([60, -60], abs=1.3 if before in (0, missing) else 4.2)
    assert out.peak_kpa == 3.0 + pressing


def test_a_head_that_comes_back_from_a_gap_without_contact_was_lifted_in_it() -> None:
    travel_mm, pressure_kpa = np.linspace(0, 90, 360), np.full(360, 3.0)
    pressure_kpa[130:200] = 0.0
    first, second = gappy(travel_mm, [(120, 140)], pressure_kpa)
    assert first.end_sample == 119
    assert second.start_sample >= 200


def test_a_jump_that_no_hand_makes_is_in_no_stroke() -> None:
    travel_mm = np.concatenate([np.linspace(0, 40, 160), np.linspace(-900, -860, 160)])
    assert [stroke.length_mm for stroke in strokes_of(travel_mm)] == pytest.approx([40, 40], abs=0.3)


@settings(deadline=None)
@given(data=st.data())
def test_the_two_heads_are_found_each_for_itself(data: st.DataObject) -> None:
    ways = {
        head: data.draw(st.lists(st.floats(12, 60), min_size=1, max_size=4), label=head)
        for head in (Head.LEFT, Head.RIGHT)
    }
    readings = {}
    for head, lengths in ways.items():
        signed = [(-1) ** number * length for number, length in enumerate(lengths)]
        travel_mm, _ = zigzag(np.cumsum([0.0, *signed]).tolist(), [40.0] * len(lengths))
        held_mm = np.concatenate([travel_mm, np.full(2000 - len(travel_mm), travel_mm[-1])])
        readings[head] = head_reading(np.round(held_mm, 1), np.full(2000, 3.0), np.ones(2000, np.bool_), head=head)
    right = readings[Head.RIGHT].columns
    both = readings[Head.LEFT].adding({name: right[name] for name in ("travel_r_mm", "pressure_r_kpa", "contact_r")})
    segmenter = StrokeSegmenter()
    found = [*segmenter.process(both).strokes, *segmenter.flush().strokes]
    for head, lengths in ways.items():
        assert [abs(stroke.length_mm) for stroke in found if stroke.head is head] == pytest.approx(lengths, abs=0.4)


def test_a_light_moment_of_a_slow_hand_is_no_lift() -> None:
    travel_mm = np.linspace(0, 40, 1600)
    pressure_kpa = np.full(1600, 3.0)
    pressure_kpa[700:704] = 0.5
    (stroke,) = strokes_of(travel_mm, pressure_kpa)
    assert stroke.length_mm == pytest.approx(40, abs=0.3)
