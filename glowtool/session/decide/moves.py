"""The inputs of a massage, and the resulting moves. Times `at_s` are of the host's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.session.decide.steering.orders import (
    Carried,
    EmergencyAsked,
    OfPerson,
    SendEmergencyStop,
    Steer,
)

if TYPE_CHECKING:
    from glowtool.model.answer import Heard
    from glowtool.model.ending import Ending
    from glowtool.model.event import Event
    from glowtool.model.status import Status
    from glowtool.session.decide.questions import Question
    from glowtool.session.decide.resumption import Rest
    from glowtool.session.news import Ends, InForce, Restored, Steered


@dataclass(frozen=True, slots=True)
class Prepared:
    """The program is uploaded and telemetry runs."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Started:
    """The roller answered START with success."""

    at_s: float


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """The roller sent its status."""

    at_s: float
    status: Status


@dataclass(frozen=True, slots=True)
class AnswerHeard:
    """The roller answered a command."""

    at_s: float
    heard: Heard


@dataclass(frozen=True, slots=True)
class StoodStill:
    """The host was suspended, stopped or busy, and did nothing from `since_s` to `at_s`."""

    since_s: float
    at_s: float

    @property
    def lasted_s(self) -> float:
        """The duration of the standstill."""
        return self.at_s - self.since_s


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; a few times a second."""

    at_s: float


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A person asked to stop; the second time means: leave at once."""

    at_s: float


@dataclass(frozen=True, slots=True)
class StopAnswered:
    """A stop was answered; `zero` says whether the answer showed outputs at zero, `latched` that it latched."""

    zero: bool
    latched: bool = False


@dataclass(frozen=True, slots=True)
class StopUnanswered:
    """STOP got no answer."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The connection ended, or the roller no longer answers over it; `because` says why, if that is known."""

    at_s: float
    because: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """The roller is connected again and has answered STOP.

    `found` is its status before that STOP, `status` the latest; `same` says that it is the roller that was lost,
    `frames_sent` how many frames it says that its newest telemetry stream had, and `attempts` how often it was tried.
    """

    at_s: float
    found: Status
    status: Status
    same: bool = True
    frames_sent: int | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class NotReturned:
    """The roller could not be reached again."""

    at_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The person said whether to go on."""

    at_s: float
    go_on: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed on the host's side, or was refused: the massage cannot go on."""

    at_s: float
    ending: Ending
    reason: str


Input = (
    Prepared
    | Started
    | StatusSeen
    | AnswerHeard
    | StoodStill
    | Tick
    | StopAsked
    | EmergencyAsked
    | Steer
    | Carried
    | StopAnswered
    | StopUnanswered
    | LinkLost
    | Returned
    | NotReturned
    | Answered
    | Trouble
)


@dataclass(frozen=True, slots=True)
class SendStart:
    """Send START."""


@dataclass(frozen=True, slots=True)
class SendStop:
    """Send STOP, ahead of everything."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Write an event to the log."""

    event: Event


@dataclass(frozen=True, slots=True)
class BeginStep:
    """Compare the readings with another step of the whole program, counted from 0; −1: with none."""

    index: int


@dataclass(frozen=True, slots=True)
class Tell:
    """Publish news, once the log is open."""

    news: InForce | Restored | Ends | Steered


@dataclass(frozen=True, slots=True)
class Over:
    """The massage is over: finish the log. `confirmed`: the roller reported that its outputs are zero."""

    ending: Ending
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave at once, with the log as it is."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Close the old connection and make a new one; `brief`: only to learn that outputs are zero."""

    brief: bool


@dataclass(frozen=True, slots=True)
class Settle:
    """Close the account of the stream that the loss ended; None: nobody knows how many frames it had."""

    frames_sent: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the person whether to go on."""

    question: Question


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Withdraw the question."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Upload the rest of the program and start telemetry; `Prepared` reports that."""

    rest: Rest


#: What is done about the connection, and what the person is asked about it.
OfConnection = Reconnect | Settle | Ask | Withdraw | Prepare

Move = SendStart | SendStop | SendEmergencyStop | OfPerson | Mark | BeginStep | Tell | Over | Leave | OfConnection
