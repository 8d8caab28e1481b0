"""Each problem of an invalid routine is named with line, path, value and what is allowed."""

from pathlib import Path
from typing import NamedTuple

import pytest

from glowtool.errors import RoutineError
from glowtool.problem import Problem
from glowtool.routine import parse_routine
from glowtool.store.routines.load import load_routine

GOOD = """\
name = "my-cheeks"
title = "My cheeks"
goal = "relaxation"
description = \"\"\"
[[steps]]
zone = "this is text, not a key"
\"\"\"

[[steps]] # the first
title = "Left"
zone = "cheek-left"
duration_s = 15
band_kpa = [2.0, 5.0]
cue = "Up"

[[steps]]
title = "Right"
zone = "cheek-right"
direction = "upward"
duration_s = 15
band_kpa = [
  2.0, # light
  5.0,
]
cue = "Up"
microcurrent = { peak_ua = 80, frequency_hz = 10 }

[steps.vibration]
amplitude_percent = 30
frequency_hz = 75
pattern = "wave"
"""


class Case(NamedTuple):
    """What is replaced in the good text, by what, and the problem that follows."""

    old: str
    new: str
    path: str
    line: int
    value: str
    allowed: str
    suggestion: str | None = None


CASES = [
    Case('"my-cheeks"', '"My Cheeks"', "name", 1, '"My Cheeks"', "words joined by hyphens"),
    Case('goal = "relaxation"', 'goal = "relax"', "goal", 3, '"relax"', "relaxation", "relaxation"),
    Case('title = "My cheeks"', 'titel = "My cheeks"', "titel", 2, '"My cheeks"', "title", "title"),
    Case('zone = "cheek-left"', 'zone = "cheek_left"', "steps[0].zone", 11, '"cheek_left"', "cheek-left", "cheek-left"),
    Case('zone = "cheek-left"', "zone = 5", "steps[0].zone", 11, "5", "cheek-left"),
    Case('direction = "upward"', 'direction = "upwards"', "steps[1].direction", 19, '"upwards"', "outward", "upward"),
    Case("duration_s = 15", "duration_s = 301", "steps[0].duration_s", 12, "301", "1 to 300 s"),
    Case("duration_s = 15", "duration_s = true", "steps[0].duration_s", 12, "true", "1 to 300 s"),
    Case("duration_s = 15", 'duration_s = "15"', "steps[0].duration_s", 12, '"15"', "1 to 300 s"),
    Case('title = "Left"', 'title = "\\u001b[2J"', "steps[0].title", 10, '"\\u001b[2J"', "without control characters"),
    Case('title = "Left"', 'title = ""', "steps[0].title", 10, '""', "1 to 60 characters"),
    Case('title = "Left"', "title = 7", "steps[0].title", 10, "7", "1 to 60 characters"),
    Case('title = "Left"', '"\\u0007" = 1', 'steps[0]."\\u0007"', 9, "1", "title, zone"),
    Case("[2.0, 5.0]", "[5.0, 2.0]", "steps[0].band_kpa", 13, "[5.0, 2.0]", "low then high"),
    Case("[2.0, 5.0]", "[2.0, 5.0, 6.0]", "steps[0].band_kpa", 13, "[2.0, 5.0, 6.0]", "two numbers"),
    Case("[2.0, 5.0]", "[2.0, 9.4]", "steps[0].band_kpa[1]", 13, "9.4", "0 to 9.3 kPa"),
    Case("  5.0,\n", "  nan,\n", "steps[1].band_kpa[1]", 21, "nan", "0 to 9.3 kPa"),
    Case("peak_ua = 80", "peak_ua = 410", "steps[1].microcurrent.peak_ua", 26, "410", "0 to 400 µA in steps of 10"),
    Case("peak_ua = 80", "peak_ua = 85", "steps[1].microcurrent.peak_ua", 26, "85", "0 to 400 µA in steps of 10"),
    Case("peak_ua = 80", "peak_ua = 80.5", "steps[1].microcurrent.peak_ua", 26, "80.5", "whole numbers"),
    Case("peak_ua = 80, ", "", "steps[1].microcurrent.peak_ua", 26, "", "or peak_percent, 0 to 100 %"),
    Case(
        "frequency_hz = 10 }",
        "frequency_hz = 10, waveform = 'none' }",
        "steps[1].microcurrent.waveform",
        26,
        '"none"',
        "modulated",
    ),
    Case(
        "amplitude_percent = 30",
        "amplitude_percent = 101",
        "steps[1].vibration.amplitude_percent",
        29,
        "101",
        "0 to 100 %",
    ),
    Case("frequency_hz = 75", "frequency_hz = 39.9", "steps[1].vibration.frequency_hz", 30, "39.9", "40 to 150 Hz"),
    Case(
        "frequency_hz = 75",
        "frequency_khz = 75",
        "steps[1].vibration.frequency_khz",
        30,
        "75",
        "frequency_hz, pattern",
        "frequency_hz",
    ),
    Case('pattern = "wave"', 'patern = "wave"', "steps[1].vibration.patern", 31, '"wave"', "pattern", "pattern"),
    Case('pattern = "wave"', 'pattern = "waves"', "steps[1].vibration.pattern", 31, '"waves"', "steady, pulse", "wave"),
    Case("duration_s = 15\n", "", "steps[0].duration_s", 9, "", "1 to 300 s"),
    Case('cue = "Up"\n\n', 'cue = "Up"\nramp_s = 3.9\n', "steps[0].ramp_s", 15, "3.9", "4 to 60 s"),
    Case(
        'cue = "Up"\n\n',
        'cue = "Up"\nvibration = 30\n',
        "steps[0].vibration",
        15,
        "30",
        "a table with amplitude_percent",
    ),
]


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(RoutineError) as caught:
        parse_routine(text, "my.toml")
    for problem in caught.value.problems:
        assert f"my.toml:{problem}" in str(caught.value) or f"my.toml: {problem}" in str(caught.value)
    return caught.value.problems


def test_the_good_text_is_good() -> None:
    assert [step.title for step in parse_routine(GOOD, "my.toml").steps] == ["Left", "Right"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.path}={case.value}")
def test_a_broken_value_is_named_by_line_path_value_and_what_is_allowed(case: Case) -> None:
    assert case.old in GOOD
    found = {problem.path: problem for problem in problems_of(GOOD.replace(case.old, case.new, 1))}
    assert case.path in found
    problem = found[case.path]
    assert (problem.line, problem.value, problem.suggestion) == (case.line, case.value, case.suggestion)
    assert case.allowed in problem.allowed
    shown = str(problem)
    assert shown.startswith(f"{case.line}: {case.path}: ")
    assert case.value in shown
    assert case.allowed in shown


def test_every_problem_is_listed_in_order_of_lines() -> None:
    text = GOOD
    for old, new in (
        ('"wave"', '"weave"'),
        ("[2.0, 5.0]", "[2.0]"),
        ('"my-cheeks"', '"-"'),
        ("peak_ua = 80", "peak_ua = 5"),
    ):
        text = text.replace(old, new, 1)
    assert [(problem.line, problem.path) for problem in problems_of(text)] == [
        (1, "name"),
        (13, "steps[0].band_kpa[1]"),
        (26, "steps[1].microcurrent.peak_ua"),
        (31, "steps[1].vibration.pattern"),
    ]


def test_steps_that_last_too_long_together_are_one_problem() -> None:
    long = "".join(
        f'[[steps]]\ntitle = "{n}"\nzone = "chin"\nduration_s = 300\nband_kpa = [1, 2]\ncue = "x"\n' for n in range(5)
    )
    head = GOOD.split("[[steps]] #", maxsplit=1)[0]
    (problem,) = problems_of(head + long)
    assert (problem.path, problem.line, problem.allowed) == ("steps[4]", 33, "at most 1200 s together")
    assert "longer than 1200 s" in problem.what


def test_an_empty_file_misses_every_needed_key() -> None:
    assert {problem.path for problem in problems_of("")} == {"name", "title", "goal", "description", "steps"}


def test_a_routine_without_steps_is_refused() -> None:
    (problem,) = problems_of(GOOD.split("[[steps]] #", maxsplit=1)[0] + "steps = []\n")
    assert (problem.path, problem.line, problem.allowed) == ("steps", 9, "1 to 64 tables")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name = \n", 1),
        ('name = "x"\ntitle "y"\n', 2),
        ('name = "a"\nname = "b"\n', 2),
        ('name = "a', 1),
        ("a = 1\nb = [1,\n", 3),
    ],
)
def test_what_is_not_toml_is_named_by_line(text: str, line: int) -> None:
    (problem,) = problems_of(text)
    assert problem.line == line
    assert "not TOML" in problem.what


def test_a_file_that_is_not_utf8_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b'name = "x"\ntitle = "caf\xe9"\n')
    with pytest.raises(RoutineError, match=r"latin\.toml:2: this is not UTF-8"):
        load_routine(path)


def test_a_name_that_is_not_there_gets_the_nearest_and_the_way_to_all() -> None:
    with pytest.raises(RoutineError) as caught:
        load_routine("frist-glow")
    assert caught.value.says == "there is no routine 'frist-glow', and no such file"
    assert caught.value.advice == "did you mean first-glow? `glowtool routines list` shows the names"


@pytest.mark.parametrize("word", [".", "a\0b", "x" * 5000])
def test_what_cannot_be_read_as_a_file_is_a_routine_error(word: str) -> None:
    with pytest.raises(RoutineError, match=r"^the routine .* cannot be read: .*; give a TOML file$"):
        load_routine(word)
