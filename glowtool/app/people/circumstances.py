"""The circumstances of a massage, held against it: what is left of the person's day, and what the battery holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.people.who import had_today, known_person, meant_at_hand
from glowtool.app.routines import in_words, refused_and_warned
from glowtool.model.ceilings import CeilingId, limit
from glowtool.routine import compile_routine
from glowtool.safety import Circumstances
from glowtool.safety.limits import ceilings_in_force
from glowtool.safety.rules.circumstances import UNKNOWN, lint_circumstances

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.model.program import Program
    from glowtool.routine import Routine
    from glowtool.safety.limits import CeilingValues, PersonalMax

__all__ = ["against_today", "left_today", "require_possible", "within"]


def left_today(place: Place) -> Circumstances:
    """Return what is left of the day of whoever is meant at a place, of whatever roller; nothing is known of nobody.

    It asks for no passphrase. Raises `InputError` for somebody who is not known, and `StoreError`, also for a ledger
    that is gone.
    """
    known = known_person(place)
    if known is None:
        return UNKNOWN
    had = had_today(place, meant_at_hand(place, known))
    return Circumstances(
        current_left_s=_left(CeilingId.DAY_CURRENT, had.current_s),
        vibration_left_s=_left(CeilingId.DAY_VIBRATION, had.vibration_s),
    )


def _left(which: CeilingId, had_s: float) -> float | None:
    """Return what is left of a day; None: all of it, for which the ceiling itself speaks."""
    return max(0.0, limit(which) - had_s) if had_s else None


def within(bounds: PersonalMax) -> Circumstances:
    """Return what bounds leave of the day."""
    return Circumstances(current_left_s=bounds.day_current_s, vibration_left_s=bounds.day_vibration_s)


def require_possible(
    routine: Routine, program: Program, now: Circumstances, ceilings: CeilingValues | None = None
) -> list[str]:
    """Return what speaks against a massage now, in words; raises `SafetyError` when it is not possible now."""
    limits = ceilings_in_force() if ceilings is None else ceilings
    return refused_and_warned(routine, lint_circumstances(tuple(program), limits, now), "cannot be run now")


def against_today(place: Place, routine: Routine) -> tuple[str, ...]:
    """Return in words what of a routine is more than is left today for whoever is meant at a place; else nothing."""
    found = lint_circumstances(tuple(compile_routine(routine)), ceilings_in_force(), left_today(place))
    return tuple(in_words(finding, routine) for finding in found)
