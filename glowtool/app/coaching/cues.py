"""The cues of a massage: each step announced before it comes, and said when it does. Pure; times are given to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.routine.stepped import continues
from glowtool.session.news import Cue, CueKind

if TYPE_CHECKING:
    from glowtool.app.watching.state import LiveState
    from glowtool.routine import Routine
    from glowtool.routine.models import Step

#: A step is announced this long before it begins: enough to hear it, and to finish the stroke.
LEAD_S: Final = 5.0

#: The announcement takes this share of a short step at most, and is left out where that is too little.
LEAD_SHARE: Final = 0.25
LEAD_LEAST_S: Final = 2.0

#: It takes this long to say a sentence.
NEAR_S: Final = 3.0

#: A step that was lengthened after its end was announced has it announced again.
_LENGTHENED_S: Final = 1.0


def lead_s(duration_s: float) -> float | None:
    """Return how long before the end of a step the next one is announced; None: not at all."""
    lead = min(LEAD_S, LEAD_SHARE * duration_s)
    return lead if lead >= LEAD_LEAST_S else None


@dataclass(slots=True)
class Cues:
    """Says each cue once: `at` takes the state of the massage, several times a second."""

    routine: Routine
    _step: int | None = None
    _announced: bool = False
    _said_to_s: float = -1.0

    def at(self, state: LiveState, now_s: float) -> tuple[Cue, ...]:
        """Return the cues that are due at this moment of a running massage."""
        index, step = state.step_index, state.step
        if index is None or step is None or not state.running or state.ending is not None:
            return ()
        due: list[Cue] = []
        if index != self._step:
            goes_on = index == (self._step or 0) + 1 and continues(self.routine.steps[index - 1], step)
            self._step, self._announced, self._said_to_s = index, False, -1.0
            if not goes_on:
                due.append(Cue(CueKind.BEGINS, f"{step.title}. {step.cue}", index))
        due += self._moments(step, state.step_elapsed_s(now_s), index)
        left_s, lead = state.step_left_s(now_s), lead_s(step.duration_s)
        if lead is None:
            return tuple(due)
        if self._announced and left_s > lead + _LENGTHENED_S:
            self._announced = False
        if not self._announced and 0 < left_s <= lead:
            self._announced = True
            due.append(self._coming(index, left_s))
        return tuple(due)

    def _moments(self, step: Step, elapsed_s: float, index: int) -> list[Cue]:
        """Return the routine's own cue that is due; of several that a gap made late, the newest."""
        due = [moment for moment in step.cues if self._said_to_s < moment.at_s <= elapsed_s]
        self._said_to_s = max(self._said_to_s, elapsed_s)
        return [Cue(CueKind.MOMENT, due[-1].text, index)] if due else []

    def near(self, state: LiveState, now_s: float) -> bool:
        """Return whether an announcement, or a step, comes so soon that a word before it would be drowned."""
        if state.step is None:
            return False
        left_s, lead = state.step_left_s(now_s), lead_s(state.step.duration_s)
        return left_s < NEAR_S or (lead is not None and not self._announced and left_s - lead < NEAR_S)

    def _coming(self, index: int, left_s: float) -> Cue:
        seconds = max(1, round(left_s))
        within = "in a second" if seconds == 1 else f"in {seconds} seconds"
        if index + 1 == len(self.routine.steps):
            return Cue(CueKind.LAST, f"The end {within}.", index)
        return Cue(CueKind.NEXT, f"{within.capitalize()}: {self.routine.steps[index + 1].title}.", index)
