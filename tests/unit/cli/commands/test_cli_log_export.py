"""Logs are exported one by one, by the folder, and as one table of many; a log is also found by its path."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from glowtool.app.logs.exporting import zone_named
from glowtool.app.logs.found import is_path
from glowtool.errors import InputError
from glowtool.model.ending import Ending
from glowtool.store.tables.finish import finish
from support.logs.sessions import ENDED, record
from support.processes.console import Host

if TYPE_CHECKING:
    from pathlib import Path

    from support.processes.console import Said

IDS = ("20261120T080000Z-aaaaaa", "20261121T080000Z-bbbbbb")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for session_id in IDS:
        journal, checkpoint = record(folder / "logs", 2, session_id=session_id)
        journal.close(checkpoint)
        finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    return folder


def test_a_folder_is_filled_and_what_is_there_stays(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def exported(*words: str) -> Said:
        return Host(data).call_here(capsys, "logs", "export", "--all", "--json", "-o", str(tmp_path / "out"), *words)

    names = [f"{session_id}_first-glow_strokes.csv" for session_id in IDS]
    first = exported("--table", "strokes")
    assert first.status == 0
    (told,) = first.documents()
    assert told == {"exported": [str(tmp_path / "out" / name) for name in names], "stayed": [], "failed": []}
    mine = tmp_path / "out" / names[0]
    mine.write_text("mine")
    (told,) = exported("--table", "strokes").documents()
    assert (told["exported"], len(told["stayed"])) == ([], 2)  # type: ignore[arg-type]  # JSON
    assert mine.read_text() == "mine"
    exported("--table", "strokes", "--force")
    assert mine.read_text() != "mine"


def test_a_filter_takes_few_and_a_bad_log_stops_none(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = Host(data)
    none = host.call_here(capsys, "logs", "export", "--routine", "other", "-o", str(tmp_path / "none"))
    assert (none.status, none.err.strip()) == (0, "There is no such session.")
    bad = data / "logs" / "20261119T080000Z-cccccc"
    bad.mkdir()
    (bad / "manifest.json").write_text("{}")
    said = host.call_here(capsys, "logs", "export", "--all", "-o", str(tmp_path / "out"))
    bad.joinpath("manifest.json").unlink()
    bad.rmdir()
    assert said.status == 18
    assert "1 of 3 sessions could not be exported" in said.err
    assert len([*(tmp_path / "out").iterdir()]) == 2


def test_a_table_of_sessions_has_a_row_for_each(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "sessions.csv"
    said = Host(data).call_here(
        capsys, "logs", "export", "--table", "sessions", "--decimal", ",", "--timezone", "UTC", "-o", str(target)
    )
    assert said.status == 0, said.err
    with target.open(newline="") as stream:
        rows = [*csv.DictReader(stream, delimiter=";")]
    assert [row["Session"] for row in rows] == [*IDS]
    assert rows[0]["Started"] == "2026-11-22T15:41:00.000000+00:00"
    assert rows[0]["Samples"] == "400"
    assert "Mean pressure (kPa)" in rows[0]


@pytest.mark.parametrize("inner", ["", "manifest.json", "samples.parquet"])
def test_a_log_is_found_by_its_path(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], inner: str) -> None:
    path = data / "logs" / IDS[0] / inner
    for command in (("show",), ("verify",), ("export", "--table", "events")):
        said = Host(tmp_path).call_here(capsys, "logs", *command, str(path))
        assert said.status == 0, said.err
        assert IDS[0] in said.out or "device_time_us" in said.out
    gone = Host(tmp_path).call_here(capsys, "logs", "show", "./not/there")
    assert gone.status == 18
    assert "there is no" in gone.err


def test_nothing_that_erases_takes_a_path(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "logs" / IDS[0]
    for place in (data, tmp_path):
        assert Host(place).call_here(capsys, "logs", "erase", str(path), "--yes").status == 18
    assert path.is_dir()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("last", "--all", "-o", "x"), "not both"),
        (("--all",), "needs a folder"),
        (
            ("--format", "edf", "--table", "strokes", "-o", "x"),
            "--table strokes is for csv, parquet, json-lines, xlsx; EDF+ holds whole sessions",
        ),
        (
            ("--format", "hdf5", "--timezone", "UTC", "-o", "x"),
            "--timezone is for csv, parquet, json-lines, xlsx, edf; HDF5 takes none",
        ),
        (("--format", "parquet", "--decimal", ",", "-o", "x"), "--decimal is for csv; Parquet takes none"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    said = Host(data).call_here(capsys, "logs", "export", *words)
    assert said.status == 2
    assert message in said.err


def test_a_zone_is_one_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert zone_named("Europe/Berlin") == "Europe/Berlin"
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert zone_named("local") == "Asia/Tokyo"
    for bad in ("Middle/Earth", "../etc/passwd", "", "a\0b"):
        with pytest.raises(InputError, match="there is no time zone"):
            zone_named(bad)


def test_an_id_is_no_path() -> None:
    assert not any(map(is_path, (*IDS, "last", "2026", "")))
    assert all(map(is_path, ("./x", "~/x", "a/b", ".", "..")))
