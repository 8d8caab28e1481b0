"""The translation of pydantic's and tomllib's errors into problems that a person can correct."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING, Final

from glowtool.errors import Problem, RoutineError
from glowtool.kit.text.toml import MAX_PROBLEMS
from glowtool.kit.text.toml_lines import Place, key_lines, line_of
from glowtool.routine.schema import allowed_at, node_at, properties

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_LONGEST: Final = 60

#: The words for pydantic's own findings; those of the models bring their own.
_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
}

#: Kinds of findings that the models raise themselves.
_OWN: Final = frozenset({"unknown_name", "band_order", "massage_duration"})

#: Pydantic's errors for a missing number, and the texts that people take for a number.
_NUMBERS: Final = frozenset({"float_type", "int_type"})
_NUMBER: Final = re.compile(r"\s*[+-]?\d{1,9}(?:[.,]\d{1,9})?\s*")

#: Keys that TOML writes without quotes.
_BARE: Final = re.compile(r"^[\w-]+\Z", re.ASCII)


def spell(place: Place) -> str:
    """Return a place in people's notation: `steps[2].microcurrent.peak_ua`."""
    words = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part if _BARE.match(part) else _quoted(part)}" for part in place
    )
    return words.removeprefix(".")


def validation_problems(error: ValidationError, text: str) -> tuple[Problem, ...]:
    """Return the findings of pydantic with their line, value, what is allowed and, for names, a suggestion.

    Beyond fifty, only their number is given.
    """
    lines = key_lines(text)
    items = error.errors(include_url=False)
    # Pydantic does not count invalid steps, so it also finds the list too short, which means nothing.
    holders = {item["loc"][:length] for item in items for length in range(len(item["loc"]))}
    told = [item for item in items if item["type"] != "too_short" or item["loc"] not in holders]
    told.sort(key=lambda item: line_of(lines, item["loc"]) or 0)
    found = [_problem(item, line_of(lines, item["loc"])) for item in told[:MAX_PROBLEMS]]
    if len(told) > MAX_PROBLEMS:
        found.append(Problem(what=f"{len(told) - MAX_PROBLEMS} more problems are not shown", allowed=""))
    return tuple(found)


def as_error(file: str, problems: tuple[Problem, ...]) -> RoutineError:
    """Return the error that lists every problem of a file and says what to do next."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    listed = (f"  {file}:{problem}" if problem.line else f"  {file}: {problem}" for problem in problems)
    return RoutineError(
        f"{file} is not a routine that can run: {count}",
        problems=problems,
    ).listing(*listed, "correct the file, then check it with `glowtool routines validate FILE`")


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a person who typed `word` most likely meant, if any is near."""
    tidy = word.strip().lower().replace("_", "-").replace(" ", "-")
    by_tidy = {name.replace("_", "-"): name for name in known}
    near = difflib.get_close_matches(tidy, by_tidy, n=1)
    return by_tidy[near[0]] if near else None


def _problem(item: ErrorDetails, line: int | None) -> Problem:
    place, kind = item["loc"], item["type"]
    value = "" if kind == "missing" else _shown(item["input"])
    if kind == "extra_forbidden":
        known = properties(node_at(place[:-1]) or {})
        allowed, suggestion = ", ".join(known), closest(str(place[-1]), known)
    else:
        allowed, suggestion = item.get("ctx", {}).get("allowed") or allowed_at(place), _nearest_name(item)
    what = item["msg"] if kind in _OWN else _mistaken(item) or _WORDS.get(kind, "is not allowed")
    return Problem(path=spell(place), line=line, what=what, value=value, allowed=allowed, suggestion=suggestion)


def _mistaken(item: ErrorDetails) -> str | None:
    """Return the mistake that a person most likely made with a number in TOML."""
    value = item["input"]
    if item["type"] in _NUMBERS and isinstance(value, str) and _NUMBER.fullmatch(value):
        return "is a text, not a number: leave out the quotation marks"
    pair = isinstance(value, list | tuple) and len(value) == 4 and all(type(part) is int for part in value)
    if item["type"] == "too_long" and pair and item["loc"][-1:] == ("band_kpa",):
        return "has four numbers, not two: write a decimal with a point, as in 2.5"
    return None


def _nearest_name(item: ErrorDetails) -> str | None:
    node = node_at(item["loc"]) or {}
    names = node.get("enum")
    if not isinstance(names, list) or not isinstance(item["input"], str):
        return None
    return closest(item["input"], names)


def _shown(value: object) -> str:
    """Return a value much as in the file; tables and long lists only by their kind."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple) and any(
        isinstance(item, dict) or not isinstance(item, float | int | str) for item in value
    ):
        return f"a list of {len(value)}"
    words = _quoted(value) if isinstance(value, str) else str(list(value) if isinstance(value, tuple) else value)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _quoted(text: str) -> str:
    """Return a text in quotes, with control characters escaped so that they cannot steer a terminal."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
