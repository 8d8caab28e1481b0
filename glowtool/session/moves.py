"""What a massage is told, and what it asks to be done. Times `at_s` are of the host's monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.protocol.status import Status
    from glowtool.store.events import Event
    from glowtool.store.manifest import Ending


@dataclass(frozen=True, slots=True)
class Prepared:
    """The program is uploaded and telemetry runs."""


@dataclass(frozen=True, slots=True)
class Started:
    """The roller answered START with success."""

    at_s: float


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """The roller said its status."""

    at_s: float
    status: Status


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
    """STOP was answered; `zero` says whether the answer showed outputs at zero."""

    zero: bool


@dataclass(frozen=True, slots=True)
class StopUnanswered:
    """Nothing answered STOP."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The connection ended."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something failed on the host's side, or was refused: the massage cannot go on."""

    at_s: float
    ending: Ending
    reason: str


Input = Prepared | Started | StatusSeen | Tick | StopAsked | StopAnswered | StopUnanswered | LinkLost | Trouble


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
class Over:
    """The massage is over: finish the log. `confirmed` says that the roller said that its outputs are zero."""

    ending: Ending
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave at once, with the log as it is."""


Output = SendStart | SendStop | Mark | Over | Leave
