"""The reading of a routine's text into a routine, or into every problem that the text has."""

from __future__ import annotations

from pydantic import ValidationError

from glowtool.errors import InputError
from glowtool.kit.text.toml import parse_toml
from glowtool.routine.models import Routine
from glowtool.routine.problems import as_error, validation_problems


def parse_routine(text: str, file: str) -> Routine:
    """Return the routine that a TOML text describes; raises `RoutineError` naming `file`."""
    text = text.removeprefix("\ufeff")
    try:
        return Routine.model_validate(parse_toml(text))
    except InputError as error:
        raise as_error(file, error.problems) from error
    except ValidationError as error:
        raise as_error(file, validation_problems(error, text)) from error
