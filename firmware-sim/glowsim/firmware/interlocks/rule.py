"""The rule of an interlock: it looks at one moment and returns a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from glowsim.firmware.outputs.limiter import OPEN_CAP, Cap

if TYPE_CHECKING:
    from glowsim.firmware.sensors.readings import Readings
    from glowtool.model.state import Interlock
    from glowtool.protocol.commands.states import Event


# Not frozen, because one is made at every tick, and freezing triples the price.
@dataclass(slots=True)
class Moment:
    """Everything that interlocks judge by."""

    now_us: int
    readings: Readings
    running: bool
    step_elapsed_us: int = 0
    massage_elapsed_us: int = 0
    current_spent: bool = False
    vibration_spent: bool = False
    uses_current: bool = False
    uses_vibration: bool = False
    amplitude_max: float = OPEN_CAP.amplitude_max
    peak_ua_max: float = OPEN_CAP.peak_ua_max
    #: What the program wants of the current source now: a cap that is not below it holds nothing back.
    wanted_ua: float = OPEN_CAP.peak_ua_max
    #: The place that the step works, None when it asks for no output, and for how long it has been worked.
    place: int | None = None
    place_worked_us: int = 0
    #: What the current source was asked for until now, when the readings were taken.
    driven_ua: float = 0.0


class Ruling(NamedTuple):
    """One interlock's answer.

    `flag` is reported while the verdict stands, or, when `only_biting`, while its cap really holds something back.
    `ends` is the event by which the massage is over now.
    """

    cap: Cap = OPEN_CAP
    flag: Interlock | None = None
    only_biting: bool = False
    ends: Event | None = None


FREE: Final = Ruling()


class Rule(Protocol):
    """One interlock."""

    def judge(self, moment: Moment) -> Ruling:
        """Return what this interlock allows now."""
        ...
