"""Another device's file becomes a log with its values; what is missing is a gap, and what is wrong is named."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.analysis.log import analyse_log
from glowtool.app.logs.importing import import_csv
from glowtool.app.place import Place
from glowtool.errors import InputError, StoreError
from glowtool.model.channel import Place as Where
from glowtool.model.channel import Quantity
from glowtool.store.imports.mapping import mapping_of
from glowtool.store.imports.suggest import suggested
from glowtool.store.imports.write import channel_of
from glowtool.store.logs.log import SessionLog

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.logs.importing import Imported

MAPPING = """\
[file]
separator = ";"
decimal = ","
header_lines = 2
[time]
column = "t [ms]"
unit = "ms"
[session]
zone = "jaw-left"
device = "Pad 3"
started = 2026-11-20T10:00:00Z
[[channels]]
column = "links [kPa]"
place = "left-front"
unit = "kPa"
[[channels]]
column = "rechts [mbar]"
place = "right-front"
unit = "mbar"
scale = 2.0
offset = -1.0
[[channels]]
column = "Weg [mm]"
place = "left-head"
quantity = "travel"
unit = "mm"
"""
HEADER = "Pad 3\nt [ms];links [kPa];rechts [mbar];Weg [mm]\n"


def line(at_ms: float, left: str = "3,5") -> str:
    return f"{at_ms:g};{left};20,5;{at_ms / 10:.1f}".replace(".", ",") + "\n"


def file_of(folder: Path, lines: list[str], mapping: str = MAPPING, header: str = HEADER) -> tuple[Path, Path]:
    path, beside = folder / "pad.csv", folder / "pad.toml"
    path.write_text(header + "".join(lines), encoding="utf-8")
    beside.write_text(mapping)
    return path, beside


def imported(folder: Path, lines: list[str], mapping: str = MAPPING, resample_hz: int | None = None) -> Imported:
    return import_csv(Place(data_dir=folder), *file_of(folder, lines, mapping), resample_hz=resample_hz)


def test_values_and_times_are_those_of_the_file(tmp_path: Path) -> None:
    done = imported(tmp_path, [line(at * 10) for at in range(300)])
    log = SessionLog.open(done.folder)
    columns = log.samples()
    assert (done.samples, log.manifest.rate_hz, done.told) == (300, 100, ())
    assert np.allclose(columns["pressure_left_front_kpa"], 3.5, rtol=0, atol=1e-3)
    assert np.allclose(columns["pressure_right_front_kpa"], (20.5 * 2 - 1) / 10, rtol=0, atol=1e-3)
    assert np.allclose(columns["travel_left_head_mm"], np.arange(300), rtol=0, atol=0.05)
    start_us = round(datetime(2026, 11, 20, 10, tzinfo=UTC).timestamp() * 1e6)
    assert columns["host_time_us"].tolist() == [start_us + at * 10_000 for at in range(300)]
    source = log.manifest.imported
    assert source is not None
    assert (source.file, source.rows, source.missing_rows, source.resampled) == ("pad.csv", 300, 0, False)
    assert log.manifest.damage is None


def test_it_is_analysed_like_any_other(tmp_path: Path) -> None:
    summary = analyse_log(SessionLog.open(imported(tmp_path, [line(at * 10) for at in range(300)]).folder))
    (step,) = summary.steps
    assert step.scope.both["mean_pressure_kpa"] == pytest.approx(3.75, abs=0.01)
    assert step.scope.both["contact_time_s"] == pytest.approx(3.0, abs=0.05)


def test_rows_that_are_not_there_or_lack_a_value_are_gaps(tmp_path: Path) -> None:
    lines = [line(at * 10, "" if at == 50 else "NaN" if at == 51 else "3,5") for at in range(300)]
    done = imported(tmp_path, lines[:100] + lines[120:])
    log = SessionLog.open(done.folder)
    assert [(gap.first_sample, gap.count) for gap in log.gaps()] == [(50, 2), (100, 20)]
    assert done.told[0] == "2 rows lack a value, and count as missing."
    assert done.told[1] == "22 samples are missing; they are gaps."


def test_uneven_rows_are_refused_and_resampled_when_asked(tmp_path: Path) -> None:
    lines = [line(at * 10 + (4 if at == 30 else 0)) for at in range(100)]
    with pytest.raises(InputError, match=r"pad\.csv: line 33: it comes 0\.014 s after the last.*--resample RATE"):
        imported(tmp_path, lines)
    done = imported(tmp_path, lines, resample_hz=50)
    manifest = SessionLog.open(done.folder).manifest
    assert manifest.imported is not None
    assert manifest.imported.resampled
    assert (manifest.rate_hz, done.samples) == (50, 50)
    assert "resampled to 50 Hz" in done.told[-1]


def test_nothing_is_interpolated_over_a_hole(tmp_path: Path) -> None:
    lines = [line(at * 10) for at in range(100) if not 40 <= at < 60]
    log = SessionLog.open(imported(tmp_path, lines, resample_hz=100).folder)
    assert [(gap.first_sample, gap.count) for gap in log.gaps()] == [(40, 20)]


def test_a_file_is_imported_once(tmp_path: Path) -> None:
    lines = [line(at * 10) for at in range(50)]
    first = imported(tmp_path, lines)
    with pytest.raises(InputError, match=f"imported already, as {first.folder.name}; give --again"):
        imported(tmp_path, lines)


def test_a_recording_may_be_longer_than_a_massage(tmp_path: Path) -> None:
    summary = analyse_log(SessionLog.open(imported(tmp_path, [line(at * 1000) for at in range(1500)]).folder))
    assert len(summary.steps) == 5
    assert sum(step.scope.observed_s for step in summary.steps) == pytest.approx(1500, abs=5)


def test_an_import_that_fails_halfway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_share: float) -> None:
        raise KeyboardInterrupt

    lines = [line(at * 10) for at in range(50)]
    path, mapping = file_of(tmp_path, lines)
    with pytest.raises(KeyboardInterrupt):
        import_csv(Place(data_dir=tmp_path), path, mapping, advance=interrupted)
    assert [each.name for each in (tmp_path / "logs").iterdir() if each.is_dir()] == []

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr("glowtool.store.tables.finish.write_table", full)
    with pytest.raises(StoreError, match="full"):
        import_csv(Place(data_dir=tmp_path), path, mapping)
    assert [each.name for each in (tmp_path / "logs").iterdir() if each.is_dir()] == []


BAD_ROWS = {
    "30;x;20,5;1\n": r"line 6, column 'links \[kPa\]': 'x' is not a number; allowed: a number with a decimal ','",
    "30;3.5.1;2;1\n": r"line 6, column 'links \[kPa\]': '3\.5\.1' is not a number",
    "30;1;2\n": r"line 6: 3 columns in '30;1;2'; allowed: 4",
    ";1;2;3\n": r"line 6, column 't \[ms\]': there is no time",
    "20;1;2;3\n": r"line 6, column 't \[ms\]': 20 is not after the line before, 20",
    "30;inf;2;3\n": r"line 6, column 'links \[kPa\]': it is infinite",
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_bad_row_is_named(tmp_path: Path, row: str) -> None:
    with pytest.raises(InputError, match=BAD_ROWS[row]):
        imported(tmp_path, [line(0), line(10), line(20), row, line(40)])
    assert not [*(tmp_path / "logs").glob("*")]


BAD_MAPPINGS = {
    ('unit = "kPa"', 'unit = "stone"'): r"unit 'stone' of pressure is none of Pa, hPa, kPa",
    ('place = "left-front"', 'place = "nose"'): r"14: channels\.0\.place: 'nose' is none of tool, left-front",
    ('zone = "jaw-left"', 'zone = "foot"'): r"9: session\.zone: 'foot' is none of forehead-left",
    ('place = "right-front"', 'place = "left-front"'): "pressure at left-front is given twice",
    ('unit = "ms"', 'unit = "ms"\nrate_hz = 100'): "takes either a column or rate_hz",
    ('decimal = ","', 'decimal = ";"'): "decimal",
    ('column = "links [kPa]"', 'column = "left"'): r"has no column 'left'; it has 't \[ms\]', 'links \[kPa\]'",
    ("scale = 2.0", "scale = 0.0"): "scale is 0",
    ("offset = -1.0", "ofset = -1.0"): r"channels\.1\.ofset",
}


@pytest.mark.parametrize("change", BAD_MAPPINGS)
def test_a_bad_mapping_is_named(tmp_path: Path, change: tuple[str, str]) -> None:
    assert change[0] in MAPPING
    with pytest.raises(InputError, match=BAD_MAPPINGS[change]) as refused:
        imported(tmp_path, [line(at * 10) for at in range(50)], MAPPING.replace(*change, 1))
    assert "\n" not in str(refused.value)


def test_rates_without_a_whole_period_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"its rows come at 59\.9988 Hz; allowed: .*give --resample RATE"):
        imported(tmp_path, [line(at * 1000 / 60) for at in range(100)])


@pytest.mark.parametrize(("separator", "decimal"), [(";", ","), (",", "."), ("\t", ".")])
def test_a_suggestion_is_a_mapping_that_reads_its_file(tmp_path: Path, separator: str, decimal: str) -> None:
    rows = [["Time (s)", "left (kPa)", "right (mmHg)"]]
    rows += [[f"{at / 50:.2f}", f"{at % 7}.5", "12.25"] for at in range(100)]
    path = tmp_path / "x.csv"
    text = "\n".join(separator.join(row) for row in rows) + "\n"
    path.write_text("made by a pad\n" + (text if decimal == "." else text.replace(".", ",")))
    proposal = suggested(path)
    mapping = mapping_of(proposal)
    assert (mapping.file.separator, mapping.file.decimal, mapping.file.header_lines) == (separator, decimal, 2)
    assert (mapping.time.column, mapping.time.unit) == ("Time (s)", "s")
    assert [(each.place, each.unit) for each in mapping.channels] == [("left-front", "kPa"), ("right-front", "mmHg")]
    beside = tmp_path / "x.toml"
    beside.write_text(proposal)
    assert import_csv(Place(data_dir=tmp_path), path, beside).samples == 100


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for attempt in (lambda: suggested(path), lambda: import_csv(Place(data_dir=tmp_path), path, path)):
        with pytest.raises(InputError, match="is not a regular file"):
            attempt()


@pytest.mark.parametrize("content", [b"", b"a,b\nx,y\n", bytes(range(256)) * 40])
def test_what_is_no_table_has_no_suggestion(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no line of numbers"):
        suggested(path)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_a_channel_holds_its_values_to_the_sixteenth_bit(values: list[float]) -> None:
    held = np.array(values)
    channel = channel_of(0, "pressure_tool", (Quantity.PRESSURE, Where.TOOL), held)
    raw = np.rint(held / channel.scale)
    assert channel.row.raw_minimum <= raw.min()
    assert raw.max() <= channel.row.raw_maximum
    steps = channel.row.raw_maximum
    # The next finer step, at least 2.5 times as fine, did not fit.
    largest = max(held.max() / steps, -held.min() / 32768, 0.0)
    assert np.abs(raw * channel.scale - held).max() <= max(largest * 2.5 * 0.51, 1e-6)
