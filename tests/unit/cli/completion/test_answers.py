"""What is offered at the end of a line, from the table of words and the data folder, whatever is in there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.cli.completion.answer import ASKS, lines, tree
from glowtool.cli.completion.kinds import Kind
from glowtool.cli.completion.line import wanted
from glowtool.cli.completion.names import offered
from glowtool.cli.completion.typed import in_bash, split
from glowtool.store.exports.registry import EXPORTS

GLOWTOOL = str(Path(sys.executable).with_name("glowtool"))
#: What no answer may load: it runs at every press of the key.
HEAVY = {"asyncio", "bleak", "bumble", "click", "dataclasses", "numpy", "pyarrow", "pydantic", "rich"}


def words(*typed: str, data: Path | None = None) -> list[str]:
    environment = {ASKS: "zsh", "GLOWTOOL_DATA_DIR": str(data or "/nowhere")}
    return [line.split("\t")[0] for line in lines(environment, typed)]


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        (("ana",), ["analyze"]),
        (("plan", "to"), ["today"]),
        (("--adapter", "sim", "plan", "to"), ["today"]),
        (("--adapter=sim", "plan", "to"), ["today"]),
        (("run", "first-glow", "--on-loss", "re"), ["resume"]),
        (("run", "--on-loss=st"), ["--on-loss=stop"]),
        (("run", "--yes", "--ye"), []),
        (("run", "-v", "--", "--ye"), [":files"]),
        (("plan", "new", "gentle-start", "--st"), ["--start"]),
        (("run", "--adapter", ""), []),
        (("--data-dir", ""), [":folders"]),
        (("--data-dir=x",), [":folders"]),
        (("logs", "export", "last", "-o", ""), [":files"]),
        (("logs", "export", "--format", ""), [*EXPORTS]),
        (("no-such", ""), []),
        (("no-such", "--"), []),
        (("run", "--no-such=x"), []),
        (("plan", "today", ""), []),
        (("stop", "one", ""), []),
    ],
)  # fmt: skip
def test_a_line_goes_on_as_the_command_is_declared(typed: tuple[str, ...], offers: list[str]) -> None:
    assert words(*typed) == offers


def test_every_command_is_offered_with_a_few_words_on_it() -> None:
    offered_lines = list(lines({ASKS: "fish"}, [""]))
    assert len(offered_lines) == len(tree()["commands"])
    assert all(len(line.split("\t")) == 2 and line.split("\t")[1] for line in offered_lines)


def test_names_come_from_the_data_folder_that_the_line_names(tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "logs" / "20270301T210000Z-0a0b0c").mkdir(parents=True)
    (other / "people").mkdir()
    (other / "people" / "people.json").write_text(json.dumps({"people": [{"name": "Zoë"}, {"name": "An\x1b[2Jna"}]}))
    (other / "routines").mkdir()
    (other / "routines" / "mine.toml").write_text('title = "Mine"\n')
    assert words("logs", "show", "") == []
    assert words("--data-dir", str(other), "logs", "show", "") == ["last", "20270301T210000Z-0a0b0c"]
    assert words("logs", f"--data-dir={other}", "show", "2") == ["20270301T210000Z-0a0b0c"]
    assert ("mine", "Mine") in list(offered(Kind.ROUTINE, str(other)))
    assert list(offered(Kind.PERSON, str(other))) == [("Zoë", "")], "what cannot be seen is not offered"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"rollers": 3}', '{"rollers": [1, {"alias": 5}]}', "[" * 100_000])
def test_a_file_that_is_not_as_it_should_be_offers_nothing_and_fails_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "devices.json").write_text(content)
    assert words("info", "", data=tmp_path) in ([], ["5"])


def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "devices.json")
    assert words("info", "", data=tmp_path) == []


WORD = st.one_of(
    st.sampled_from(["run", "plan", "logs", "show", "--", "-", "--yes", "--on-loss", "--data-dir"]), st.text()
)


@given(typed=st.lists(WORD, max_size=6), last=WORD)
def test_no_line_fails(typed: list[str], last: str) -> None:
    found = wanted(tree(), typed, last)
    assert last.endswith(found.typed)


@given(typed=st.lists(st.text(min_size=1), max_size=4))
def test_a_word_that_bash_is_given_back_is_read_as_that_word(typed: list[str]) -> None:
    line = " ".join(in_bash(word, "", [""], "") for word in ["glowtool", *typed])
    before, last, quote = split(line)
    assert ([*before, last], quote) == (["glowtool", *typed], "")


@pytest.mark.parametrize(
    ("line", "is_read_as"),
    [
        ("glowtool ", (["glowtool"], "", "")),
        ("glowtool 'Anna ", (["glowtool"], "Anna ", "'")),
        ('glowtool "a\\"b', (["glowtool"], 'a"b', '"')),
        ("glowtool a\\ b c", (["glowtool", "a b"], "c", "")),
        ("glowtool '' x", (["glowtool", ""], "x", "")),
        ("glowtool a\\", (["glowtool"], "a", "")),
    ],
)
def test_an_unfinished_line_is_read(line: str, is_read_as: tuple[list[str], str, str]) -> None:
    assert split(line) == is_read_as


def test_bash_is_given_what_stands_behind_its_last_break() -> None:
    assert in_bash("F0:F1:02", "F0:F", ["F"], "") == "F1:02"
    assert in_bash("F0:F1:02", "F0:", [":"], "") == "F1:02"
    assert in_bash("--on-loss=stop", "--on-loss=", ["="], "") == "stop"
    assert in_bash("first-glow", "fi", ["fi"], "") == "first-glow"


def test_an_answer_loads_nothing_heavy(tmp_path: Path) -> None:
    environment = {**os.environ, ASKS: "zsh", "GLOWTOOL_DATA_DIR": str(tmp_path)}
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-X", "importtime", GLOWTOOL, "run", "first"],
        env=environment, capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    assert "first-glow\tFirst glow" in done.stdout.splitlines()
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "json" in loaded
    assert not loaded & HEAVY
