"""People at the command line: who is meant, what is asked, what is told, and what is no name."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import StoreError
from glowtool.safety.screening import QUESTIONS, Flag, Reply
from glowtool.store.people.people import People
from support.people import screened
from support.processes.console import Host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.processes.console import Said

    Call = Callable[..., Said]


@pytest.fixture
def glowtool(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    return partial(Host(tmp_path / "data", "bumble:none").call_here, capsys)


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_people_are_entered_listed_chosen_and_found_whatever_the_case(glowtool: Call, tmp_path: Path) -> None:
    assert glowtool("person", "list").out == "Nobody is known yet; `glowtool person new NAME` enters somebody.\n"
    ann = glowtool("person", "new", "Ann", "--json").document()
    bea = glowtool("person", "new", "Béa", "--json").document()
    assert glowtool("person", "show").status == 3, "two, and none in use"
    assert glowtool("person", "use", "béa").status == 0
    rows = glowtool("person", "list", "--json").document()["people"]
    assert isinstance(rows, list)
    assert [(row["name"], row["in_use"]) for row in rows] == [("Ann", False), ("Béa", True)]
    assert glowtool("person", "show", "--json").document()["id"] == bea["id"]
    assert glowtool("--person", "ANN", "person", "show", "--json").document()["id"] == ann["id"]
    said = glowtool("person", "use", "Anm")
    assert (said.status, "did you mean 'Ann'?" in said.err) == (3, True)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "data" / "people").rglob("*"))


@pytest.mark.parametrize("name", ["", " Ann", "a" * 41, "two\nlines", "\x1b[31m", "-x", "Ann"])
def test_what_is_no_name_or_taken_is_refused_in_a_sentence(glowtool: Call, name: str) -> None:
    assert glowtool("person", "new", "Ann").status == 0
    said = glowtool("person", "new", "--", name)
    assert said.status == 3
    assert "\x1b" not in said.err
    assert said.err.count("\n") == 1


def test_a_script_answers_line_by_line_and_only_what_is_missing_is_asked_later(
    glowtool: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch, "Ann", *("no" for _ in range(10)))
    said = glowtool("safety", "screening", "--vibration", "--json")
    assert said.status == 0, said.err
    told = said.document()
    assert told["vibration"] == {"allowed": True, "because": None}
    assert told["microcurrent"]["allowed"] is False  # type: ignore[index]  # JSON
    typing(monkeypatch, *("n" for _ in range(9)))
    told = glowtool("safety", "screening", "--json").document()
    assert told["microcurrent"] == {"allowed": True, "because": None}
    assert told["valid_until"] is not None
    assert glowtool("safety", "screening", "--json").document() == told, "nothing is asked"
    answers = People(tmp_path / "data").profile(People(tmp_path / "data").all()[0]).answers
    assert {given.reply for given in answers.values()} == {Reply.NO}
    assert len(answers) == len(QUESTIONS)


def test_neither_enter_nor_the_end_of_input_is_an_answer_but_a_yes_counts_at_once(
    glowtool: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, people = screened(tmp_path / "data"), People(tmp_path / "data")
    typing(monkeypatch, "", "perhaps", "y", "n", "n")
    said = glowtool("safety", "screening", "--again")
    assert said.status == 2
    assert said.err.count("Implanted electronics") == 3, "asked until it is a yes or a no"
    answers = people.profile(known).answers
    assert answers[Flag.IMPLANT].reply is Reply.YES
    assert answers[Flag.PREGNANCY].reply is Reply.NO
    assert glowtool("run", "first-glow").status != 0
    assert "no microcurrent, since the screening says yes to: Implanted" in " ".join(
        glowtool("person", "show").out.split()
    )


def test_a_disk_that_is_full_is_told_before_the_questions(
    glowtool: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    screened(tmp_path / "data")
    monkeypatch.setattr(People, "change", full)
    said = glowtool("safety", "screening", "--again")
    assert (said.status, "the disk is full" in said.err, "Implanted" in said.err) == (18, True, False)


def test_an_answer_that_cannot_be_kept_stops_what_runs(
    glowtool: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    stopped: list[object] = []
    screened(tmp_path / "data")
    monkeypatch.setattr("glowtool.app.keeping.answered", full)
    monkeypatch.setattr("glowtool.cli.commands.safety.asking.stop_in_use", stopped.append)
    typing(monkeypatch, "y", "n")
    assert glowtool("safety", "screening", "--again").status == 18
    assert len(stopped) == 1


def test_a_damaged_list_is_named_and_nobody_is_known_by_it(glowtool: Call, tmp_path: Path) -> None:
    screened(tmp_path / "data")
    (tmp_path / "data" / "people" / "people.json").write_text('{"format_version": 9}')
    said = glowtool("person", "list")
    assert said.status == 18
    assert "people.json is damaged at format_version" in said.err


def test_a_script_that_gives_no_new_passphrase_is_told_so_and_not_that_the_profile_is_encrypted(glowtool: Call) -> None:
    glowtool("person", "new", "Ann")
    said = glowtool("person", "encrypt")
    assert said.status == 2
    assert said.err.startswith("glowtool: nobody can be asked for the passphrase; use a terminal, or set GLOWTOOL_PASS")
    assert glowtool("person", "list", "--json").status == 0
