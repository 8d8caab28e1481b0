"""A coverage file that a killed process left half written is set aside, and the others stay."""

import sqlite3
from contextlib import closing
from pathlib import Path

from support.house.coverage_files import remove_broken


def a_data_file(path: Path) -> Path:
    """Return path, written as a database of some pages, as coverage writes it."""
    with closing(sqlite3.connect(path)) as data:
        data.execute("CREATE TABLE arc (fromno integer, tono integer)")
        data.executemany("INSERT INTO arc VALUES (?, ?)", [(line, line + 1) for line in range(5000)])
        data.commit()
    return path


def test_a_file_that_a_killed_process_left_half_written_is_left_out_and_the_others_stay(tmp_path: Path) -> None:
    whole = a_data_file(tmp_path / ".coverage.whole")
    cut = a_data_file(tmp_path / ".coverage.cut")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    garbled = a_data_file(tmp_path / ".coverage.garbled")
    garbled.write_bytes(b"\x00" * 100 + garbled.read_bytes()[100:8192] + b"\xff" * 4096 + garbled.read_bytes()[12288:])

    assert remove_broken(tmp_path) == 2
    assert [path.name for path in tmp_path.iterdir()] == [whole.name]
