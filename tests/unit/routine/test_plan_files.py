"""The plans that come with glowtool can be followed, and a plan's file that cannot be says where and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.errors import InputError
from glowtool.routine.plans.models import MAX_WEEKS
from glowtool.routine.plans.parse import parse_plan
from glowtool.store.plans.load import builtin_plan_names, load_plan
from glowtool.store.routines.load import load_routine

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
name = "mine"
title = "Mine"
goal = "relaxation"
description = "A plan."

[[phases]]
title = "All of it"
weeks = 2
missed = "roll-over"
days = ["evening-calm", "rest", "rest", "rest", "rest", "rest", "rest"]
"""

#: What is changed in it, the line that is named, and what the message says.
BAD = [
    ('goal = "relaxation"', 'goal = "relaxed"', 3, "relaxation"),
    ("weeks = 2", "weeks = 0", 8, "1 to 52"),
    ("weeks = 2", "weeks = 2.5", 8, "whole numbers"),
    ("weeks = 2", f"weeks = {MAX_WEEKS + 1}", 8, "1 to 52"),
    ("roll-over", "rollover", 9, "skip, roll-over; did you mean roll-over?"),
    ('missed = "', 'mised = "', 9, "did you mean missed?"),
    ('"evening-calm"', '"rest"', 10, "has no massage in it"),
    ('"evening-calm"', '"Evening Calm"', 10, "names of routines"),
    (', "rest"]', "]", 10, "7 names of routines"),
    ('"rest"]', '"rest", "rest"]', 10, "7 names of routines"),
    ('title = "Mine"', "", None, "title: is missing"),
    ('title = "Mine"', 'title = "Mi\\nne"', 2, "on one line"),
    ("[[phases]]", "[phases]", 6, "tables [[phases]]"),
    ('name = "mine"', "name = mine", 1, "TOML"),
]


@pytest.mark.parametrize(("old", "new", "line", "says"), BAD, ids=[new or "left out" for _, new, _, _ in BAD])
def test_a_bad_plan_names_the_line_and_what_is_allowed(old: str, new: str, line: int | None, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_plan(GOOD.replace(old, new), "mine.toml")
    assert says in str(caught.value)
    assert line in [problem.line for problem in caught.value.problems]


def test_a_good_plan_is_read_and_phases_are_bounded_together() -> None:
    assert parse_plan(GOOD, "mine.toml").weeks == 2
    long = GOOD + GOOD[GOOD.index("[[phases]]") :].replace("weeks = 2", f"weeks = {MAX_WEEKS}")
    with pytest.raises(InputError, match="last 54 weeks together"):
        parse_plan(long, "mine.toml")


@pytest.mark.parametrize("name", builtin_plan_names())
def test_a_plan_that_comes_with_glowtool_can_be_followed(name: str) -> None:
    plan = load_plan(name)
    assert plan.name == name
    assert all(load_routine(routine).name == routine for routine in plan.routines)


def test_a_file_of_the_persons_own_is_a_plan_and_a_mistyped_name_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    assert load_plan(str(path)).name == "mine"
    with pytest.raises(InputError, match="Did you mean gentle-start"):
        load_plan("gentle-strat")
    with pytest.raises(InputError, match="a folder"):
        load_plan(str(tmp_path))
