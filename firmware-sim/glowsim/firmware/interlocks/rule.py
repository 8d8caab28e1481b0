"""The rule of an interlock: it judges one moment and returns a ruling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from glowsim.firmware.outputs.limiter import OPEN_CAP, Cap

if TYPE_CHECKING:
    from glowsim.firmware.sensors.readings import Readings
    from glowtool.model.state import Interlock
    from glowtool.protocol.commands.states import Event


# Not frozen: one is made in every tick, and freezing triples the cost.
@dataclass(slots=True)
class Moment:
    """The facts that interlocks judge."""

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
    #: The current that the program wants now: a cap that is not below it holds nothing back.
    wanted_ua: float = OPEN_CAP.peak_ua_max
    #: The place that the step works, None when it asks for no output, and the time for which it has been worked.
    place: int | None = None
    place_worked_us: int = 0
    #: The current that was asked for while the readings were taken.
    driven_ua: float = 0.0


class Ruling(NamedTuple):
    """The ruling of one interlock.

    `flag` is reported while the ruling stands, or, with `only_biting`, while its cap really holds something back.
    `ends` is the event that ends the massage now.
    """

    cap: Cap = OPEN_CAP
    flag: Interlock | None = None
    only_biting: bool = False
    ends: Event | None = None


FREE: Final = Ruling()


class Rule(Protocol):
    """One interlock."""

    def judge(self, moment: Moment) -> Ruling:
        """Return the ruling on this moment."""
        ...
