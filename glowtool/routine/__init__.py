"""Routines: their language and models, the built-in library, and their compilation to a device's program."""

from glowtool.model.names import name_of
from glowtool.routine.compile import OutputMaximum, compile_routine
from glowtool.routine.digest import routine_digest
from glowtool.routine.models import Goal, Microcurrent, Routine, Step, Vibration
from glowtool.routine.parse import parse_routine
from glowtool.routine.schema import routine_json_schema

__all__ = [
    "Goal",
    "Microcurrent",
    "OutputMaximum",
    "Routine",
    "Step",
    "Vibration",
    "compile_routine",
    "name_of",
    "parse_routine",
    "routine_digest",
    "routine_json_schema",
]
