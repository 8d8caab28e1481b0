"""The record of what is stored for a roller's button: the roller itself tells only a number of its program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.drivers.gr1.button import crc_of
from glowtool.routine import compile_routine
from glowtool.store.rollers.programs import KeptProgram, find_program
from glowtool.store.routines.load import builtin_names, load_routine

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.model.program import Program
    from glowtool.routine import Routine


def kept_program(routine: Routine, program: Program | None = None) -> KeptProgram:
    """Return the record kept of a routine that is stored in a roller as this program; None: in nobody's bounds."""
    program = compile_routine(routine) if program is None else program
    return KeptProgram(
        crc32=f"{crc_of(program):08x}",
        name=routine.name,
        title=routine.title,
        steps=len(program),
        duration_s=routine.duration_s,
        peak_ua=max(step.peak_most_ua for step in program),
        amplitude=max(step.amplitude_most for step in program),
    )


def known_program(place: Place, crc32: str) -> KeptProgram | None:
    """Return the record of the routine with that program: one stored from here, else a built-in one."""
    found = find_program(place.programs_dir, crc32)
    if found is not None:
        return found
    built_in = map(kept_program, map(load_routine, builtin_names()))
    return next((kept for kept in built_in if kept.crc32 == crc32), None)
