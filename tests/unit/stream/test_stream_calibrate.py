"""Calibration turns raw counts into units, filters out the motor, and stays light to import."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from glowtool.stream.block import Block
from glowtool.stream.calibrate import Calibrate, CalibrateSettings
from glowtool.stream.columns import INDEX, sample_columns
from glowtool.stream.contact import ContactDetector
from glowtool.stream.filters import LowPass, LowPassSettings
from support.logs.streams import DTYPE, FAST, head_reading, rolled


def calibrated(**counts: list[int]) -> dict[str, list[float]]:
    raw = np.zeros(len(next(iter(counts.values()))), DTYPE)
    for name, values in counts.items():
        raw[name] = values
    reading = Calibrate(CalibrateSettings(FAST)).process(Block(0, 200, 0, raw))
    return {name: values.tolist() for name, values in reading.columns.items()}


@pytest.mark.parametrize(
    ("channel", "raw", "column", "value"),
    [
        ("pressure_lf", 123, "pressure_lf_kpa", 1.23),
        ("pressure_rr", 4000, "pressure_rr_kpa", 40.0),
        ("travel_l", -7, "travel_l_mm", -0.7),
        ("impedance", 12, "impedance_ohm", 120.0),
        ("impedance", 65_535, "impedance_ohm", np.inf),
        ("vibration", 200, "amplitude", 1.0),
        ("peak_current", 199, "peak_ua", 398.0),
    ],
)
def test_counts_become_units(channel: str, raw: int, column: str, value: float) -> None:
    columns = calibrated(**{channel: [raw]})
    assert columns[column] == [value]
    assert columns[channel] == [raw]


def test_travel_goes_over_the_edge_of_its_counter() -> None:
    assert calibrated(travel_l=[32_766, 32_767, -32_768, -32_767])["travel_l_mm"] == pytest.approx(
        [3276.6, 3276.7, 3276.8, 3276.9]
    )


def test_every_declared_column_is_there_with_its_type() -> None:
    reading = Calibrate(CalibrateSettings(FAST)).process(Block(0, 200, 0, rolled(100)))
    reading = ContactDetector().process(LowPass(LowPassSettings(200)).process(reading))
    host = INDEX[2].name
    declared = {item.name: item.dtype for item in sample_columns(FAST) if item.name != host}
    assert {name: values.dtype.name for name, values in reading.columns.items()} == declared


def test_the_filter_starts_settled_and_takes_out_the_motor() -> None:
    raw = rolled(800)
    buzz = np.rint(50 * np.sin(2 * np.pi * 75 * np.arange(800) / 400)).astype(np.int64)
    for name in ("pressure_lf", "pressure_lr"):
        raw[name] = 300 + buzz
    reading = Calibrate(CalibrateSettings(FAST)).process(Block(0, 400, 0, raw))
    filtered = LowPass(LowPassSettings(400)).process(reading).floats("pressure_l_kpa")
    assert filtered[:40] == pytest.approx(np.full(40, 3.0), abs=0.05)
    assert filtered[40:] == pytest.approx(np.full(760, 3.0), abs=0.015)


def test_a_head_without_cells_has_no_pressure_and_no_contact() -> None:
    left = tuple(channel for channel in FAST if not channel.name.startswith("pressure_r"))
    reading = Calibrate(CalibrateSettings(left)).process(Block(0, 200, 0, rolled(50)))
    reading = ContactDetector().process(LowPass(LowPassSettings(200)).process(reading))
    assert not {"pressure_r_kpa", "contact_r"} & reading.columns.keys()
    assert reading.flags("contact_l").all()


def test_contact_has_hysteresis() -> None:
    pressure_kpa = np.array([0.0, 0.3, 0.41, 0.3, 0.21, 0.19, 0.3, 0.39, 0.5])
    contact = ContactDetector().process(head_reading(pressure_kpa, pressure_kpa, pressure_kpa > 0)).flags("contact_l")
    assert contact.tolist() == [False, False, True, True, True, False, False, False, True]


def test_importing_the_stream_is_light() -> None:
    code = "import sys, glowtool.stream.pipeline; sys.exit('scipy' in sys.modules or 'pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code
