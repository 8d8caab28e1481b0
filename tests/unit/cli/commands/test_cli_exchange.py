"""Routines are previewed and exported from the command line, on any terminal and in a pipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from glowtool.cli.app import run

if TYPE_CHECKING:
    from pathlib import Path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command in this process; return its status and what it said."""
    with pytest.raises(SystemExit) as ended:
        run(list(words))
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def test_a_preview_in_a_pipe_is_80_columns_wide(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "routines", "preview", "first-glow")
    lines = out.splitlines()
    assert status == 0
    assert lines[:2] == [
        "First glow (first-glow)",
        "0:45 min, 4 steps, introduction; vibration and microcurrent; needs conductive gel",
    ]
    assert max(map(len, lines[3:12])) == 80


def test_an_svg_is_written_and_not_replaced_without_force(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "glow.svg"
    assert said(capsys, "routines", "preview", "first-glow", "--svg", str(target))[0] == 0
    assert target.read_text("utf-8").startswith("<svg")
    assert target.stat().st_mode & 0o777 == 0o600
    status, _, err = said(capsys, "routines", "preview", "first-glow", "--svg", str(target))
    assert status == 3
    assert "exists already" in err
    assert said(capsys, "routines", "preview", "first-glow", "--svg", str(target), "--force")[0] == 0


def test_a_preview_in_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "--json", "routines", "preview", "evening-calm")
    assert [each["number"] for each in json.loads(out)["steps"]] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("width", ["31", "161", "wide"])
def test_a_width_that_shows_nothing_is_a_typing_mistake(capsys: pytest.CaptureFixture[str], width: str) -> None:
    assert said(capsys, "routines", "preview", "first-glow", "--width", width)[0] == 2


def test_an_export_says_what_it_lacks_beside_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "routines", "export", "first-glow", "--format", "ahap")
    assert status == 0
    assert json.loads(out)["Version"] == 1.0
    assert "not in the file: the microcurrent is left out" in err


def test_an_export_to_a_file_tells_programs_what_it_lacks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = str(tmp_path / "glow.json")
    _, out, _ = said(capsys, "--json", "routines", "export", "first-glow", "-o", target)
    assert json.loads(out) == {"path": target, "format": "json", "lost": []}
    status, _, err = said(capsys, "--json", "routines", "export", "first-glow")
    assert (status, "name a FILE with -o" in err) == (2, True)


def test_an_unknown_routine_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("preview", "export"):
        status, _, err = said(capsys, "routines", command, "first-glw")
        assert status == 3
        assert "Did you mean first-glow?" in err
