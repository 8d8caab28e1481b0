"""The report beside the log: whole, for its owner only, or said to be not written."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from glowtool.app.logs.reporting import write_report
from glowtool.errors import StoreError
from glowtool.store.names import REPORT_FILE

if TYPE_CHECKING:
    from pathlib import Path


def test_the_report_is_written_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    path = write_report(tmp_path, "<p>µ</p>")
    assert path == tmp_path / REPORT_FILE
    assert path.read_bytes() == "<p>µ</p>".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_report(tmp_path, "two")
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text("utf-8") == "two"


def test_a_report_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing.*report\.html"):
        write_report(tmp_path / "missing", "page")
