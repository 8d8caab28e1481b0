"""The metrics agree with a slow reference and with cases made by hand, and they keep their laws."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.analysis.analyse import analyse
from glowtool.analysis.recordings.recording import Gap, Recording
from glowtool.analysis.tables import key_figures
from support.logs.hand_made import RATE_HZ, assert_values, heads, recording_of
from support.logs.recordings import massage, without_samples


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
