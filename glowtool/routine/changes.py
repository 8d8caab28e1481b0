"""What a person changes of a routine for one massage: a lower level, no current, a later beginning. Nothing raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import InputError
from glowtool.kit.text.nearest import closest
from glowtool.kit.text.visible import visible
from glowtool.routine.fields import PEAK_STEP_UA, PERCENT

if TYPE_CHECKING:
    from glowtool.routine.models import Routine, Step
    from glowtool.routine.outputs import Keyframe, Microcurrent

#: At a lower level than this nothing would be felt.
LEVEL_LEAST: float = 10.0


def at_level(routine: Routine, percent: float) -> Routine:
    """Return the routine with both outputs at a share of its own level, 10 to 100 %; raises `InputError`."""
    if not LEVEL_LEAST <= percent <= PERCENT:
        raise InputError(f"the level is {percent:g} %; it must be {LEVEL_LEAST:g} to {PERCENT} %: a level only lowers")
    if percent == PERCENT:
        return routine
    return _with(routine, [_step_at(step, percent / PERCENT) for step in routine.steps])


def without_current(routine: Routine) -> Routine:
    """Return the routine without microcurrent at any moment."""
    return _with(routine, [_silent(step) for step in routine.steps])


def from_step(routine: Routine, said: str) -> Routine:
    """Return the rest of the routine from a step on, named by its number from 1 or its title; raises `InputError`."""
    rest = routine.steps[_index_of(routine, said.strip()) :]
    if all(step.is_rest for step in rest):
        says = f"from step {visible(said)!r} on, {routine.name!r} has rests only"
        raise InputError(says, advice="give an earlier step")
    return _with(routine, rest)


def _with(routine: Routine, steps: list[Step] | tuple[Step, ...]) -> Routine:
    return routine.model_copy(update={"steps": tuple(steps)})


def _index_of(routine: Routine, said: str) -> int:
    titles = [step.title for step in routine.steps]
    if said.isdecimal():
        if 1 <= int(said) <= len(titles):
            return int(said) - 1
        raise InputError(f"{routine.name!r} has no step {visible(said)}; it has steps 1 to {len(titles)}")
    alike = [index for index, title in enumerate(titles) if title.casefold() == said.casefold()]
    begun = alike or [index for index, title in enumerate(titles) if title.casefold().startswith(said.casefold())]
    if len(begun) == 1:
        return begun[0]
    if begun:
        numbers = ", ".join(str(index + 1) for index in begun)
        raise InputError(
            f"{len(begun)} steps of {routine.name!r} are called {visible(said)!r}", advice=f"give the number: {numbers}"
        )
    near = closest(said, titles)
    listed = f"did you mean {near!r}?" if near else "its steps: " + "; ".join(titles)
    raise InputError(f"no step of {routine.name!r} is called {visible(said)!r}", advice=listed)


def _step_at(step: Step, share: float) -> Step:
    vibration, current = step.vibration, step.microcurrent
    lower = step.model_copy(
        update={
            "vibration": vibration
            and vibration.model_copy(update={"amplitude_percent": vibration.amplitude_percent * share}),
            "microcurrent": current and current.model_copy(update=_lower_peak(current, share)),
            "keyframes": tuple(_keyframe_at(each, share) for each in step.keyframes),
        }
    )
    # Of a small current nothing may be left, and a step has none that never flows.
    peaks = () if current is None else (lower.microcurrent, *lower.keyframes)
    return lower if any(each and (each.peak_ua or each.peak_percent) for each in peaks) else _silent(lower)


def _keyframe_at(keyframe: Keyframe, share: float) -> Keyframe:
    amplitude = keyframe.amplitude_percent
    lower = None if amplitude is None else amplitude * share
    return keyframe.model_copy(update={"amplitude_percent": lower, **_lower_peak(keyframe, share)})


def _lower_peak(said: Microcurrent | Keyframe, share: float) -> dict[str, float | None]:
    """Return a peak at a share, in whole steps of the source, rounded down."""
    ua, percent = said.peak_ua, said.peak_percent
    return {
        "peak_ua": None if ua is None else int(ua * share / PEAK_STEP_UA + 1e-9) * PEAK_STEP_UA,
        "peak_percent": None if percent is None else percent * share,
    }


def _silent(step: Step) -> Step:
    no_current = {"peak_ua": None, "peak_percent": None, "current_hz": None}
    kept = tuple(each.model_copy(update=no_current) for each in step.keyframes if each.of_vibration)
    return step.model_copy(update={"microcurrent": None, "keyframes": kept})
