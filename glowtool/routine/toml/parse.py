"""The reading of a routine's file into the written routine, or into every problem that the text has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from glowtool.errors import InputError, RoutineError
from glowtool.kit.text.toml import parse_toml
from glowtool.kit.text.toml_lines import key_lines
from glowtool.routine.toml.problems import as_error, validation_problems
from glowtool.routine.written.expand import expand, no_includes, wrong
from glowtool.routine.written.models import MAX_DEPTH, WrittenRoutine

if TYPE_CHECKING:
    from glowtool.kit.text.toml_lines import Place
    from glowtool.routine.models import Routine
    from glowtool.routine.written.expand import Expansion, Find


def parse_written(text: str, file: str) -> WrittenRoutine:
    """Return the written routine of a TOML text; raises `RoutineError` naming `file`, with every problem."""
    text = text.removeprefix("\ufeff")
    try:
        content = parse_toml(text)
        _require_shallow(content, text)
        return WrittenRoutine.model_validate(content)
    except InputError as error:
        raise as_error(file, error.problems) from error
    except ValidationError as error:
        raise as_error(file, validation_problems(error, key_lines(text))) from error


def parse_expanded(text: str, file: str, find: Find = no_includes) -> Expansion:
    """Return the flat routine of a TOML text and where its steps were written; raises `RoutineError` naming `file`."""
    written = parse_written(text, file)
    try:
        return expand(written, find, key_lines(text))
    except RoutineError as error:
        raise as_error(file, error.problems) from error


def parse_routine(text: str, file: str, find: Find = no_includes) -> Routine:
    """Return the flat routine of a TOML text; raises `RoutineError` naming `file`."""
    return parse_expanded(text, file, find).routine


def _require_shallow(content: dict[str, object], text: str) -> None:
    """Refuse repeats that are nested deeper than anyone follows, before the models go down into them."""
    waiting: list[tuple[Place, object]] = [((), content)]
    while waiting:
        place, table = waiting.pop()
        items = table.get("steps") if isinstance(table, dict) else None
        if not isinstance(items, list):
            continue
        if len(place) > 2 * MAX_DEPTH:
            raise wrong(
                place, "is nested too deeply", f"at most {MAX_DEPTH} repeats, one in the other", key_lines(text)
            )
        waiting += (((*place, "steps", index), item) for index, item in enumerate(items))
