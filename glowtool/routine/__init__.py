"""Routines: their language and models, the built-in library, and their compilation to a device's program."""

from glowtool.model.names import name_of
from glowtool.routine.compile import OutputMaximum, compile_routine
from glowtool.routine.digest import routine_digest
from glowtool.routine.head import Evidence, Goal
from glowtool.routine.models import Routine, Step
from glowtool.routine.outputs import Keyframe, Microcurrent, Vibration
from glowtool.routine.steps import Cue, Return, Technique
from glowtool.routine.toml.parse import parse_expanded, parse_routine, parse_written
from glowtool.routine.toml.schema import routine_json_schema
from glowtool.routine.written.expand import Expansion, Find, Origin, expand
from glowtool.routine.written.models import WrittenRoutine

__all__ = [
    "Cue",
    "Evidence",
    "Expansion",
    "Find",
    "Goal",
    "Keyframe",
    "Microcurrent",
    "Origin",
    "OutputMaximum",
    "Return",
    "Routine",
    "Step",
    "Technique",
    "Vibration",
    "WrittenRoutine",
    "compile_routine",
    "expand",
    "name_of",
    "parse_expanded",
    "parse_routine",
    "parse_written",
    "routine_digest",
    "routine_json_schema",
]
