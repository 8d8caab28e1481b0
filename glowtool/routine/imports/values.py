"""Values of a JSON file from outside, taken one at a time, each with its place and what is allowed there."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Final, NoReturn

from glowtool.errors import InputError
from glowtool.problem import Problem

#: No file that is played in 20 minutes needs more points; a longer list is refused rather than waited for.
MOST_ITEMS: Final = 100_000

_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a file and its place, such as `actions[3].at`."""

    found: object
    path: str = ""

    def field(self, name: str) -> Value | None:
        """Return a field of this object, or None; `InputError` when this is no object. null counts as left out."""
        if not isinstance(self.found, dict):
            self.refuse("is not an object", "an object in braces")
        inner = self.found.get(name)
        return None if inner is None else Value(inner, f"{self.path}.{name}".removeprefix("."))

    def need(self, name: str) -> Value:
        """Return a field of this object that has to be there."""
        inner = self.field(name)
        if inner is None:
            missing = f"{self.path}.{name}".removeprefix(".")
            raise wrong(Problem(path=missing, what="is missing", allowed=""))
        return inner

    def items(self) -> tuple[Value, ...]:
        """Return the items of this list."""
        if not isinstance(self.found, list):
            self.refuse("is not a list", "a list in brackets")
        if len(self.found) > MOST_ITEMS:
            self.refuse(f"has {len(self.found)} items", f"at most {MOST_ITEMS}")
        return tuple(Value(item, f"{self.path}[{index}]") for index, item in enumerate(self.found))

    def number(self, low: float, high: float) -> float:
        """Return this number, which has to be in a closed range."""
        value = self.found
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse("is not a number", f"a number from {low:g} to {high:g}")
        if not low <= value <= high:
            self.refuse("is out of range", f"{low:g} to {high:g}")
        return float(value)

    def held(self, low: float, high: float) -> float:
        """Return this number, held to a range as the program that the file is for would hold it."""
        return min(max(self.number(-math.inf, math.inf), low), high)

    def text(self) -> str:
        """Return this text."""
        if not isinstance(self.found, str):
            self.refuse("is not a text", "a text in quotation marks")
        return self.found

    def refuse(self, what: str, allowed: str) -> NoReturn:
        """Raise the error that names this place and its value."""
        raise wrong(Problem(path=self.path, value=_shown(self.found), what=what, allowed=allowed))


def read_json(text: str) -> Value:
    """Return the object in a JSON text; raises `InputError` with one problem that names the line."""
    try:
        found = json.loads(text, parse_constant=_not_a_number)
    except json.JSONDecodeError as error:
        raise wrong(Problem(line=error.lineno, what=f"this is not JSON: {error.msg}", allowed="")) from error
    except RecursionError:
        raise wrong(Problem(what="objects or lists are nested too deeply", allowed="")) from None
    except ValueError as error:  # a whole number of more digits than Python reads
        raise wrong(Problem(what="a number has too many digits", allowed="")) from error
    value = Value(found)
    if not isinstance(found, dict):
        value.refuse("is not an object", "an object in braces")
    return value


def wrong(problem: Problem) -> InputError:
    """Return the error for one problem of a file."""
    return InputError(str(problem), problems=(problem,))


def _not_a_number(word: str) -> NoReturn:
    raise wrong(Problem(value=word, what="is not a number of JSON", allowed="finite numbers"))


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    words = json.dumps(value)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
