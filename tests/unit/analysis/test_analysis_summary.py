"""The summary gives verdicts and values as people read them, also as JSON, and a page explains every key."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from glowtool.analysis.analyse import analyse, right_twin
from glowtool.analysis.measuring.metrics import ALL_METRICS, BY_KEY, HEAD_METRICS
from glowtool.analysis.number_text import NOTHING, band_text, number_text, started_text, text_of, value_text
from glowtool.analysis.recordings.recording import Gap, Recording
from glowtool.analysis.summary import JsonValue, Verdict
from glowtool.analysis.tables import (
    dose_table,
    measures_table,
    quality_table,
    steps_table,
    symmetry_table,
    zones_table,
)
from glowtool.analysis.verdicts import CAUTION_SHARE, IN_BAND_SHARE, Shares, verdict
from glowtool.model.face import Zone
from glowtool.stream.heads import Head
from pages import metrics as document
from support.logs.hand_made import recording_of
from support.logs.recordings import FIRST_GLOW, Plan, massage

ROOT = Path(__file__).resolve().parents[3]
EMPTY = recording_of([], [], [], [])
UNTOUCHED = recording_of([0.1, 0.2], [0.1, 0.2], [False, False], [False, False])
STEPLESS = replace(massage(()), steps=())

#: The tables of a report.
TABLES = (steps_table, measures_table, symmetry_table, dose_table, quality_table, zones_table)


@pytest.mark.parametrize("recording", [EMPTY, UNTOUCHED, STEPLESS, massage(), replace(EMPTY, gaps=(Gap(0, 9),))])
def test_json_is_free_of_nan_whatever_was_recorded(recording: Recording) -> None:
    summary = analyse(recording)
    again = json.loads(json.dumps(summary.to_json(), allow_nan=False))
    assert again == summary.to_json()
    for table in (each(summary) for each in TABLES):
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
