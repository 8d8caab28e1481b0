"""The metrics count, judge and time strokes, and merge the strokes of two heads that roll together."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.analysis.analyse import analyse
from glowtool.analysis.measuring.movements import merge_heads
from glowtool.model.face import SIGN_OF_DIRECTION, Direction
from support.logs.hand_made import assert_values, recording_of, stroked
from support.logs.recordings import strokes_of, without_samples
from support.logs.slow_movements import merged_slowly


def test_strokes_of_one_head() -> None:
    rows = [
        (True, 0, 1_000_000, 50.0, 4.0, 0),
        (True, 2_000_000, 3_000_000, 70.0, 6.0, 0),
        (True, 5_000_000, 5_500_000, -30.0, 5.0, 0),
    ]
    assert_values(
        stroked(rows, Direction.UPWARD).session.left,
        {
            "stroke_count": 2,
            "stroke_rate_per_min": 20,
            "stroke_length_mm": 60,
            "stroke_speed_mm_per_s": 60,
            "strokes_in_direction_share": 2 / 3,
            "stroke_interval_cv": None,
            "stroke_peak_cv": math.sqrt(2) / 5,
        },
    )


def there_and_back(
    strokes: int, first_mm: float, rest_us: int = 100_000
) -> list[tuple[bool, int, int, float, float, int]]:
    """Return strokes of 0.4 s, each the other way than the one before it."""
    period_us = 400_000 + rest_us
    return [(True, n * period_us, n * period_us + 400_000, first_mm * (-1) ** n, 4.0, 0) for n in range(strokes)]


@pytest.mark.parametrize(("first_mm", "as_asked", "counted"), [(50.0, 1.0, 5), (-50.0, 0.0, 5)])
def test_a_way_back_is_neither_counted_nor_judged(first_mm: float, as_asked: float, counted: int) -> None:
    left = stroked(there_and_back(10, first_mm), Direction.UPWARD).session.left
    assert_values(left, {"stroke_count": counted, "strokes_in_direction_share": as_asked})


def test_the_other_way_after_a_rest_is_judged() -> None:
    left = stroked(there_and_back(4, 50.0, rest_us=1_100_000), Direction.UPWARD).session.left
    assert left["strokes_in_direction_share"] == 0.5


def test_one_stroke_has_a_length_but_no_rhythm() -> None:
    left = stroked([(True, 0, 1_000_000, 50.0, 4.0, 0)], Direction.ANY).session.left
    assert_values(left, {"stroke_count": 1, "stroke_length_mm": 50, "stroke_interval_cv": None, "stroke_peak_cv": None})
    assert left["strokes_in_direction_share"] is None


def test_a_stroke_without_duration_has_no_speed() -> None:
    left = stroked([(True, 0, 0, 50.0, 4.0, 0)], Direction.UPWARD).session.left
    assert left["stroke_speed_mm_per_s"] is None


@pytest.mark.parametrize("direction", [direction for direction in Direction if direction is not Direction.ANY])
def test_every_direction_has_a_sign_and_its_opposite(direction: Direction) -> None:
    forward, back = (stroked([(True, 0, 10, length, 4.0, 0)], direction).session.left for length in (50.0, -50.0))
    wanted = 1.0 if SIGN_OF_DIRECTION[direction] > 0 else 0.0
    assert forward["strokes_in_direction_share"] == wanted
    assert back["strokes_in_direction_share"] == 1 - wanted


@pytest.mark.parametrize(
    ("first", "count", "cv"),
    [
        pytest.param(160, 25, 0, id="0.25 s between two strokes may hide one"),
        pytest.param(160, 10, math.sqrt(1 / 3) / (4 / 3), id="0.1 s cannot"),
        pytest.param(105, 25, math.sqrt(1 / 3) / (4 / 3), id="a stroke that goes on over a gap hides none"),
    ],
)
def test_an_interval_with_a_gap_that_may_hide_a_stroke_is_none(first: int, count: int, cv: float) -> None:
    rows = [(True, start, start + 500_000, 50.0, 4.0, 0) for start in (0, 1_000_000, 3_000_000, 4_000_000)]
    base = recording_of([3.0] * 600, [3.0] * 600, [True] * 600, [True] * 600)
    whole = replace(base, strokes=strokes_of(rows))
    assert analyse(without_samples(whole, first, count)).session.left["stroke_interval_cv"] == pytest.approx(cv)


@pytest.mark.parametrize(("count", "per_min"), [(10, 60.0), (39, 60.0), (40, 60 * 6 / 5.2)])
def test_gaps_over_which_strokes_go_on_do_not_raise_the_rate(count: int, per_min: float) -> None:
    rows = [(True, start * 1_000_000, start * 1_000_000 + 900_000, 50.0, 4.0, 0) for start in range(6)]
    recording = replace(recording_of([3.0] * 600, [3.0] * 600, [True] * 600, [True] * 600), strokes=strokes_of(rows))
    for first in (120, 320):
        recording = without_samples(recording, first, count)
    summary = analyse(recording)
    assert summary.session.left["stroke_rate_per_min"] == pytest.approx(per_min)
    assert summary.steps[0].scope.left["stroke_rate_per_min"] == pytest.approx(per_min)


def test_what_was_bridged_is_said_and_counted() -> None:
    rows = [(is_left, start, start + 900_000, 50.0, 4.0, 0) for start in (0, 1_000_000, 2_000_000) for is_left in BOTH]
    recording = replace(recording_of([3.0] * 600, [3.0] * 600, [True] * 600, [True] * 600), strokes=strokes_of(rows))
    assert analyse(without_samples(recording, 92, 8)).quality.bridged_strokes == 0, "that gap is between two strokes"
    for first in (20, 70, 250):
        recording = without_samples(recording, first, 10)
    quality = analyse(recording).quality
    assert quality.bridged_strokes == 2
    assert quality.bridged_s == pytest.approx(0.3)
    assert any("2 strokes continued over gaps of 0.30 s" in remark for remark in quality.remarks)
    told = analyse(recording).to_json()["quality"]
    assert isinstance(told, dict)
    assert (told["bridged_strokes"], told["bridged_s"]) == (2, 0.3)


BOTH = (True, False)


def test_heads_that_roll_together_make_one_movement() -> None:
    rows = [
        (True, 0, 1000, 50.0, 4.0, 0),
        (False, 400, 1400, 60.0, 5.0, 0),  # overlaps by 600 of 1000: the same movement
        (True, 2000, 3000, 50.0, 4.0, 0),
        (False, 2600, 3600, 50.0, 4.0, 0),  # by 400: another
        (True, 5000, 6000, 50.0, 4.0, 0),
        (False, 5000, 6000, -50.0, 4.0, 0),  # the other way: another
        (True, 7000, 8000, 50.0, 4.0, 0),
        (False, 7000, 8000, 50.0, 4.0, 1),  # in another step
    ]
    merged = merge_heads(strokes_of(rows))
    assert len(merged) == 7
    assert (merged.start_us[0], merged.end_us[0], merged.length_mm[0], merged.peak_kpa[0]) == (0, 1400, 55.0, 5.0)


spans = st.tuples(st.booleans(), st.integers(0, 500), st.integers(1, 80), st.sampled_from([-40.0, 40.0]))


@given(st.lists(spans, max_size=25))
@settings(max_examples=80, deadline=None)
def test_merging_pairs_at_most_one_left_with_one_right(data: list[tuple[bool, int, int, float]]) -> None:
    rows = [(is_left, start, start + length, travel, 3.0, 0) for is_left, start, length, travel in data]
    merged = len(merge_heads(strokes_of(rows)))
    left = sum(is_left for is_left, *_ in data)
    assert max(left, len(data) - left) <= merged <= len(data)


crowded = st.tuples(
    st.booleans(), st.integers(0, 300), st.integers(0, 60), st.sampled_from([-40.0, 40.0]), st.integers(0, 1)
)


@given(st.lists(crowded, max_size=40))
@settings(max_examples=200, deadline=None)
def test_merging_is_bit_for_bit_what_one_stroke_at_a_time_gives(data: list[tuple[bool, int, int, float, int]]) -> None:
    rows = [(is_left, start, start + us, travel + us / 7, us / 3, step) for is_left, start, us, travel, step in data]
    merged = merge_heads(strokes_of(rows))
    columns = merged.head == "l", merged.start_us, merged.end_us, merged.length_mm, merged.peak_kpa, merged.step
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == merged_slowly(strokes_of(rows))
