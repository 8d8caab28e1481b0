"""A table is read in a terminal of any width: side by side, one below the other, or row by row."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console

from glowtool.cli.options import Options
from glowtool.cli.terminal.output import Printer, lost_text

if TYPE_CHECKING:
    import pytest

HEADERS = ("Session", "Started", "Duration", "Routine", "Ending", "Person")
ROWS = [
    ("20261130T080000Z-1a2b", "2026-11-30 08:00 UTC", "45.0 s", "first-glow", "completed", "Ann"),
    ("20261130T090000Z-3c4d", "2026-11-30 09:00 UTC", "612.3 s", "muscle-lift-long-vibration", "link lost", "Ben"),
]


def printed(monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None, highlight=False)
    monkeypatch.setattr(Printer, "console", lambda _printer: console)
    Printer(Options()).table(HEADERS, ROWS, whole=frozenset({0, 1, 2}), paired=(1, 4))
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_list_of_several_people_is_a_table_in_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = printed(monkeypatch, 80)
    assert max(map(len, lines)) <= 80
    first = lines.index("20261130T090000Z-3c4d    612.3 s  muscle-lift-long-vibration  Ben")
    assert lines[first + 1].split() == ["2026-11-30", "09:00", "UTC", "link", "lost"]


def test_where_it_fits_each_row_is_one_line_and_on_a_narrow_screen_each_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(printed(monkeypatch, 120)) == 2 + len(ROWS)
    assert len(printed(monkeypatch, 40)) == len(HEADERS) * len(ROWS)


def test_a_column_that_must_not_be_broken_is_not_cut_either(monkeypatch: pytest.MonkeyPatch) -> None:
    for width in range(40, 130):
        told = " ".join(printed(monkeypatch, width))
        assert all(cell in told for row in ROWS for cell in row[:3]), width


def test_losses_are_told_by_stage_and_only_where_there_were_any() -> None:
    assert lost_text({"lost": 12, "dropped": 7, "decode_errors": 4}) == (
        "of the lost: 7 dropped by this computer's queue, 4 unreadable"
    )
    assert lost_text({"lost": 12, "dropped": 0, "decode_errors": 4}) == "of the lost: 4 unreadable"
    assert not lost_text({"lost": 12, "dropped": 0, "decode_errors": 0})
