"""Error messages for a scenario: the line, the key, the value, and what is allowed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, TypeGuard, get_args

from pydantic import BaseModel

from glowtool.kit.text.toml import MAX_PROBLEMS
from glowtool.kit.text.toml_lines import key_lines, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

_Place = tuple[int | str, ...]

#: Sorted by name, the lower bound comes first.
_BOUNDS: Final[Mapping[str, str]] = {"ge": "", "gt": "more than ", "le": "", "lt": "less than "}
_OUT_OF_RANGE: Final = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})

#: The allowed values in words, by pydantic's name of the error.
_ALLOWED: Final[Mapping[str, str]] = {
    "literal_error": "{expected}",
    "finite_number": "a finite number",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text in quotation marks",
    "model_type": "a table of its own, such as [{key}]",
    "tuple_type": "tables of its own, each under [[{key}]]",
}


def problems(text: str, model: type[BaseModel], error: ValidationError) -> Iterator[str]:
    """Yield `LINE: KEY is VALUE; allowed: …` for each error in `text`, which is TOML for `model`."""
    lines, details = key_lines(text), error.errors()
    for detail in details[:MAX_PROBLEMS]:
        yield f"{line_of(lines, detail['loc']) or 1}: {_said(model, detail)}"
    if len(details) > MAX_PROBLEMS:
        yield f"1: {len(details) - MAX_PROBLEMS} more problems are not shown"


def _said(model: type[BaseModel], detail: ErrorDetails) -> str:
    place, kind = detail["loc"], detail["type"]
    name = ".".join(f"{step + 1}" if isinstance(step, int) else step for step in place)
    if kind == "missing":
        return f"{name} is missing"
    if kind == "extra_forbidden":
        return f"{name} is not known; {_known(model, place)}"
    if kind == "value_error":
        return f"{name}: {detail['ctx']['error']}"
    if kind in _OUT_OF_RANGE:
        return f"{name} is {detail['input']!r}; allowed: {_range(_field(model, place))}"
    allowed = _ALLOWED.get(kind)
    if allowed is None:
        return f"{name} is {detail['input']!r}; {detail['msg'][:1].lower()}{detail['msg'][1:]}"
    return f"{name} is {detail['input']!r}; allowed: {allowed.format(key=place[0], **detail.get('ctx', {}))}"


def _known(model: type[BaseModel], place: _Place) -> str:
    names = list(_holder(model, place).model_fields)
    close = get_close_matches(str(place[-1]), names, 1)
    return f"known are {', '.join(names)}{f'; did you mean {close[0]}?' if close else ''}"


def _range(field: FieldInfo) -> str:
    bounds = {name: getattr(each, name) for each in field.metadata for name in _BOUNDS if hasattr(each, name)}
    return " to ".join(f"{_BOUNDS[name]}{value:.10g}" for name, value in sorted(bounds.items()))


def _field(model: type[BaseModel], place: _Place) -> FieldInfo:
    return _holder(model, place).model_fields[str(place[-1])]


def _holder(model: type[BaseModel], place: _Place) -> type[BaseModel]:
    """Return the model of the table that a key is in."""
    for step in place[:-1]:
        if isinstance(step, str):
            kind = model.model_fields[step].annotation
            model = next(each for each in (kind, *get_args(kind)) if _is_model(each))
    return model


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
