"""Routines are made, changed, checked and compared from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from glowtool.cli.app import run
from glowtool.store.routines.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Said = tuple[int, str, str]


@pytest.fixture
def glowtool(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Said]:
    def call(*words: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            run(["--data-dir", str(tmp_path), *words])
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return call


def test_a_new_routine_is_in_order_and_named_for_editors(glowtool: Callable[..., Said], tmp_path: Path) -> None:
    status, out, err = glowtool("routines", "new", "my-cheeks")
    path = tmp_path / "routines/my-cheeks.toml"
    assert (status, out.strip()) == (0, str(path))
    assert "`glowtool routines edit my-cheeks`" in err
    assert path.read_text("utf-8").splitlines()[0] == "#:schema routine.schema.json"
    schema = json.loads(path.with_name("routine.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    assert glowtool("routines", "validate", "my-cheeks", "--strict")[:2] == (0, "my-cheeks: in order\n")
    assert '"zone": "forehead-left"' in glowtool("routines", "show", "my-cheeks", "--json")[1]


def test_a_built_in_routine_is_copied_before_it_is_changed(glowtool: Callable[..., Said], tmp_path: Path) -> None:
    status, _, err = glowtool("routines", "edit", "first-glow")
    assert status == 3
    assert "`glowtool routines new my-first-glow --from first-glow` makes a copy" in err
    assert glowtool("routines", "new", "my-first-glow", "--from", "first-glow")[0] == 0
    assert Shelf(tmp_path / "routines").load("my-first-glow").routine.title == "First glow"
    assert glowtool("routines", "diff", "first-glow", "my-first-glow")[1:] == ("", "Both say the same.\n")


def test_what_an_editor_spoils_is_said_at_once(
    glowtool: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    glowtool("routines", "new", "mine", "--from", "cheek L 60s vib 40%; mirror")
    monkeypatch.setenv("VISUAL", "sed -i s/60/900/")
    status, _, err = glowtool("routines", "edit", "mine")
    assert status == 3
    assert "mine:10: error: steps[0].duration_s: 900 is not allowed; allowed: 1 to 300 s" in err
    status, out, err = glowtool("routines", "list")
    assert status == 0
    assert "first-glow" in out
    assert "Your routine mine is left out" in err
    listed = json.loads(glowtool("routines", "list", "--json")[1])["routines"]
    assert [(each["name"], "goal" in each) for each in listed if each["own"]] == [("mine", False)]


def test_a_text_becomes_a_file_and_a_file_a_text(glowtool: Callable[..., Said]) -> None:
    text = "name x; cheek L 60s vib 40%; mirror; jaw both 90s vib 30%"
    toml = glowtool("routines", "show", text, "--toml")[1]
    assert 'zone = "cheek"\nside = "left"\nduration_s = 60\n' in toml
    glowtool("routines", "new", "x", "--from", text)
    assert glowtool("routines", "show", "x", "--text")[1] == text.replace("name x", 'name x; title "X"') + "\n"


def test_a_mirrored_routine_begins_on_the_other_side(glowtool: Callable[..., Said]) -> None:
    out = glowtool("routines", "mirror", 'cheek L 9s title "Left cheek"; include light-drainage')[1]
    assert 'side = "right"\nduration_s = 9\n' in out
    first_of_neck = out.index('zone = "neck-side"\nside = "right"')
    assert "From below the right ear down to the collarbone" in out[first_of_neck:]
    assert glowtool("routines", "mirror", "first-glow", "--name", "other-side")[0] == 0
    assert "2. Left cheek" in glowtool("routines", "show", "other-side")[1]


def test_a_difference_names_the_steps(glowtool: Callable[..., Said]) -> None:
    out = glowtool("routines", "diff", "chin 5s; jaw L 5s", "chin 5s; jaw L 6s")[1]
    assert out.splitlines() == ["  chin 5s", "- jaw L 5s", "+ jaw L 6s"]


def test_a_finding_names_place_value_what_is_allowed_why_and_the_fix(glowtool: Callable[..., Said]) -> None:
    status, out, _ = glowtool("routines", "validate", "chin 5s; temple L 60s vib 80%", "--json")
    assert status == 17
    checked, _ = map(json.loads, out.splitlines())
    (finding,) = [each for each in checked["findings"] if each["rule"] == "zone"]
    assert (finding["path"], finding["column"], finding["step"]) == ("steps[1]", 10, 2)
    assert (finding["value"], finding["allowed"]) == ("80 %", "at most 30 %")
    assert "only light vibration on the temples" in finding["reason"]
    assert finding["fix"] == "lower it to 30 %"


def test_strict_refuses_what_gets_a_warning(glowtool: Callable[..., Said]) -> None:
    text = "chin 60s band 2-7"
    status, out, err = glowtool("routines", "validate", text)
    assert (status, out) == (0, "the text: in order, with a warning\n")
    assert "the text:column 1: warning: step 1 (Chin): band_high_kpa is 7 kPa; better is at most 6 kPa" in err
    assert glowtool("routines", "validate", text, "--strict")[0] == 17


def test_the_words_of_a_text_are_explained(glowtool: Callable[..., Said]) -> None:
    assert "vib LEVEL%[@HZ][~PATTERN[/PERIOD]]" in glowtool("routines", "schema", "--text")[1]
    assert json.loads(glowtool("routines", "schema")[1]) == json.loads(glowtool("routines", "schema", "--json")[1])
    assert "about the routine" in json.loads(glowtool("routines", "schema", "--text", "--json")[1])


def test_files_that_cannot_be_called_are_told(glowtool: Callable[..., Said], tmp_path: Path) -> None:
    glowtool("routines", "new", "mine")
    (tmp_path / "routines/mine.toml").rename(tmp_path / "routines/My Face.toml")
    (tmp_path / "routines/huge.toml").write_text("#" * 200_000)
    _, _, err = glowtool("routines", "list")
    assert "Your routine My Face is left out: a routine cannot be called so; rename the file: lower-case" in err
    assert "it is longer than the 128 KiB that are allowed; give a TOML file\n" in err
    said = glowtool("routines", "validate", "huge")[2]
    assert "128 KiB that are allowed; give a TOML file\n" in said


def test_a_word_without_an_end_is_not_told_whole(glowtool: Callable[..., Said]) -> None:
    for command in ("validate", "show"):
        status, _, err = glowtool("routines", command, "x" * 100_000)
        assert (status, len(err) < 1000) == (3, True)


@pytest.mark.parametrize(
    ("editor", "status", "told"),
    [
        ("nosuch-editor", 3, "the editor 'nosuch-editor' cannot be started: No such file or directory; name one"),
        ("false", 3, "the editor 'false' ended with 1, so nothing was checked"),
        ("sh -c 'kill -INT $PPID; sleep 0.05'", 0, ""),
        ("'", 2, "cannot be read: No closing quotation"),
        ("", 2, "an editor needs a terminal, and none is named; name one with EDITOR"),
    ],
)
def test_an_editor_that_fails_is_told_and_its_keys_are_its_own(
    glowtool: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, editor: str, status: int, told: str
) -> None:
    glowtool("routines", "new", "mine")
    monkeypatch.setenv("VISUAL", editor)
    monkeypatch.delenv("EDITOR", raising=False)
    ended, _, err = glowtool("routines", "edit", "mine")
    assert (ended, told in err) == (status, True), err


@pytest.mark.parametrize("visual", ["", "  "])
def test_an_editor_that_is_named_by_blanks_is_none_and_the_other_variable_counts(
    glowtool: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, visual: str
) -> None:
    glowtool("routines", "new", "mine")
    monkeypatch.setenv("VISUAL", visual)
    monkeypatch.setenv("EDITOR", "true")
    assert glowtool("routines", "edit", "mine")[0] == 0
