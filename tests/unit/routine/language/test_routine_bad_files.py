"""Each file of `bad/` has one mistake; its first lines are what is said about it: place, value, what is allowed.

The words of tomllib itself differ between versions of Python, and are left out of the comparison.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import RoutineError
from glowtool.routine import WrittenRoutine, parse_expanded
from glowtool.routine.toml.writer import write_toml
from glowtool.store.routines.shelf import Shelf
from support.routines.written import WRITTEN

BAD = sorted((Path(__file__).parent / "bad").glob("*.toml"))
SAID = re.compile(r"(?<=this is not TOML: )[^;]*")
MOST_S = 2.0


def said(lines: list[str]) -> list[str]:
    return [SAID.sub("…", line) for line in lines]


def test_there_are_enough_of_them_and_no_two_are_refused_alike() -> None:
    assert len(BAD) >= 60
    heads = [path.read_text("utf-8").splitlines()[0].removeprefix("#! ") for path in BAD]
    mistakes = [re.sub(r"^\d+: ", "", head) for head in heads]
    assert len({*mistakes}) >= 85


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_with_place_value_and_what_is_allowed(path: Path) -> None:
    head = [line.removeprefix("#! ") for line in path.read_text("utf-8").splitlines() if line.startswith("#! ")]
    began_s = time.process_time()
    with pytest.raises(RoutineError) as refused:
        Shelf().load(str(path))
    assert time.process_time() - began_s < MOST_S
    assert said([str(problem) for problem in refused.value.problems]) == said(head)
    assert all(problem.allowed or problem.value for problem in refused.value.problems)


ODD = st.sampled_from(
    [
        *("-1", "0", "1e9", "nan", "-inf", "true", '""', '"\\u0000"', "[]", "[[]]", "{}", "{ a = 1 }", "1979-05-27"),
        *('"left"', "[1, 2, 3]", '["x"]', "0x7fffffffffffffff", '"5"', "'\u202e'", "12:30:00"),
    ]
)


@given(WRITTEN, st.data())
def test_a_file_with_an_odd_value_is_read_or_refused_at_a_place_of_it(
    written: WrittenRoutine, data: st.DataObject
) -> None:
    lines = write_toml(written).split("\n")
    keys = [number for number, line in enumerate(lines) if " = " in line and not line.startswith(" ")]
    number = data.draw(st.sampled_from(keys))
    key = lines[number].partition(" = ")[0]
    lines[number] = f"{key} = {data.draw(ODD)}"
    refused = refusal("\n".join(lines))
    if refused is None:
        return
    for problem in refused.problems:
        assert problem.line or problem.path
        assert problem.what
        assert str(problem).isprintable()


@given(WRITTEN, st.data())
def test_a_file_that_lacks_a_line_is_read_or_refused_in_words(written: WrittenRoutine, data: st.DataObject) -> None:
    lines = write_toml(written).split("\n")
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    refused = refusal("\n".join(lines))
    assert refused is None or refused.problems


def refusal(text: str) -> RoutineError | None:
    try:
        parse_expanded(text, "x.toml")
    except RoutineError as refused:
        return refused
    return None
