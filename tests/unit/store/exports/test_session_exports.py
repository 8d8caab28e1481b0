"""A file of a whole session holds what the log holds, in each format, with its gaps, units and times."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pyedflib
import pytest
import pyxdf

from glowtool.errors import InputError
from glowtool.store.exports.export import Job
from glowtool.store.exports.registry import EXPORTS, Style
from glowtool.store.exports.signals import signals_of
from glowtool.store.logs.log import SessionLog
from support.logs.sessions import record
from support.logs.streams import RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

#: Frames that never came: half a second, beginning after two.
LOST = range(40, 50)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> SessionLog:
    journal, checkpoint = record(tmp_path_factory.mktemp("logs"), 4, lose=LOST)
    journal.close(checkpoint)
    return SessionLog.open(journal.folder)


def written(log: SessionLog, name: str, folder: Path, style: Style | None = None) -> Path:
    path = folder / f"x.{EXPORTS[name].suffix}"
    with path.open("wb") as stream:
        Job(EXPORTS[name], style=style or Style()).fill(log, stream)
    return path


def places(log: SessionLog) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    times_us = log.samples("device_time_us")["device_time_us"].astype(np.int64)
    found: np.ndarray[tuple[int], np.dtype[np.int64]] = (times_us - times_us[0]) * RATE_HZ // 1_000_000
    return found


def test_edf_holds_every_raw_value_and_every_derived_one_to_half_a_step(log: SessionLog, tmp_path: Path) -> None:
    with pyedflib.EdfReader(str(written(log, "edf", tmp_path))) as reader:
        assert reader.getSampleFrequencies().tolist() == [RATE_HZ] * reader.signals_in_file
        columns, at = log.samples(), places(log)
        raws = {entry.name for entry in log.manifest.channels}
        for number, name in enumerate(reader.getSignalLabels()):
            values = reader.readSignal(number)[at]
            header = reader.getSignalHeader(number)
            ends = [float(str(header[f"{kind}_{end}"])) for kind in ("physical", "digital") for end in ("max", "min")]
            step = (ends[0] - ends[1]) / (ends[2] - ends[3])
            if name == "present":
                continue
            if name in raws:
                shift = int(str(header["transducer"]).rpartition("digital")[2].split(";")[0])
                digital = reader.readSignal(number, digital=True)[at]
                assert np.array_equal(digital + shift, columns[name]), name
                calibrated = columns.get(f"{name}_{str(header['dimension']).lower()}")
                if calibrated is not None and "travel" not in name:
                    assert np.allclose(values, calibrated, rtol=0, atol=step * 1e-6), name
            else:
                assert np.allclose(values, columns[name].astype(float), rtol=0, atol=step * 0.5001), name


def test_edf_marks_gaps_steps_and_strokes(log: SessionLog, tmp_path: Path) -> None:
    path = written(log, "edf", tmp_path, Style(zone="Europe/Berlin"))
    with pyedflib.EdfReader(str(path)) as reader:
        labels = reader.getSignalLabels()
        present = reader.readSignal(labels.index("present"), digital=True)
        assert np.flatnonzero(present).tolist() == places(log).tolist()
        onsets, lengths, texts = reader.readAnnotations()
        told = dict(zip(texts, zip(onsets, lengths, strict=True), strict=True))
        assert told["gap: 100 samples"] == (2.0, 0.5)
        assert told["step 1"][0] == 1.0
        assert sum(text.startswith("stroke") for text in texts) == len(log.strokes_table)
        assert reader.getStartdatetime().hour == 16
        pressure = reader.readSignal(labels.index("pressure_lf"), digital=True)
        assert set(pressure[400:500].tolist()) == {-1}


def test_edf_refuses_what_it_cannot_hold(log: SessionLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glowtool.store.exports.signals.HOURS_MAX", 0.001)
    with pytest.raises(InputError, match="are written as continuous signals; export it as hdf5"):
        written(log, "edf", tmp_path)


def test_a_value_of_all_sixteen_bits_is_no_gap(log: SessionLog) -> None:
    by_name = {signal.label: signal for signal in signals_of(log)}
    assert by_name["pressure_lf"].gap < 0 <= by_name["pressure_lf"].digital.min()
    assert by_name["travel_l"].digital_range == (-32768, 32767)


def test_hdf5_holds_every_table_with_units_and_gaps(log: SessionLog, tmp_path: Path) -> None:
    with h5py.File(written(log, "hdf5", tmp_path)) as file:
        for name, values in log.samples().items():
            assert np.array_equal(file["samples"][name][()], values, equal_nan=values.dtype.kind == "f"), name
        assert file["samples/pressure_l_kpa"].attrs["unit"] == "kPa"
        assert file["gaps/first_sample"][()].tolist() == [400]
        assert file["gaps/count"][()].tolist() == [100]
        strokes = log.strokes()
        assert file["strokes/head"].asstr()[()].tolist() == strokes["head"].tolist()
        assert np.array_equal(file["strokes/length_mm"][()], strokes["length_mm"])
        assert file["events/kind"].asstr()[()].tolist() == log.events_table.column("kind").to_pylist()
        manifest = json.loads(file["manifest"].asstr()[()])
        assert manifest["session_id"] == file.attrs["session_id"] == log.manifest.session_id
        assert manifest["channels"]


def test_xdf_holds_every_row_at_its_own_time(log: SessionLog, tmp_path: Path) -> None:
    # As tools load it, with their smoothing of times and clocks: nothing of it may move a sample.
    streams, _ = pyxdf.load_xdf(written(log, "xdf", tmp_path))
    by_name = {stream["info"]["name"][0]: stream for stream in streams}
    samples, columns = by_name["samples"], log.samples()
    channels = samples["info"]["desc"][0]["channels"][0]["channel"]
    assert [each["label"][0] for each in channels] == [*columns]
    for at, (name, values) in enumerate(columns.items()):
        assert np.array_equal(samples["time_series"][:, at], values.astype(float), equal_nan=True), name
    assert np.array_equal(samples["time_stamps"], columns["device_time_us"].astype(float) / 1e6)
    assert by_name["gaps"]["time_series"].tolist() == [[400, 100]]
    assert by_name["gaps"]["time_stamps"].tolist() == [7.0]
    held = [[str(value) for value in row.values()] for row in log.strokes_table.to_pylist()]
    assert by_name["strokes"]["time_series"] == held
    assert samples["info"]["nominal_srate"] == ["0.0"]
    assert samples["info"]["desc"][0]["rate_hz"] == [str(RATE_HZ)]


def test_xdf_states_the_rate_where_nothing_is_missing(tmp_path: Path) -> None:
    journal, checkpoint = record(tmp_path, 1)
    journal.close(checkpoint)
    log = SessionLog.open(journal.folder)
    streams, _ = pyxdf.load_xdf(written(log, "xdf", tmp_path))
    (samples,) = (stream for stream in streams if stream["info"]["name"] == ["samples"])
    assert samples["info"]["nominal_srate"] == [str(RATE_HZ)]
    assert np.allclose(samples["time_stamps"], log.samples()["device_time_us"].astype(float) / 1e6, rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["edf", "hdf5", "xdf"])
def test_who_waits_is_told_how_far_it_is(log: SessionLog, name: str) -> None:
    told: list[float] = []
    Job(EXPORTS[name], advance=told.append).fill(log, io.BytesIO())
    assert told == sorted(told)
    assert told[-1] == 1.0
