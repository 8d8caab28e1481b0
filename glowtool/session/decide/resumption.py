"""The resumption of an interrupted massage: its rest, and the question before it goes on. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.state import State
from glowtool.session.decide.questions import Question
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.model.program import Program
    from glowtool.model.status import Status

#: A program has no step shorter than this; what is left of one is dropped below it.
SHORTEST_MS: Final = 1000


class OnLoss(enum.StrEnum):
    """The reaction when a connection lost during a massage is restored; the roller has stopped by itself."""

    STOP = "stop"
    """Learn that outputs are zero, and end the massage."""
    ASK = "ask"
    """Ask the person whether to go on."""
    RESUME = "resume"
    """Go on from the interrupted step, with a soft start."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The rest of a program: from `step` on, of which `first_ms` are left."""

    step: int
    first_ms: int

    def total_ms(self, durations_ms: tuple[int, ...]) -> int:
        """Return the duration of the rest, given the durations of the whole program."""
        return self.first_ms + sum(durations_ms[self.step + 1 :])


def rest_from(step: int, left_ms: int, durations_ms: tuple[int, ...]) -> Rest | None:
    """Return the rest of a program with `left_ms` left of a step; None when too little is left for a step."""
    while left_ms < SHORTEST_MS:
        step += 1
        if step >= len(durations_ms):
            return None
        left_ms = durations_ms[step]
    return Rest(step, min(left_ms, durations_ms[step]))


def found_first(found: tuple[Status, ...]) -> Status:
    """Return what a roller was doing when it was lost, from its status at the beginning of every attempt to reconnect.

    An attempt that fails half way has said STOP already; the place in the program is the one found before that.
    """
    first, last = found[0], found[-1]
    return first if first.state is State.PAUSED and last.state is State.READY else last


def rest_of_program(program: Program, rest: Rest) -> Program:
    """Return the rest of a program; it begins with a soft start, and at the program's own level."""
    return program.rest(rest.step, rest.first_ms)


def question_of(rest: Rest, durations_ms: tuple[int, ...], because: str, away_s: float, within_s: float) -> Question:
    """Return the question for a rest."""
    return Question(
        because,
        away_s,
        rest.step,
        len(durations_ms),
        rest.first_ms / MILLISECONDS_PER_SECOND,
        rest.total_ms(durations_ms) / MILLISECONDS_PER_SECOND,
        within_s,
    )
