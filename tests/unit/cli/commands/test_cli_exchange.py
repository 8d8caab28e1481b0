"""Routines are previewed, imported and exported from the command line, on any terminal and in a pipe."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from glowtool.cli.app import run
from glowtool.store.routines.load import load_routine
from support.people import screened

SAMPLES = Path(__file__).resolve().parents[2] / "routine/imports/samples"


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


def test_an_svg_goes_to_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "routines", "preview", "first-glow", "--svg", "-")
    assert status == 0
    assert out.startswith("<svg")
    assert out.endswith("</svg>\n")
    assert said(capsys, "--json", "routines", "preview", "first-glow", "--svg", "-")[0] == 2


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
        assert "did you mean first-glow?" in err


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
def test_a_file_of_each_format_becomes_a_routine_of_ones_own_that_is_in_order(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = ("--data-dir", str(tmp_path))
    status, out, _ = said(capsys, *place, "--json", "routines", "import", str(SAMPLES / name))
    made = json.loads(out)
    assert status == 0
    assert made["lost"]
    kept = Path(made["path"])
    assert kept.stat().st_mode & 0o777 == 0o600
    assert said(capsys, *place, "routines", "validate", str(kept))[0] == 0
    routine = load_routine(kept)
    assert routine.duration_s == pytest.approx(made["duration_s"])
    assert all(line in routine.description for line in made["lost"])
    assert 10 <= routine.duration_s <= 1200


def test_sentences_of_a_workout_become_cues(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = str(tmp_path / "ride.toml")
    said(capsys, "routines", "import", str(SAMPLES / "over-unders.zwo"), "-o", target, "--level", "50")
    cues = [cue.text for step in load_routine(target).steps for cue in step.cues]
    assert cues == ["Easy does it", "A minute to go", "Over"]


def test_what_is_not_as_in_the_file_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("--data-dir", str(tmp_path), "routines", "import", str(SAMPLES / "tide.haptic"), "--repeat", "90")
    _, _, err = said(capsys, *words)
    assert "  2 emphases are left out: a motor that starts softly cannot tap" in err
    assert "  it lasts 45 min; a massage lasts at most 20 min, so the rest is left out" in err


def test_a_routine_of_that_name_is_not_replaced_without_force(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ("--data-dir", str(tmp_path), "routines", "import", str(SAMPLES / "ripple.ahap"))
    status, _, err = said(capsys, *words)
    assert (status, "`glowtool routines preview ripple` shows it" in err) == (0, True)
    assert said(capsys, "--data-dir", str(tmp_path), "routines", "preview", "ripple")[0] == 0
    status, _, err = said(capsys, *words)
    assert (status, "you have a routine 'ripple' already; replace it with --force" in err) == (3, True)
    assert said(capsys, *words, "--force")[0] == 0


@pytest.mark.parametrize(
    ("words", "status", "expected"),
    [
        (("no-such.haptic",), 3, "there is no file"),
        ((".",), 3, "it is a folder"),
        ((str(SAMPLES / "tide.haptic"), "--from", "zwo"), 3, "this is not XML, at column 1"),
        ((str(SAMPLES / "tide.haptic"), "--name", "first-glow"), 3, "is the name of a built-in routine"),
        ((str(SAMPLES / "tide.haptic"), "--name", "Tide!"), 3, "the name 'Tide!' is not allowed"),
        ((str(SAMPLES / "tide.haptic"), "--zone", "orbit-left"), 17, "never inside the orbital rim"),
        ((str(SAMPLES / "tide.haptic"), "--zone", "temple-left"), 17, "only light vibration on the temples"),
        ((str(SAMPLES / "over-unders.zwo"), "--zone", "chin"), 17, "one place is not worked longer"),
        ((str(SAMPLES / "tide.haptic"), "--length", "21"), 2, "--length"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_words(
    words: tuple[str, ...], status: int, expected: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found, _, err = said(capsys, "--data-dir", str(tmp_path), "routines", "import", *words)
    assert found == status
    assert expected in err
    assert "Traceback" not in err
    assert not list(tmp_path.rglob("*.toml"))


def test_a_workout_without_the_package_says_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "defusedxml", None)
    status, _, err = said(capsys, "routines", "import", str(SAMPLES / "over-unders.zwo"))
    assert status == 19
    assert "pip install 'glowtool[imports]'" in err


def test_a_preview_of_ones_own_keeps_within_ones_bounds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = ("--data-dir", str(tmp_path))
    status, out, err = said(capsys, *place, "routines", "preview", "first-glow", "--mine")
    assert status == 0
    assert "nobody has been screened, so there is no microcurrent" in err
    assert "no outputs" in out
    screened(tmp_path, "Ann", new=True)
    status, out, err = said(capsys, *place, "--json", "routines", "preview", "fine-lines", "--mine")
    assert "for Ann today: at most" in err
    whole = json.loads(said(capsys, *place, "--json", "routines", "preview", "fine-lines")[1])
    own = json.loads(out)
    highest = [max(moment["amplitude"] for moment in each["course"]) for each in (own, whole)]
    assert 0 < highest[0] < highest[1]
