"""The program that a roller's button starts without a host: store it, read it, clear it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.app.errands.kept import kept_program
from glowtool.app.news import Ended, untold
from glowtool.app.people.admitting import admitted
from glowtool.app.people.who import meant
from glowtool.app.rollers.opening import opened
from glowtool.app.routines import proposed_for, suited
from glowtool.device.host_clock import unix_clock_us
from glowtool.drivers.gr1.button import clear_button, store_for_button, stored_crc
from glowtool.errors import LinkError
from glowtool.model.state import State
from glowtool.routine import compile_routine
from glowtool.safety.bounds import NO_OUTPUT
from glowtool.store.rollers.programs import keep_program
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.app.routines import Proposal
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.routine import Routine
    from glowtool.routine.stepped import Stepped
    from glowtool.safety.limits import PersonalMax
    from glowtool.store.rollers.known import KnownRoller
    from glowtool.store.rollers.programs import KeptProgram


@dataclass(frozen=True, slots=True)
class Stored:
    """What the button of a roller starts now; `changed` is False when it did so already.

    `differs` says what an older roller got in place of the routine; None: the routine itself.
    """

    changed: bool
    kept: KeptProgram
    differs: Stepped | None = None


async def store(
    place: Place, known: KnownRoller, routine: Routine, tell: Tell = untold, *, personal: PersonalMax | None = None
) -> Stored:
    """Store a routine for the button of a roller, and read it back; return what the button starts from then on.

    It stays within the bounds of whoever is meant at the place, which `personal` can only lower. Raises
    `ScreeningError` for an output that the person may not get, and the errors of `store_for_button`.
    """
    bounds = admitted(place, meant(place), routine, personal)
    program = compile_routine(routine, bounds)
    async with _visited(place, known, "button store", tell, bounds) as roller:
        instead = suited(routine, bounds, roller.limits)
        differs, program = instead or (None, program)
        # Before the upload: if the connection is lost during it, the program that is left can be named.
        kept = kept_program(routine, program)
        keep_program(place.programs_dir, kept)
        try:
            changed = await store_for_button(roller, program, unix_clock_us() // MILLISECONDS_PER_SECOND)
        except LinkError as error:
            error.advise(
                "the button starts either the old routine or all of the new one: `glowtool button show` says which"
            )
            raise
        return Stored(changed, kept, differs)


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
    place: Place, known: KnownRoller, command: str, tell: Tell, bounds: PersonalMax = NO_OUTPUT
) -> AsyncIterator[Roller]:
    async with opened(place, known, command, tell, personal=bounds) as roller:
        if roller.found.state in {State.RUNNING, State.PAUSED}:
            tell(Ended())
        yield roller
