"""The record of what was delivered is read back whole, cut off, and over several power cycles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glowsim.evidence.record import DTYPE, DeliveredRecorder, read_delivered
from glowsim.physics.types import Delivered, Drive
from glowtool.errors import LogDamagedError, LogNotFoundError
from glowtool.model.output import Waveform

ON = Drive(0.5, 75.0, 100.0, 20.0, Waveform.BIPHASIC_SQUARE)
FLOWS = Delivered(98.0, (2.5, 2.49), 120.0, 0.8, 0.45, 75.0, 3.6)
COASTS = Delivered(0.0, (0.0, 0.0), 0.0, 0.8, 0.1, 75.0, 0.8)
STILL = Delivered(0.0, (0.0, 0.0), 0.0, 0.8, 0.0, 0.0, 0.0)
START_US = 1_790_000_000_000_000


def record(folder: Path, power_on_unix_us: int = START_US) -> None:
    with DeliveredRecorder(folder, power_on_unix_us) as recorder:
        for time_us, drive, delivered in (
            (5000, Drive(), STILL),
            (10_000, ON, STILL),
            (15_000, ON, FLOWS),
            (20_000, Drive(), COASTS),
            (25_000, Drive(), STILL),
            (30_000, Drive(), STILL),
        ):
            recorder.record(time_us, drive, delivered)


def test_every_tick_with_output_is_kept_and_the_first_one_at_zero(tmp_path: Path) -> None:
    record(tmp_path)
    found = read_delivered(tmp_path)
    assert found["time_us"].tolist() == [10_000, 15_000, 20_000, 25_000]
    assert found["unix_us"].tolist() == [START_US + time_us for time_us in (10_000, 15_000, 20_000, 25_000)]
    assert found["peak_ua"].tolist() == [0.0, 98.0, 0.0, 0.0]
    assert found["drive_peak_ua"].tolist() == [100.0, 100.0, 0.0, 0.0]
    assert found["amplitude"][-1] == 0.0
    assert found["charge_negative_uc"][1] == pytest.approx(2.49)


def test_power_cycles_follow_one_another(tmp_path: Path) -> None:
    record(tmp_path)
    record(tmp_path, START_US + 60_000_000)
    found = read_delivered(tmp_path / "delivered.bin")
    assert found["power_cycle"].tolist() == [0] * 4 + [1] * 4
    assert found["unix_us"][4] == START_US + 60_010_000


def test_a_cut_off_record_is_ignored_and_then_removed(tmp_path: Path) -> None:
    record(tmp_path)
    path = tmp_path / "delivered.bin"
    path.write_bytes(path.read_bytes() + b"\1" * (DTYPE.itemsize - 1))
    assert len(read_delivered(path)) == 4
    record(tmp_path)
    assert path.stat().st_size == 8 * DTYPE.itemsize
    assert read_delivered(path)["time_us"].tolist() == [10_000, 15_000, 20_000, 25_000] * 2


def test_the_sidecar_describes_a_record(tmp_path: Path) -> None:
    record(tmp_path)
    sidecar = json.loads((tmp_path / "delivered.json").read_text("utf-8"))
    assert sidecar["record_size"] == DTYPE.itemsize
    assert [field["name"] for field in sidecar["fields"]] == list(DTYPE.names or ())


def test_what_is_not_there_or_not_whole_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogNotFoundError, match=r"delivered\.bin"):
        read_delivered(tmp_path)
    record(tmp_path)
    (tmp_path / "delivered.json").write_text("{}")
    with pytest.raises(LogDamagedError, match="power cycles"):
        read_delivered(tmp_path)
    (tmp_path / "delivered.json").unlink()
    with pytest.raises(LogDamagedError, match="missing"):
        read_delivered(tmp_path)


def test_a_record_of_another_format_is_set_aside_and_never_appended_to(tmp_path: Path) -> None:
    record(tmp_path)
    sidecar = tmp_path / "delivered.json"
    sidecar.write_text(sidecar.read_text().replace(f'"record_size": {DTYPE.itemsize}', '"record_size": 56'))
    before = (tmp_path / "delivered.bin").read_bytes()
    with pytest.raises(LogDamagedError, match="56 bytes"):
        read_delivered(tmp_path)
    record(tmp_path)
    assert (tmp_path / "old-delivered.bin").read_bytes() == before
    assert len(read_delivered(tmp_path)) == 4


def test_a_roller_that_never_drove_anything_has_an_empty_record(tmp_path: Path) -> None:
    DeliveredRecorder(tmp_path, START_US).close()
    assert len(read_delivered(tmp_path)) == 0


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # what it could not write, it tries again
def test_a_full_disk_never_hides_what_was_on_its_way(tmp_path: Path) -> None:
    def filling(failure: Exception | None) -> None:
        with DeliveredRecorder(tmp_path, START_US) as recorder:
            recorder._file = Path("/dev/full").open("wb")  # noqa: SIM115 - the recorder closes it
            recorder.record(10_000, ON, FLOWS)
            if failure is not None:
                raise failure

    with pytest.raises(OSError, match="No space left"):
        filling(None)
    with pytest.raises(LookupError, match="the roller has stopped"):
        filling(LookupError("the roller has stopped"))
