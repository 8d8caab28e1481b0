"""The program that a roller's button starts without a host: store it, read it, clear it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowtool.app.news import Ended, untold
from glowtool.app.opening import opened
from glowtool.app.routines import proposed_for
from glowtool.device.host_clock import unix_clock_us
from glowtool.drivers.gr1.button import clear_button, crc_of, store_for_button, stored_crc
from glowtool.errors import LinkError
from glowtool.model.state import State
from glowtool.routine import compile_routine
from glowtool.store.rollers.programs import KeptProgram, find_program, keep_program
from glowtool.store.routines.load import builtin_names, load_routine
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.app.routines import Proposal
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.model.program import Program
    from glowtool.routine import Routine
    from glowtool.safety.limits import PersonalMax
    from glowtool.store.rollers.known import KnownRoller


def kept_program(routine: Routine) -> KeptProgram:
    """Return the record kept of a routine that is stored in a roller."""
    return _kept(routine, compile_routine(routine))


def _kept(routine: Routine, program: Program) -> KeptProgram:
    return KeptProgram(
        crc32=f"{crc_of(program):08x}",
        name=routine.name,
        title=routine.title,
        steps=len(program),
        duration_s=routine.duration_s,
    )


def known_program(place: Place, crc32: str) -> KeptProgram | None:
    """Return the record of the routine with that program: one stored from here, else a built-in one."""
    found = find_program(place.programs_dir, crc32)
    if found is not None:
        return found
    built_in = map(kept_program, map(load_routine, builtin_names()))
    return next((kept for kept in built_in if kept.crc32 == crc32), None)


async def store(
    place: Place, known: KnownRoller, routine: Routine, tell: Tell = untold, *, personal: PersonalMax | None = None
) -> bool:
    """Store a routine for the button of a roller, and read it back; return False when the roller held it already.

    Raises the errors of `store_for_button`.
    """
    program = compile_routine(routine, personal)
    async with _visited(place, known, "button store", tell, personal) as roller:
        # Before the upload: if the connection is lost during it, the program that is left can be named.
        keep_program(place.programs_dir, _kept(routine, program))
        try:
            return await store_for_button(roller, program, unix_clock_us() // MILLISECONDS_PER_SECOND)
        except LinkError as error:
            error.advise(
                "the button starts either the old routine or all of the new one: `glowtool button show` says which"
            )
            raise


async def stored(place: Place, known: KnownRoller, tell: Tell = untold) -> tuple[int | None, Proposal]:
    """Return the CRC-32 of the program that the button starts, None when it starts nothing, and what it could start."""
    async with _visited(place, known, "button show", tell) as roller:
        return await stored_crc(roller), proposed_for(roller.limits)


async def clear(place: Place, known: KnownRoller, tell: Tell = untold) -> bool:
    """Clear the program that a roller's button starts; return False when there was none."""
    async with _visited(place, known, "button clear", tell) as roller:
        return await clear_button(roller)


@asynccontextmanager
async def _visited(
    place: Place, known: KnownRoller, command: str, tell: Tell, personal: PersonalMax | None = None
) -> AsyncIterator[Roller]:
    async with opened(place, known, command, tell, personal=personal) as roller:
        if roller.found.state in {State.RUNNING, State.PAUSED}:
            tell(Ended())
        yield roller
