"""The row of routines that a person asks for: changed as they wish, and held against the limits as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.app.finding import known_roller
from glowtool.app.people.who import bounds_here
from glowtool.app.routines import check_routine, load
from glowtool.errors import DeviceNotFoundError, InputError, SafetyError, UsageError
from glowtool.kit.text.visible import visible
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.dwell import overruns, stretches
from glowtool.routine import compile_routine
from glowtool.routine.changes import at_level, from_step, without_current
from glowtool.safety.limits import ceilings_in_force
from glowtool.safety.lint import name_of_place
from glowtool.store.routines.shelf import Shelf, builtin_names, is_text
from glowtool.units import MILLISECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.app.place import Place
    from glowtool.model.program import Program
    from glowtool.routine import Routine
    from glowtool.safety.limits import CeilingValues

#: A row that is longer than any day allows is a slip.
REPEATS_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed of each routine: its level, whether current flows, how often it runs, and where the first begins.

    `start` is a step's number from 1, or its title; the first routine begins there the first time.
    """

    level_percent: float = 100.0
    no_current: bool = False
    repeat: int = 1
    start: str | None = None


def parted(place: Place, words: Sequence[str], on: str | None = None) -> tuple[list[str], str | None]:
    """Return the routines and the roller that a command line names; None: it names no roller.

    With `on` all words are routines. Else the last of several is the roller, unless a routine is called so.
    """
    if on is not None or len(words) < 2:
        return list(words), on
    *routines, last = words
    if last in builtin_names() or (not _is_roller(place, last) and _is_routine(place, last)):
        return list(words), None
    return routines, last


def row_of(place: Place, names: Sequence[str], change: Change) -> tuple[Routine, ...]:
    """Return the routines to run, in order; raises `RoutineError`, `InputError` and `UsageError`."""
    if not 1 <= change.repeat <= REPEATS_MOST:
        raise UsageError(f"--repeat is {change.repeat}; it must be 1 to {REPEATS_MOST}")
    loaded = [_changed(load(place, name), change) for name in names]
    row = [*loaded] * change.repeat
    if change.start is not None:
        row[0] = from_step(row[0], change.start)
    return tuple(row)


def check(row: Sequence[Routine]) -> list[str]:
    """Check each routine against the safety rules; return warnings, raise `SafetyError` that names every refusal."""
    return list(dict.fromkeys(warning for routine in row for warning in check_routine(routine)))


def require_in_bounds(place: Place, row: Sequence[Routine]) -> None:
    """Hold a whole row against the day and the dwell of whoever is meant, before the first byte is sent.

    Raises `SafetyError` that names every limit which the row would break. No time between its massages is counted on.
    """
    bounds = bounds_here(place)
    programs = [compile_routine(routine, bounds) for routine in row]
    wrong = [*_over_day(programs, ceilings_in_force(personal=bounds)), *_over_dwell(row, programs)]
    if wrong and len(row) > 1:
        raise SafetyError("the row breaks a safety limit, and nothing of it is run:").listing(
            *(f"  {each}" for each in wrong), "run fewer routines, or some of them later"
        )


def _changed(routine: Routine, change: Change) -> Routine:
    changed = without_current(routine) if change.no_current else routine
    changed = at_level(changed, change.level_percent)
    if not (changed.uses_vibration or changed.uses_microcurrent) and routine.uses_microcurrent:
        raise InputError(f"without current, nothing is left of {routine.name!r}", advice="run another routine")
    return changed


def _is_roller(place: Place, word: str) -> bool:
    try:
        known_roller(place, word)
    except DeviceNotFoundError:
        return False
    return True


def _is_routine(place: Place, word: str) -> bool:
    own = Shelf(place.routines_dir).own_names()
    return word in own or word.endswith(".toml") or is_text(word) or Path(word).exists()


def _over_day(programs: Sequence[Program], ceilings: CeilingValues) -> Iterator[str]:
    steps = [step for program in programs for step in program]
    for which, what, counted in (
        (CeilingId.DAY_CURRENT, "microcurrent", [step for step in steps if step.peak_most_ua > 0]),
        (CeilingId.DAY_VIBRATION, "vibration", [step for step in steps if step.amplitude_most > 0]),
    ):
        total_s = sum(step.duration_ms for step in counted) / MILLISECONDS_PER_SECOND
        if total_s > ceilings[which]:
            yield (
                f"{what} together is {spoken(total_s, 's')}; at most {spoken(ceilings[which], 's')} are left for the "
                f"day ({CEILINGS[which].reason})"
            )


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
