from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.stream.block import FloatArray, Head, Stroke
from glowtool.stream.strokes import StrokeSegmenter
from support.streams import RATE_HZ, head_reading


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


def test_a_gap_ends_a_stroke_at_the_last_sample_before_it() -> None:
    travel_mm = np.linspace(0, 60, 240)
    everywhere = np.ones(240, dtype=np.bool_)
    pressure_kpa = np.full(240, 3.0)
    segmenter = StrokeSegmenter()
    assert segmenter.process(head_reading(travel_mm, pressure_kpa, everywhere)).strokes == ()
    after = head_reading(travel_mm + 60, pressure_kpa, everywhere, first_sample=300)
    (stroke,) = segmenter.process(after).strokes
    assert (stroke.head, stroke.end_sample) == (Head.LEFT, 239)
