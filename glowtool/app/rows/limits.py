"""The limits of a row of routines, as far as they are known before a roller is connected: day, places, battery."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.people.circumstances import within
from glowtool.app.people.who import bounds_here
from glowtool.errors import SafetyError
from glowtool.kit.text.visible import visible
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.dwell import overruns, stretches
from glowtool.routine import compile_routine
from glowtool.safety.limits import ceilings_in_force
from glowtool.safety.lint import name_of_place
from glowtool.safety.rules.circumstances import Circumstances, lint_circumstances
from glowtool.units import MILLISECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.app.place import Place
    from glowtool.model.program import Program
    from glowtool.routine import Routine
    from glowtool.store.rollers.known import KnownRoller


def require_in_bounds(place: Place, row: Sequence[Routine]) -> None:
    """Hold a whole row against the day and the dwell of whoever is meant, before the first byte is sent.

    Raises `SafetyError` that names every limit which the row would break. No time between its massages is counted on.
    """
    bounds = bounds_here(place)
    programs = [compile_routine(routine, bounds) for routine in row]
    steps = [step for program in programs for step in program]
    wrong = [
        *(
            f"{each.what} is {each.value}; it must be {each.allowed} ({each.reason}): {each.fix}"
            for each in lint_circumstances(steps, ceilings_in_force(personal=bounds), within(bounds))
        ),
        *_over_dwell(row, programs),
    ]
    if not wrong:
        return
    lines = [f"  {each}" for each in wrong]
    if len(row) > 1:
        raise SafetyError("the row breaks a safety limit, and nothing of it is run:").listing(
            *lines, "run fewer routines, or some of them later"
        )
    raise SafetyError(f"the routine {row[0].name!r} is more than is left of today, and is not run:").listing(
        *lines, "`glowtool safety status` tells what is left"
    )


def battery_warnings(row: Sequence[Routine], known: KnownRoller) -> list[str]:
    """Return what the battery, as the roller last told, does not suffice for; it may have been charged since."""
    steps = [step for routine in row for step in compile_routine(routine)]
    found = lint_circumstances(steps, ceilings_in_force(), Circumstances(battery_percent=known.battery_percent))
    when = f"{known.last_seen_utc.astimezone():%Y-%m-%d %H:%M}"
    return [
        f"{each.what} was {each.value} when {visible(known.spoken)} last answered ({when}); needed is {each.allowed}: "
        f"{each.reason}; {each.fix}"
        for each in found
    ]


def _over_dwell(row: Sequence[Routine], programs: Sequence[Program]) -> Iterator[str]:
    most_ms = round(CEILINGS[CeilingId.PLACE_DWELL].value * MILLISECONDS_PER_SECOND)
    whose = [(number, index) for number, program in enumerate(programs) for index in range(len(program))]
    for each in overruns([stretch for program in programs for stretch in stretches(program)], most_ms):
        number, index = whose[each.index]
        title = visible(row[number].steps[index].title)
        worked, most = (spoken(time / MILLISECONDS_PER_SECOND, "s") for time in (each.worked, each.most))
        yield (
            f"{name_of_place(each.place)} would be worked for {worked} by step {index + 1} ({title}) of routine "
            f"{number + 1} of the row, {row[number].name}; at most {most} without as much rest "
            f"({CEILINGS[CeilingId.PLACE_DWELL].reason})"
        )
