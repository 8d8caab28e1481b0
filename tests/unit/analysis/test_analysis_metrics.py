"""The metrics against a reference written the slow way, hand-made cases, and the laws they must keep."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glowtool.analysis.analyse import analyse, right_twin
from glowtool.analysis.metrics import ALL_METRICS, BY_KEY, HEAD_METRICS, Values
from glowtool.analysis.movements import merge_heads
from glowtool.analysis.number_text import NOTHING, band_text, number_text, started_text, text_of, value_text
from glowtool.analysis.parts import band_of_samples
from glowtool.analysis.recording import Gap, Recording, Samples, StepInfo, gap_spans_us, no_strokes
from glowtool.analysis.summary import JsonValue, SessionSummary, Verdict
from glowtool.analysis.tables import key_figures, overview, zones_table
from glowtool.analysis.verdicts import CAUTION_SHARE, IN_BAND_SHARE, Shares, verdict
from glowtool.model.face import SIGN_OF_DIRECTION, Direction, Zone
from glowtool.stream.heads import Head
from pages import metrics as document
from support.logs.recordings import FACTS, FIRST_GLOW, Plan, massage, picked, strokes_of, without_samples
from support.logs.slow_movements import bands_slowly, merged_slowly
from support.logs.streams import LAYOUT

RATE_HZ = 100
ROOT = Path(__file__).resolve().parents[3]


def recording_of(
    left_kpa: list[float],
    right_kpa: list[float],
    contact_l: list[bool],
    contact_r: list[bool],
    *,
    direction: Direction = Direction.UPWARD,
) -> Recording:
    """Return a recording of one step with a band of 2 to 5 kPa that spans every sample."""
    count = len(left_kpa)
    samples = Samples(
        sample=np.arange(count, dtype=np.int64),
        device_time_us=np.arange(count, dtype=np.int64) * 10_000,
        step=np.zeros(count, np.int64),
        pressure_kpa={Head.LEFT: np.array(left_kpa, np.float64), Head.RIGHT: np.array(right_kpa, np.float64)},
        contact={Head.LEFT: np.array(contact_l, np.bool_), Head.RIGHT: np.array(contact_r, np.bool_)},
        amplitude=np.full(count, 0.4),
        peak_ua=np.full(count, 100.0),
    )
    step = StepInfo(0, "Cheek", Zone.CHEEK_LEFT, direction, count / RATE_HZ, 2.0, 5.0, ((0, count * 10_000),))
    return Recording(FACTS, RATE_HZ, samples, no_strokes(), (), (step,), LAYOUT)


@pytest.mark.parametrize(("caution_kpa", "over_s"), [(6.0, 0.01), (3.5, 0.02), (2.0, 0.03)])
def test_over_caution_is_over_what_the_roller_of_the_recording_calls_caution(caution_kpa: float, over_s: float) -> None:
    recording = recording_of([1.0, 3.0, 4.0, 7.0], [0.0] * 4, [True] * 4, [False] * 4)
    summary = analyse(replace(recording, caution_kpa=caution_kpa))

    assert summary.session.left["time_over_caution_s"] == summary.session.both["time_over_caution_s"] == over_s
    assert f"above {caution_kpa:g} kPa" in [figure.remark for figure in key_figures(summary)]


pressures = st.floats(0, 40, allow_nan=False, width=32)
rows = st.lists(st.tuples(pressures, pressures, st.booleans(), st.booleans()), max_size=60)


def from_rows(data: list[tuple[float, float, bool, bool]]) -> Recording:
    left, right = [row[0] for row in data], [row[1] for row in data]
    return recording_of(left, right, [row[2] for row in data], [row[3] for row in data])


def reference(pressure: list[float], contact_s: float, over_s: float) -> dict[str, float | None]:
    """Compute a head's measures sample by sample, without numpy."""
    if not pressure:
        return {"contact_time_s": 0.0, "mean_pressure_kpa": None, "p95_pressure_kpa": None, "time_in_band_share": None}
    ordered = sorted(pressure)

    def percentile(percent: float) -> float:
        place = (len(ordered) - 1) * percent / 100
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    total = math.fsum(pressure)
    return {
        "contact_time_s": contact_s,
        "mean_pressure_kpa": total / len(pressure),
        "median_pressure_kpa": percentile(50),
        "p5_pressure_kpa": percentile(5),
        "p95_pressure_kpa": percentile(95),
        "peak_pressure_kpa": ordered[-1],
        "pressure_time_kpa_s": total / RATE_HZ,
        "mean_force_n": total / RATE_HZ / contact_s * 0.49,
        "time_over_caution_s": over_s,
        "time_below_band_share": sum(value < 2 for value in pressure) / len(pressure),
        "time_in_band_share": sum(2 <= value <= 5 for value in pressure) / len(pressure),
        "time_above_band_share": sum(value > 5 for value in pressure) / len(pressure),
    }


def assert_values(values: Values, wanted: dict[str, float | None]) -> None:
    for key, number in wanted.items():
        assert values[key] == (None if number is None else pytest.approx(number, rel=1e-9, abs=1e-9)), key


@given(rows)
@settings(max_examples=80, deadline=None)
def test_measures_agree_with_the_slow_reference(data: list[tuple[float, float, bool, bool]]) -> None:
    session = analyse(from_rows(data)).session
    left = [row[0] for row in data if row[2]]
    right = [row[1] for row in data if row[3]]
    assert_values(session.left, reference(left, len(left) / RATE_HZ, sum(value > 6 for value in left) / RATE_HZ))
    assert_values(session.right, reference(right, len(right) / RATE_HZ, sum(value > 6 for value in right) / RATE_HZ))
    either = sum(row[2] or row[3] for row in data) / RATE_HZ
    over = sum((row[2] and row[0] > 6) or (row[3] and row[1] > 6) for row in data) / RATE_HZ
    assert_values(session.both, reference(left + right, either, over))


@given(rows)
@settings(max_examples=60, deadline=None)
def test_band_shares_sum_to_one_or_are_all_missing(data: list[tuple[float, float, bool, bool]]) -> None:
    for values in heads(analyse(from_rows(data))):
        shares = [values[f"time_{place}_band_share"] for place in ("below", "in", "above")]
        present = [share for share in shares if share is not None]
        assert present == [] or (len(present) == 3 and sum(present) == pytest.approx(1))


@given(rows)
@settings(max_examples=40, deadline=None)
def test_equal_heads_have_no_asymmetry(data: list[tuple[float, float, bool, bool]]) -> None:
    same = [(row[0], row[0], row[2], row[2]) for row in data]
    assert set(analyse(from_rows(same)).session.symmetry.values()) <= {0, None}


@given(rows)
@settings(max_examples=40, deadline=None)
def test_swapping_the_heads_turns_the_sign_of_symmetry(data: list[tuple[float, float, bool, bool]]) -> None:
    one = analyse(from_rows(data)).session.symmetry
    other = analyse(from_rows([(row[1], row[0], row[3], row[2]) for row in data])).session.symmetry
    for key, number in one.items():
        mirrored = other[key]
        assert (number is None) == (mirrored is None)
        assert number is None or mirrored is None or number == pytest.approx(-mirrored)


@given(st.integers(0, 2**50), st.integers(0, 2**40))
@settings(max_examples=20, deadline=None)
def test_a_shift_in_time_changes_nothing(time_us: int, first_sample: int) -> None:
    base = without_samples(massage(rate_hz=50), 300, 40)
    assert analyse(shifted(base, time_us, first_sample)).to_json() == analyse(base).to_json()


def shifted(recording: Recording, time_us: int, first_sample: int) -> Recording:
    samples, strokes = recording.samples, recording.strokes
    return replace(
        recording,
        samples=replace(samples, sample=samples.sample + first_sample, device_time_us=samples.device_time_us + time_us),
        strokes=replace(strokes, start_us=strokes.start_us + time_us, end_us=strokes.end_us + time_us),
        gaps=tuple(Gap(gap.first_sample + first_sample, gap.count) for gap in recording.gaps),
        steps=tuple(
            replace(step, spans_us=tuple((start + time_us, end + time_us) for start, end in step.spans_us))
            for step in recording.steps
        ),
    )


def heads(summary: SessionSummary) -> Iterator[Values]:
    for scope in (summary.session, *(step.scope for step in summary.steps)):
        yield from (scope.left, scope.right, scope.both)


def test_a_hand_made_step() -> None:
    recording = recording_of([1, 3, 4, 7], [0, 3, 3, 3], [True, True, True, True], [False, True, True, False])
    session = analyse(recording).session
    assert_values(
        session.left,
        {
            "contact_time_s": 0.04,
            "mean_pressure_kpa": 3.75,
            "median_pressure_kpa": 3.5,
            "peak_pressure_kpa": 7,
            "pressure_time_kpa_s": 0.15,
            "mean_force_n": 3.75 * 0.49,
            "time_below_band_share": 0.25,
            "time_in_band_share": 0.5,
            "time_above_band_share": 0.25,
            "time_over_caution_s": 0.01,
        },
    )
    assert_values(session.symmetry, {"contact_time_symmetry_percent": 200 / 3})
    assert_values(session.both, {"mean_force_n": 0.21 / 0.04 * 0.49})
    # Current counts only where both heads touch: two samples of 100 µA for 10 ms each.
    assert_values(session.dose, {"vibration_min": 0.04 / 60, "current_min": 0.02 / 60, "charge_mc": 0.002})


def test_a_band_edge_belongs_to_the_band() -> None:
    session = analyse(recording_of([2, 5], [0, 0], [True, True], [False, False])).session
    assert session.left["time_in_band_share"] == 1


def stroked(rows: list[tuple[bool, int, int, float, float, int]], direction: Direction) -> SessionSummary:
    base = recording_of([3.0] * 600, [3.0] * 600, [True] * 600, [True] * 600, direction=direction)
    return analyse(replace(base, strokes=strokes_of(rows)))


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


def test_the_band_of_every_sample_is_that_of_its_step() -> None:
    recording = massage(tuple(Plan(Zone.CHIN, 3, 3, duration_s=2.0, band_kpa=(n, n + 2.5)) for n in range(4)))
    found = np.stack(band_of_samples(recording), axis=1)
    np.testing.assert_array_equal(found, np.array(bands_slowly(recording)))


def test_a_scope_is_what_its_samples_alone_give() -> None:
    """What is made once for all scopes gives each of them, bit for bit, what a recording of it alone gives."""
    whole = without_samples(massage(), 1000, 30)
    summary = analyse(whole)
    for step in whole.steps:
        alone = replace(
            whole,
            samples=picked(whole.samples, whole.samples.step == step.index),
            strokes=whole.strokes.where(whole.strokes.step == step.index),
            steps=(step,),
        )
        assert analyse(alone).session == summary.steps[step.index].scope


def test_lost_samples_are_reported_and_count_as_nothing() -> None:
    whole, holed = analyse(massage()), analyse(without_samples(massage(), 1000, 400))
    assert holed.quality.lost_samples == 400
    assert holed.session.lost_s == pytest.approx(2)
    assert holed.session.observed_s == pytest.approx(whole.session.observed_s - 2)
    lost_contact = number(whole.session.both, "contact_time_s") - number(holed.session.both, "contact_time_s")
    assert 0 < lost_contact <= 2
    assert any("400 samples" in remark for remark in holed.quality.remarks)
    assert not whole.quality.remarks


def number(values: Values, key: str) -> float:
    found = values[key]
    assert found is not None
    return found


def test_a_gap_across_a_boundary_is_split_between_the_steps() -> None:
    # Step 0 ends at 16 s, which is sample 3200.
    summary = analyse(without_samples(massage(), 3100, 300))
    assert [step.scope.lost_s for step in summary.steps] == pytest.approx([0.5, 1.0, 0.0])


def test_a_huge_gap_takes_no_memory() -> None:
    recording = replace(massage((Plan(Zone.CHIN, 3, 3),)), gaps=(Gap(10_000_000, 2**40),))
    assert analyse(recording).quality.lost_samples == 0, "it lies behind the steps"
    assert analyse(replace(recording, steps=())).quality.lost_samples == 2**40


def test_gaps_are_placed_from_the_sample_before_them_or_after() -> None:
    base = recording_of([1.0] * 4, [1.0] * 4, [True] * 4, [True] * 4)
    late = replace(base, samples=replace(base.samples, sample=base.samples.sample + 10), gaps=(Gap(8, 2), Gap(14, 3)))
    assert gap_spans_us(late) == ((-20_000, 0), (40_000, 70_000))


EMPTY = recording_of([], [], [], [])
UNTOUCHED = recording_of([0.1, 0.2], [0.1, 0.2], [False, False], [False, False])
STEPLESS = replace(massage(()), steps=())


@pytest.mark.parametrize("recording", [EMPTY, UNTOUCHED, STEPLESS, massage(), replace(EMPTY, gaps=(Gap(0, 9),))])
def test_json_is_free_of_nan_whatever_was_recorded(recording: Recording) -> None:
    summary = analyse(recording)
    again = json.loads(json.dumps(summary.to_json(), allow_nan=False))
    assert again == summary.to_json()
    for table in overview(summary):
        assert all(len(row) == len(table.headers) for row in table.rows)
        assert not any("nan" in cell or "None" in cell for row in table.rows for cell in row)


def test_nothing_measured_is_null_in_json_and_a_dash_in_text() -> None:
    session = analyse(UNTOUCHED).session
    assert session.both["mean_pressure_kpa"] is None
    assert session.both["contact_time_s"] == 0
    assert text_of(session.both, "mean_pressure_kpa") == NOTHING
    assert text_of(session.both, "contact_time_s") == "0.0 s"


def test_a_pressure_that_is_no_number_is_not_counted() -> None:
    session = analyse(recording_of([math.nan, 3.0], [0.0, 0.0], [True, True], [False, False])).session
    assert session.left["mean_pressure_kpa"] == 3
    assert session.left["contact_time_s"] == pytest.approx(0.01)


def test_channels_that_were_not_recorded_give_no_dose() -> None:
    base = massage()
    bare = replace(base, samples=replace(base.samples, amplitude=None, peak_ua=None, cells_kpa={}))
    assert set(analyse(bare).session.dose.values()) == {None}


def test_sides_are_compared_only_where_both_were_worked() -> None:
    gentler = replace(FIRST_GLOW[2], left_kpa=1.0, right_kpa=1.0)
    sides = analyse(massage(FIRST_GLOW)).sides
    assert sides["mean_pressure_symmetry_percent"] is not None
    assert sides == analyse(massage((*FIRST_GLOW[:2], gentler))).sides
    assert set(analyse(massage(FIRST_GLOW[:1])).sides.values()) == {None}


def test_every_left_zone_has_a_twin() -> None:
    twins = [right_twin(zone) for zone in Zone]
    assert [twin for twin in twins if twin] == [zone for zone in Zone if zone.name.endswith("_RIGHT")]


shares = st.floats(0, 1)


@given(below=shares, inside=shares, above=shares, over=shares)
def test_a_verdict_never_contradicts_the_shares(below: float, inside: float, above: float, over: float) -> None:
    total = below + inside + above
    assume(total > 0)
    said = Shares(below / total, inside / total, above / total, over)
    match verdict(said):
        case Verdict.OVER_CAUTION:
            assert over > CAUTION_SHARE
        case Verdict.IN_BAND:
            assert inside / total >= IN_BAND_SHARE
        case Verdict.BELOW:
            assert inside / total < IN_BAND_SHARE
            assert below >= above
        case Verdict.ABOVE:
            assert inside / total < IN_BAND_SHARE
            assert above > below
        case other:
            raise AssertionError(other)


def test_without_contact_a_zone_is_missed() -> None:
    assert verdict(Shares(None, None, None, None)) is Verdict.MISSED


def test_a_mean_in_the_band_is_no_time_in_the_band() -> None:
    """Half of the time at 1 kPa and half at 5.5 kPa have a mean of 3.25 kPa, in the middle of a band from 2 to 5."""
    uneven, touching = [1.0, 5.5] * 20, [True] * 40
    (zone,) = analyse(recording_of(uneven, uneven, touching, touching)).zones
    assert zone.mean_pressure_kpa == pytest.approx(3.25)
    assert zone.time_in_band_share == 0
    assert zone.verdict is not Verdict.IN_BAND


def test_a_charge_at_most_is_no_less_for_samples_that_were_lost() -> None:
    """What flowed in a gap is not known: the larger of the peaks at its sides, whatever the contact."""
    whole = recording_of([3.0] * 100, [3.0] * 100, [True] * 100, [True] * 100)
    rising = replace(whole, samples=replace(whole.samples, peak_ua=np.arange(100.0)))
    holed = without_samples(without_samples(rising, 97, 3), 20, 30)
    missing_mc = (sum(range(20, 50)) + 97 + 98 + 99) * 0.01 / 1000
    bound_mc = (30 * 50 + 3 * 96) * 0.01 / 1000
    full, seen = (analyse(recording).session.dose["charge_mc"] for recording in (rising, holed))
    assert full is not None
    assert full == pytest.approx(99 * 100 / 2 * 0.01 / 1000)
    assert seen == pytest.approx(full - missing_mc + bound_mc)


def test_a_zone_of_two_steps_keeps_the_band_of_each() -> None:
    """A band from 1 to 2 kPa and one from 4 to 6 are no band from 2.5 to 4; nobody asked for that."""
    plans = tuple(
        Plan(Zone.CHEEK_LEFT, sum(band) / 2, sum(band) / 2, band_kpa=band) for band in ((1.0, 2.0), (4.0, 6.0))
    )
    summary = analyse(massage(plans))
    (zone,) = summary.zones
    assert zone.bands_kpa == ((1.0, 2.0), (4.0, 6.0))
    share = value_text(BY_KEY["time_in_band_share"], zone.time_in_band_share)
    assert zones_table(summary).rows[0][1:3] == ("1–2, 4–6 kPa", share)
    told = summary.to_json()["zones"]
    assert isinstance(told, list)
    assert isinstance(told[0], dict)
    assert told[0]["bands_kpa"] == [[1.0, 2.0], [4.0, 6.0]]


def test_what_is_missing_is_a_share_of_what_the_steps_sent() -> None:
    """Samples before the first step and after the last do not thin out a loss."""
    recording = without_samples(massage((Plan(Zone.CHIN, 3, 3, duration_s=10.0),)), 400, 200)
    assert any("(10.0 %)" in remark for remark in analyse(recording).quality.remarks)


def test_bad_cells_are_named() -> None:
    base = massage()
    cells = dict(base.samples.cells_kpa)
    cells["pressure_lf"] = np.full(len(base.samples), 1.25)
    cells["pressure_rr"] = np.where(base.samples.contact[Head.RIGHT], 40.0, 0.0)
    quality = analyse(replace(base, samples=replace(base.samples, cells_kpa=cells))).quality
    assert [(bad.cell, bad.kind) for bad in quality.bad_cells] == [
        ("pressure_lf", "stuck"), ("pressure_rr", "saturated"),
    ]  # fmt: skip
    assert [cell for cell, share in quality.saturated_share.items() if share > 0] == ["pressure_rr"]
    assert len(quality.remarks) == 2


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("mean_pressure_kpa", 3.456, "3.46 kPa"),
        ("time_in_band_share", 0.474, "47 %"),
        ("stroke_count", 7, "7"),
        ("mean_pressure_symmetry_percent", 8.2, "+8 %"),
        ("mean_pressure_symmetry_percent", -8.2, "−8 %"),
        ("mean_pressure_symmetry_percent", -0.2, "0 %"),
        ("mean_pressure_symmetry_percent", 0.2, "0 %"),
        ("mean_pressure_kpa", None, "–"),
    ],
)
def test_values_as_people_read_them(key: str, value: float | None, wanted: str) -> None:
    assert value_text(BY_KEY[key], value) == wanted


def test_other_texts() -> None:
    assert number_text(-0.001, 1) == "0.0"
    assert band_text(2.0, 5.5) == "2–5.5 kPa"
    assert started_text("2026-11-22T15:41:00+00:00") == "2026-11-22 15:41 UTC"
    assert started_text("some day") == "some day"


UNITS: dict[str, tuple[str, ...]] = {
    "s": ("_s",),
    "kPa": ("_kpa",),
    "kPa·s": ("_kpa_s",),
    "N": ("_n",),
    "mm": ("_mm",),
    "mm/s": ("_mm_per_s",),
    "/min": ("_per_min",),
    "min": ("_min",),
    "mC": ("_mc",),
    "%": ("_share", "_percent"),
    "": ("_cv", "_count"),
}


def test_keys_are_unique_and_end_in_their_unit() -> None:
    assert len(BY_KEY) == len(ALL_METRICS)
    for metric in ALL_METRICS:
        assert metric.key.endswith(UNITS[metric.unit]), metric.key


def test_the_summary_has_exactly_the_declared_keys() -> None:
    session = analyse(massage()).to_json()["session"]
    assert isinstance(session, dict)
    assert list(as_object(session["both"])) == [metric.key for metric in HEAD_METRICS]


def as_object(value: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(value, dict)
    return value


def test_the_reference_page_is_up_to_date() -> None:
    assert (ROOT / "docs/reference/metrics.md").read_text("utf-8") == document.render(), "run `make docs`"


def test_the_reference_page_names_every_key() -> None:
    page = document.render()
    assert all(f"`{key}`" in page for key in BY_KEY)
    assert all(f"`{key}" in page for key in analyse(massage()).to_json() if key not in {"routine", "device"})
