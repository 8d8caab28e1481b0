"""Routines are found by name, path or text, one's own beside the built-in ones, and none stands in for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from glowtool.errors import RoutineError
from glowtool.routine.text.parser import parse_text
from glowtool.routine.toml.writer import write_toml
from glowtool.store.routines.load import load_routine
from glowtool.store.routines.shelf import Shelf, Source, is_text


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "routines")


def toml(name: str, text: str = "chin 5s") -> str:
    return write_toml(parse_text(f"name {name}; {text}"))


def test_a_routine_of_ones_own_is_called_by_its_name(shelf: Shelf) -> None:
    path = shelf.save("my-chin", toml("my-chin"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    loaded = shelf.load("my-chin")
    assert (loaded.source, loaded.routine.name) == (Source.OWN, "my-chin")
    assert shelf.own_names() == ("my-chin",)


def test_no_own_routine_takes_the_name_of_a_built_in_one_or_of_another(shelf: Shelf) -> None:
    with pytest.raises(RoutineError, match="the name of a built-in routine"):
        shelf.save("first-glow", toml("first-glow"))
    shelf.save("a", toml("a"))
    with pytest.raises(RoutineError, match="you have a routine 'a' already; `glowtool routines edit a` changes it"):
        shelf.save("a", toml("a"))
    with pytest.raises(RoutineError, match="no name for a routine"):
        shelf.save("../a", toml("a"))


def test_a_built_in_name_wins_over_a_file_that_was_put_there_by_hand(shelf: Shelf) -> None:
    shelf.save("a", toml("a"))
    shelf.path("a").rename(shelf.path("first-glow"))
    assert shelf.load("first-glow").source is Source.BUILT_IN


def test_a_file_under_another_name_than_it_says_inside_is_refused(shelf: Shelf) -> None:
    shelf.save("a", toml("a"))
    shelf.path("a").rename(shelf.path("b"))
    with pytest.raises(RoutineError, match=r"called 'b' by its file, and 'a' inside; give both one name"):
        shelf.load("b")


def test_included_routines_are_ones_own_or_built_in(shelf: Shelf) -> None:
    shelf.save("warm-up", toml("warm-up", "forehead 5s"))
    shelf.save("all", toml("all", "include warm-up; include light-drainage; chin 5s"))
    titles = [step.title for step in shelf.load("all").routine.steps]
    assert titles[:2] == ["Left forehead", "Right forehead"]
    assert len(titles) == 9
    assert len(shelf.load("include warm-up; chin 5s").routine.steps) == 3
    with pytest.raises(RoutineError, match=r"warmup.*did you mean warm-up\?"):
        shelf.load("include warmup; chin 5s")


def test_a_name_that_is_not_there_names_ones_own_too(shelf: Shelf) -> None:
    shelf.save("my-chin", toml("my-chin"))
    with pytest.raises(RoutineError, match=r"no such file; did you mean my-chin\?"):
        shelf.load("my-chim")


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("cheek L 60s", True),
        ("mirror;chin 5s", True),
        ("chin", False),
        ("first-glow", False),
        ("./first glow.toml", False),
        ("my cheeks.toml", False),
        ("my-cheeks", False),
        ("/x/y", False),
        ("", False),
        ("repeat 2(chin 5s)", True),
    ],
)
def test_a_text_is_told_from_names_and_paths(word: str, text: bool) -> None:
    assert is_text(word) is text


def test_a_file_whose_name_has_spaces_is_read_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("chin 5s").write_text(toml("from-file"), "utf-8")
    assert load_routine("chin 5s").name == "from-file"
    assert load_routine("chin  5s").name == "typed"
