"""The news of a massage in progress: one class for each kind of event, and one interface that receives them.

It stands in the session, the lowest floor that publishes it; app and the faces above pass it on and read it, and
nothing below knows it. A face is one `match` over `MassageNews` that ends in `assert_never`, so that mypy names each
face that does not know a new kind yet. What has a value of its own already is news as it is: a `Status`, a
`MeterReading`, a `FailedCell`, an `Event` that was written to the log, an attempt to connect that failed or begins, and
`Stepped`: the routine that an older roller runs in place of the one asked for, told before `Began`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.device.attempts import Attempt
    from glowtool.device.identity import Identity
    from glowtool.model.ceilings import CeilingId
    from glowtool.model.ending import Ending
    from glowtool.model.event import Event
    from glowtool.model.program import Program
    from glowtool.model.state import Interlock
    from glowtool.model.status import Status
    from glowtool.routine.stepped import Stepped
    from glowtool.session.decide.questions import Question, ZeroQuestion
    from glowtool.session.wishes import Ask
    from glowtool.stream.coach.tips import Tip
    from glowtool.stream.heads import Head
    from glowtool.stream.live.meter import MeterReading
    from glowtool.stream.quality.watch import FailedCell


@dataclass(frozen=True, slots=True)
class Began:
    """The roller, with these heads and the ceilings that it states, is connected, the log open; nothing moves yet."""

    session_id: str
    path: Path
    identity: Identity
    battery_percent: int
    program: Program
    heads: tuple[Head, ...] = ()
    ceilings: Mapping[CeilingId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepBegan:
    """A step of the whole program began, counted from 0; −1: no step runs any more."""

    index: int


@dataclass(frozen=True, slots=True)
class InForce:
    """The interlocks that hold outputs back from now on; none, when the roller has released all of them."""

    interlocks: Interlock


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection was lost, for this reason if it is known; glowtool connects again."""

    because: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """The connection was restored after `away_s`, and the roller reported that its outputs are zero."""

    away_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The person is asked: whether to go on, or whether to take what the cells read as their zero."""

    question: Question | ZeroQuestion


@dataclass(frozen=True, slots=True)
class Replied:
    """The person answered; no answer counts as no."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Resuming:
    """The massage goes on with a step of the whole program, counted from 0, of which so many s are left."""

    step: int
    step_left_s: float


@dataclass(frozen=True, slots=True)
class Steered:
    """Somebody asked to change the massage while it runs: what became of it, and the shares of the outputs after it.

    `why` says why it was not done, or what a person should know of it. `step` is the step in progress, counted from 0
    in the whole program; −1: none. `step_s` is how long that step lasts now, 0 where that is not known.
    """

    ask: Ask
    done: bool
    why: str
    vibration_percent: int
    current_percent: int
    step: int
    step_s: float


@dataclass(frozen=True, slots=True)
class Ends:
    """The massage is being ended; the stop is on its way."""

    ending: Ending
    reason: str


@dataclass(frozen=True, slots=True)
class OutputsZero:
    """The roller confirmed at the end that its outputs are zero, this many ms after the stop; None: by itself."""

    stop_ms: float | None


class CueKind(enum.Enum):
    """What a cue tells."""

    BEGINS = "a step begins: what it is, and what to do"
    NEXT = "the next step is about to begin"
    LAST = "the massage is about to end"
    MOMENT = "the routine has something to say at this moment of its step"
    ALERT = "the roller holds outputs back: what to do about it"
    HELD = "the massage paused, or lost its roller: outputs are zero"
    GOES_ON = "the massage goes on"


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue, in the words for a person; `step` is the step in progress, from 0."""

    kind: CueKind
    words: str
    step: int


@dataclass(frozen=True, slots=True)
class Advised:
    """The coach says this, once more or for the first time; None: what it said is followed."""

    tip: Tip | None


#: What became of the connection, and of what was asked because of it.
LinkNews: TypeAlias = "Attempt | Lost | Restored | Asked | Replied | Resuming"

#: The cues and the advice come from `app.coaching`, which stands between the session and whoever shows the massage.
MassageNews: TypeAlias = (
    "Began | Status | MeterReading | Event | StepBegan | InForce | LinkNews | Steered | Ends | OutputsZero | Cue | "
    "Advised | Stepped | FailedCell"
)

#: Takes news. It is called from the event loop: it returns soon, and waits for nothing.
Publish: TypeAlias = Callable[["MassageNews"], None]


def unheard(_news: MassageNews) -> None:
    """Drop the news."""
