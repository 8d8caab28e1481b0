"""The outputs that a roller says it gives, held against the step that it says it is in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.state import State
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.session.decide.untruth import Untruth

if TYPE_CHECKING:
    from glowtool.protocol.commands.codec import ResponseHead
    from glowtool.protocol.program import StepRecord
    from glowtool.protocol.status import Status

#: Levels and frequencies are rounded to their units.
_ROUNDING: Final = 1

#: A soft start rises in ticks, and the current in steps of its source.
_RISE_PERMILLE: Final = 10
_RISE_UA: Final = 10


@dataclass(frozen=True, slots=True)
class Shares:
    """The shares of the program's outputs that a trim leaves."""

    vibration_percent: int = 100
    current_percent: int = 100


WHOLE: Final = Shares()


def level_untruth(program: tuple[StepRecord, ...], said: Status | ResponseHead, trim: Shares = WHOLE) -> Untruth | None:
    """Return what is louder than, or at another frequency than, what was sent, or on where nothing runs."""
    if said.state is not State.RUNNING:
        if said.outputs.zero:
            return None
        return Untruth(f"it is {said.state.name.lower()} with {_outputs(said)}", "outputs only while it runs")
    if said.step >= len(program):
        return Untruth(f"it runs step {said.step + 1}", f"{len(program)} steps")
    step = program[said.step]
    most_permille = step.amplitude_permille * trim.vibration_percent / 100
    most_ua = step.peak_ua * trim.current_percent / 100
    wrong = (
        said.amplitude_permille > most_permille + _ROUNDING
        or said.peak_ua > most_ua + _ROUNDING
        or (said.amplitude_permille > 0 and abs(said.vibration_dhz - step.vibration_dhz) > _ROUNDING)
        or (said.peak_ua > 0 and abs(said.current_dhz - step.current_dhz) > _ROUNDING)
    )
    if not wrong:
        return None
    sent = (
        f"at most {most_permille / 10:g} % at {step.vibration_dhz / 10:g} Hz and {most_ua:g} µA at "
        f"{step.current_dhz / 10:g} Hz"
    )
    return Untruth(f"it gives {_outputs(said)} in step {said.step + 1}", sent)


def rise_untruth(
    program: tuple[StepRecord, ...], before: Status | None, said: Status, passed_ms: float
) -> Untruth | None:
    """Return that an output rose faster than the soft start of the program, `passed_ms` after the status before."""
    if said.state is not State.RUNNING:
        return None
    first = said.step if before is None or before.step >= len(program) else min(before.step, said.step)
    share = passed_ms / min(step.ramp_ms for step in program[first : said.step + 1])
    was_permille, was_ua = (0, 0) if before is None else (before.amplitude_permille, before.peak_ua)
    slow = (
        said.amplitude_permille <= was_permille + share * ceiling(CeilingId.VIBRATION_AMPLITUDE) + _RISE_PERMILLE
        and said.peak_ua <= was_ua + share * ceiling(CeilingId.PEAK_CURRENT) + _RISE_UA
    )
    if slow:
        return None
    return Untruth(
        f"its outputs rose to {_outputs(said)} within {passed_ms / 1000:.2f} s, from {was_permille / 10:g} % and "
        f"{was_ua} µA",
        "a soft start, which takes 4 s or longer to full",
    )


def soft_start_untruth(program: tuple[StepRecord, ...], status: Status, number: int) -> Untruth | None:
    """Return that a step which began early did not start softly, as one after a skip does."""
    share = status.step_elapsed_ms / program[status.step].ramp_ms
    quiet = (
        status.amplitude_permille <= share * ceiling(CeilingId.VIBRATION_AMPLITUDE) + _RISE_PERMILLE
        and status.peak_ua <= share * ceiling(CeilingId.PEAK_CURRENT) + _RISE_UA
    )
    if quiet:
        return None
    return Untruth(
        f"it began step {number} before its time, with {_outputs(status)} after {status.step_elapsed_ms / 1000:.1f} s",
        "no skip; one would start softly",
    )


def _outputs(said: Status | ResponseHead) -> str:
    return (
        f"{said.amplitude_permille / 10:g} % at {said.vibration_dhz / 10:g} Hz and {said.peak_ua} µA at "
        f"{said.current_dhz / 10:g} Hz"
    )
