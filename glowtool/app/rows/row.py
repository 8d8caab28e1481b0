"""The row of routines that a person asks for, changed as they wish."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.app.rollers.finding import known_roller
from glowtool.app.routines import check_routine, load
from glowtool.errors import DeviceNotFoundError, InputError, UsageError
from glowtool.kit.text.nearest import closest
from glowtool.routine.changes import at_level, from_step, without_current
from glowtool.store.routines.shelf import Shelf, builtin_names, is_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.app.place import Place
    from glowtool.routine import Routine

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

    With `on` all words are routines. Else the last of several is the roller, unless a routine is called so. What is no
    roller, and nearly a routine, counts as one: then the message names the routine that was meant.
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
    if word.endswith(".toml") or is_text(word) or Path(word).exists():
        return True
    return closest(word, (*own, *builtin_names())) is not None
