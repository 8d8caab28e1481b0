"""The translation of pydantic's and tomllib's errors into problems that a person can correct."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from pydantic_core.core_schema import ErrorType

from glowtool.errors import RoutineError
from glowtool.kit.text.nearest import closest
from glowtool.kit.text.spelled import quoted, spell
from glowtool.kit.text.toml import MAX_PROBLEMS
from glowtool.kit.text.toml_lines import Place, line_of
from glowtool.problem import Problem
from glowtool.routine.toml.schema import allowed_at, node_at, properties
from glowtool.routine.written.models import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from glowtool.routine.toml.schema import Node

_LONGEST: Final = 60

#: The words for pydantic's own findings; those of the models bring their own.
_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
}

#: Kinds of findings that pydantic makes; all others are those of the models, with words of their own.
_PYDANTICS: Final = frozenset(get_args(ErrorType))

#: Pydantic's errors for a missing number, and the texts that people take for a number.
_NUMBERS: Final = frozenset({"float_type", "int_type"})
_NUMBER: Final = re.compile(r"\s*[+-]?\d{1,9}(?:[.,]\d{1,9})?\s*")

#: A key that people put beside the table in which it belongs.
_TABLES: Final = ("vibration", "microcurrent")


class _Found(NamedTuple):
    """A finding of pydantic: its place in the file, the same with the tags of items, and what was found there."""

    place: Place
    tagged: Place
    kind: str
    value: object
    words: str
    allowed: str


def validation_problems(
    error: ValidationError, lines: Mapping[Place, int], *, in_columns: bool = False
) -> tuple[Problem, ...]:
    """Return the findings of pydantic with their line, value, what is allowed and, for names, a suggestion.

    `lines` are those of places, or their columns in a text. Beyond fifty findings, only their number is given.
    """
    items = [_found(item) for item in error.errors(include_url=False)]
    # Pydantic does not count invalid steps, so it also finds the list too short, which means nothing.
    holders = {item.tagged[:length] for item in items for length in range(len(item.tagged))}
    told = [item for item in items if item.kind != "too_short" or item.tagged not in holders]
    told.sort(key=lambda item: line_of(lines, item.place) or 0)
    problems = ((_problem(item), line_of(lines, item.place)) for item in told[:MAX_PROBLEMS])
    found = [replace(each, column=at) if in_columns else replace(each, line=at) for each, at in problems]
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


def _found(item: ErrorDetails) -> _Found:
    told = item.get("ctx", {})
    tagged, value = item["loc"], item["input"]
    for part in told.get("at", ()):
        tagged, value = (*tagged, part), _inside(value, part)
    place = tuple(part for index, part in enumerate(tagged) if not _is_tag(tagged, index))
    return _Found(place, tagged, item["type"], value, item["msg"], told.get("allowed", ""))


def _is_tag(tagged: Place, index: int) -> bool:
    """Return whether a part of a place tells the kind of an item; a key of the file may look the same elsewhere."""
    return tagged[index] in KINDS and index > 0 and isinstance(tagged[index - 1], int)


def _inside(value: object, part: str | int) -> object:
    if isinstance(value, dict) and isinstance(part, str):
        return value.get(part)
    return value[part] if isinstance(value, list | tuple) and isinstance(part, int) and part < len(value) else None


def _problem(item: _Found) -> Problem:
    place, kind = item.tagged, item.kind
    missing = kind == "missing" or item.value is None
    if kind == "extra_forbidden":
        known = properties(node_at(place[:-1]) or {})
        allowed, suggestion = ", ".join(known), _meant(str(place[-1]), known)
    else:
        allowed, suggestion = item.allowed or allowed_at(place), _nearest_name(item)
    what = _mistaken(item) or _WORDS.get(kind, "is not allowed") if kind in _PYDANTICS else item.words
    value = "" if missing else _shown(item.value)
    return Problem(path=spell(item.place), what=what, value=value, allowed=allowed, suggestion=suggestion)


def _meant(word: str, known: Mapping[str, Node]) -> str | None:
    """Return the key that was most likely meant: of this table, of one inside it, or that of another kind of item."""
    for table in _TABLES:
        if table in known and word in properties(known[table]):
            return f"{table}.{word}"
    near = closest(word, known)
    return near or (closest(word, [key for key, _ in KINDS.values()]) if "zone" in known else None)


def _mistaken(item: _Found) -> str | None:
    """Return the mistake that a person most likely made with a number in TOML."""
    value = item.value
    if item.kind in _NUMBERS and isinstance(value, str) and _NUMBER.fullmatch(value):
        return "is a text, not a number: leave out the quotation marks"
    pair = isinstance(value, list | tuple) and len(value) == 4 and all(type(part) is int for part in value)
    if item.kind == "too_long" and pair and item.place[-1:] == ("band_kpa",):
        return "has four numbers, not two: write a decimal with a point, as in 2.5"
    return None


def _nearest_name(item: _Found) -> str | None:
    names = (node_at(item.tagged) or {}).get("enum")
    if not isinstance(names, list) or not isinstance(item.value, str):
        return None
    return None if item.value in names else closest(item.value, names)


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
    if isinstance(value, list | tuple):
        words = f"[{', '.join(map(_shown, value))}]"
    else:
        words = quoted(value) if isinstance(value, str) else str(value)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
