"""A routine for a roller that knows no keyframes: steps with keyframes become steps with one level each."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.program import MAX_STEPS
from glowtool.routine.compile import compile_routine
from glowtool.routine.fields import PERCENT
from glowtool.routine.outputs import Microcurrent, Vibration
from glowtool.routine.pieces import pieces_of
from glowtool.routine.steps import Cue
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.model.program import Step as ProgramStep
    from glowtool.routine.compile import OutputMaximum
    from glowtool.routine.models import Routine, Step
    from glowtool.routine.pieces import Piece


#: What the title of a part ends with.
_PART: Final = re.compile(r" \(\d+ of \d+\)\Z")


@dataclass(frozen=True, slots=True)
class Stepped:
    """A routine without keyframes, and how close it comes.

    `changed` are the steps of the routine that was asked for, from 0, which became steps of one level; `off` is how far
    a level is from its line at most, as a share of full.
    """

    routine: Routine
    changed: tuple[int, ...]
    off: float

    @property
    def words(self) -> str:
        """What a person is told: which steps differ, and by how much."""
        numbers = [str(index + 1) for index in self.changed]
        which = f"step {numbers[0]}" if len(numbers) == 1 else f"steps {', '.join(numbers[:-1])} and {numbers[-1]}"
        run = "runs" if len(numbers) == 1 else "run"
        return (
            f"This roller cannot change its levels within a step: {which} of the routine {run} in steps of one level "
            f"each, at most {math.ceil(self.off * PERCENT)} % of full off. An update of the roller may change that."
        )


def stepped(routine: Routine, personal_max: OutputMaximum | None = None) -> Stepped | None:
    """Return the routine as close as it comes without keyframes; None: it has none, for a person with this maximum.

    Peaks are within the person's maximum, and absolute, in the whole steps of the source.
    """
    program = compile_routine(routine, personal_max)
    changed = tuple(index for index, step in enumerate(program) if step.keyframes)
    if not changed:
        return None
    room = MAX_STEPS - (len(program) - len(changed))
    found = dict(zip(changed, pieces_of([program[index] for index in changed], room), strict=True))
    full = limit(CeilingId.VIBRATION_AMPLITUDE)
    most = full if personal_max is None else min(full, personal_max.amplitude)
    steps = [
        piece
        for index, step in enumerate(routine.steps)
        for piece in (_split(step, program[index], found[index], most) if index in found else (_still(step),))
    ]
    off = max(piece.off for pieces in found.values() for piece in pieces)
    return Stepped(routine.model_copy(update={"steps": tuple(steps)}), changed, off)


def continues(before: Step, after: Step) -> bool:
    """Return whether a step is the next part of the same one, so that a person has nothing new to do."""
    parts = _PART.search(before.title), _PART.search(after.title)
    if None in parts:
        return False
    same = _PART.sub("", before.title) == _PART.sub("", after.title)
    return same and (before.zone, before.cue) == (after.zone, after.cue)


def _still(step: Step) -> Step:
    """Return a step whose keyframes change nothing for this person, without them and what they were to begin."""
    if not step.keyframes:
        return step
    vibration, current = step.vibration, step.microcurrent
    stays = {
        "vibration": vibration if vibration and vibration.amplitude_percent else None,
        "microcurrent": None if current is None or current.begins_at_zero else current,
    }
    return step.model_copy(update={**stays, "keyframes": ()})


def _split(step: Step, compiled: ProgramStep, pieces: list[Piece], most: float) -> Iterator[Step]:
    for number, piece in enumerate(pieces, 1):
        levels = piece.levels
        count = f" ({number} of {len(pieces)})" if len(pieces) > 1 else ""
        vibration = Vibration(
            amplitude_percent=round(min(float(PERCENT), levels.amplitude / most * PERCENT), 3),
            frequency_hz=round(levels.vibration_hz, 1),
            pattern=compiled.pattern,
            period_s=compiled.period_s,
        ) if levels.amplitude * MILLISECONDS_PER_SECOND >= 1 else None  # fmt: skip
        current = Microcurrent(
            peak_ua=int(levels.peak_ua), frequency_hz=round(levels.current_hz, 1), waveform=compiled.waveform
        ) if levels.peak_ua else None  # fmt: skip
        begin_s = piece.begin_ms / MILLISECONDS_PER_SECOND
        yield step.model_copy(
            update={
                "title": step.title[: 100 - len(count)] + count,
                "duration_s": piece.duration_s,
                "vibration": vibration,
                "microcurrent": current,
                "ramp_s": round(piece.ramp_s, 3),
                "keyframes": (),
                "cues": tuple(
                    Cue(at_s=round(cue.at_s - begin_s, 3), text=cue.text)
                    for cue in step.cues
                    if 0 <= cue.at_s - begin_s < piece.duration_s
                ),
            }
        )
