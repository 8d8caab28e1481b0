"""The reading of a plan's text into a plan, or into every problem that the text has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from glowtool.errors import InputError
from glowtool.kit.text.nearest import closest
from glowtool.kit.text.spelled import spell
from glowtool.kit.text.toml import MAX_PROBLEMS, parse_toml
from glowtool.kit.text.toml_lines import key_lines, line_of
from glowtool.model.names import name_of
from glowtool.problem import Problem
from glowtool.routine.models import Goal
from glowtool.routine.plans.models import DAYS_A_WEEK, MAX_PHASES, MAX_WEEKS, REST, Missed, Phase, Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

    from glowtool.kit.text.toml_lines import Place

_SHOWN: Final = 60
_A_NAME: Final = "lower-case letters and digits, words joined by hyphens, at most 40 characters"

_NAMES: Final = {
    "goal": [name_of(goal) for goal in Goal],
    "missed": [name_of(fate) for fate in Missed],
}

#: What a key allows, by its name.
_ALLOWED: Final = {
    "name": _A_NAME,
    "title": "text of 1 to 60 characters on one line",
    "description": "text of 1 to 2000 characters",
    "note": "text of at most 200 characters on one line",
    "sources": "a list of texts, each on one line",
    "weeks": f"whole numbers, 1 to {MAX_WEEKS}",
    "days": f"{DAYS_A_WEEK} names of routines, or {REST}",
    "phases": f"1 to {MAX_PHASES} tables [[phases]] of together at most {MAX_WEEKS} weeks",
    **{key: ", ".join(names) for key, names in _NAMES.items()},
}

_WORDS: Final = {"missing": "is missing", "extra_forbidden": "is not a known key"}
_OWN: Final = frozenset({"unknown_name", "only_rest", "plan_weeks"})


def allowed(key: str) -> str:
    """Return in words what a key of a plan's file allows; empty for a key that there is not."""
    return _ALLOWED.get(key, "")


def parse_plan(text: str, file: str) -> Plan:
    """Return the plan that a TOML text describes; raises `InputError` that names `file` and lists its problems."""
    text = text.removeprefix("\ufeff")
    try:
        return Plan.model_validate(parse_toml(text))
    except InputError as error:
        raise as_plan_error(file, error.problems) from error
    except ValidationError as error:
        raise as_plan_error(file, _problems(error, text)) from error


def as_plan_error(file: str, problems: tuple[Problem, ...]) -> InputError:
    """Return the error that lists every problem of a plan's file."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    listed = (f"  {file}:{problem}" if problem.line else f"  {file}: {problem}" for problem in problems)
    return InputError(f"{file} is not a plan that can be followed: {count}", problems=problems).listing(*listed)


def _problems(error: ValidationError, text: str) -> tuple[Problem, ...]:
    lines = key_lines(text)
    items = sorted(error.errors(include_url=False), key=lambda item: line_of(lines, item["loc"]) or 0)
    found = [_problem(item, lines) for item in items[:MAX_PROBLEMS]]
    if len(items) > MAX_PROBLEMS:
        found.append(Problem(what=f"{len(items) - MAX_PROBLEMS} more problems are not shown", allowed=""))
    return tuple(found)


def _problem(item: ErrorDetails, lines: Mapping[Place, int]) -> Problem:
    place, kind = item["loc"], item["type"]
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    known: list[str] = _NAMES.get(key, [])
    if kind == "extra_forbidden":
        known = list(Plan.model_fields if len(place) == 1 else Phase.model_fields)
    value = "" if kind in {"missing", "extra_forbidden"} else _shown(item["input"])
    guess = key if kind == "extra_forbidden" else item["input"]
    return Problem(
        what=item["msg"] if kind in _OWN else _WORDS.get(kind, "is not allowed"),
        allowed=", ".join(known) if kind == "extra_forbidden" else allowed(key),
        path=spell(place),
        line=line_of(lines, place),
        value=value,
        suggestion=closest(guess, known) if isinstance(guess, str) else None,
    )


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    words = repr(value) if isinstance(value, str) else str(value)
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"
