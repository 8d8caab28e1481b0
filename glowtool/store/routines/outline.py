"""What a list says of a routine. Of the built-in ones it is in a table, so that a list reads no routine at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.model.names import name_of

if TYPE_CHECKING:
    from glowtool.routine.models import Routine

#: Made by `make docs` from the built-in routines; a test fails when it is stale.
TABLE: Final = Path(__file__).with_name("built_in.json")


@dataclass(frozen=True, slots=True)
class Outline:
    """A routine in a list: its title and goal, how long it takes, how many steps it has, and which outputs it uses."""

    name: str
    title: str
    goal: str
    duration_s: float
    steps: int
    vibration: bool
    microcurrent: bool


def outline_of(routine: Routine) -> Outline:
    """Return what a list says of a routine."""
    return Outline(
        routine.name,
        routine.title,
        name_of(routine.goal),
        routine.duration_s,
        len(routine.steps),
        routine.uses_vibration,
        routine.uses_microcurrent,
    )


def builtin_outlines() -> tuple[Outline, ...]:
    """Return what a list says of the built-in routines, in alphabetical order of their names."""
    return tuple(Outline(**row) for row in json.loads(TABLE.read_text("utf-8")))
