"""A massage at one moment: a value from which the machine makes the next one; and the two ways to end it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from glowtool.errors import joined
from glowtool.model.event import Event, EventKind
from glowtool.model.program import NO_STEP, Program
from glowtool.model.state import Interlock
from glowtool.session.decide.levels import WHOLE, Shares
from glowtool.session.decide.moves import Mark, Over, SendStop, Tell, Withdraw
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.decide.steering.orders import SendEmergencyStop
from glowtool.session.news import Ends
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.model.ending import Ending
    from glowtool.model.event import JsonValue
    from glowtool.session.decide.moves import Move, StoodStill
    from glowtool.session.decide.resumption import Rest
    from glowtool.session.decide.scrutiny import Scrutiny
    from glowtool.session.decide.untruth import Untruth

#: After STOP, the roller must say within this time that its outputs are zero.
STOP_PATIENCE_S: Final = 2.0

#: For a stop while the roller is away: it has stopped by itself, and gets this long to report it.
AWAY_PATIENCE_S: Final = 3.0

NOTHING_HELD: Final = Interlock(0)


class Phase(enum.Enum):
    """The phase of a massage."""

    PREPARING = enum.auto()
    RUNNING = enum.auto()
    PAUSED = enum.auto()
    AWAY = enum.auto()
    ASKING = enum.auto()
    ENDING = enum.auto()
    ENDED = enum.auto()


OVER: Final = frozenset({Phase.ENDING, Phase.ENDED})


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss of the connection: when, why, whether the massage was paused then, and which step ran."""

    at_s: float
    because: str
    paused: bool
    step: int = NO_STEP

    def __str__(self) -> str:
        return f"the connection was lost: {self.because}" if self.because else "the connection was lost"


@dataclass(frozen=True, slots=True)
class Massage:
    """A massage at one moment. `durations_ms` are those of the program's steps; device times are of its status.

    `program` is that program; without it, nothing that the roller says is held against it. `heard_s` is when the last
    status came, `heard_us` its device time, and `clock_s` when it would have come with the least delay seen so far.
    `agreed_s` is when a person last agreed to what runs, or when it was last known to run under their eyes.
    `begun` says that the roller was heard to run what was sent, `battery_percent` how full its battery was before.
    `rest` is what was left of the program when it was uploaded last, None for all of it; `start_sent` says that it may
    have been started since. Steps are counted in the whole program.
    """

    durations_ms: tuple[int, ...]
    on_loss: OnLoss = OnLoss.STOP
    phase: Phase = Phase.PREPARING
    ending: Ending | None = None
    reason: str = ""
    #: What a person can do about the ending, if that is known.
    advice: str = ""
    stops_asked: int = 0
    stop_answered: bool = False
    deadline_s: float | None = None
    heard_s: float = 0.0
    heard_us: int = 0
    clock_s: float = 0.0
    step: int = NO_STEP
    step_start_us: int = 0
    paused_us: int = 0
    paused_since_us: int | None = None
    interlocks: Interlock = NOTHING_HELD
    rest: Rest | None = None
    start_sent: bool = False
    begun: bool = False
    #: Whether the connection was gone when the roller had to confirm its stop.
    gone: bool = False
    battery_percent: int = 100
    losses: int = 0
    loss: Loss | None = None
    #: Whether nobody else has started the reconnected roller since.
    free: bool = True
    program: Program = field(default_factory=Program)
    scrutiny: Scrutiny | None = None
    untruth: Untruth | None = None
    can_ask: bool = True
    agreed_s: float | None = None
    stood_still: StoodStill | None = None
    stood_still_s: float = 0.0
    #: The shares of the program's outputs that the person asked for last.
    shares: Shares = WHOLE
    #: Whether the person paused it here, and has not gone on since.
    paused_here: bool = False
    #: The step that the person asked to leave before its end.
    leaving: int = NO_STEP
    #: Whether an emergency stop was asked for here.
    emergency: bool = False
    #: Whether the roller answered that it has latched.
    latched: bool = False
    #: Whether there is no connection.
    apart: bool = False

    def device_time_us(self, at_s: float) -> int:
        """Return the device time at a time of the host's monotonic clock, from the last status on."""
        if not self.heard_us:
            return 0
        return self.heard_us + round((at_s - self.clock_s) * MICROSECONDS_PER_SECOND)

    def awake_s(self, at_s: float) -> float:
        """Return a time without the standstills of the host itself."""
        return at_s - self.stood_still_s

    def worked_us(self, until_us: int) -> int:
        """Return how long the step in progress has run until a device time, without pauses."""
        paused_us = self.paused_us
        if self.paused_since_us is not None:
            paused_us += until_us - self.paused_since_us
        return until_us - self.step_start_us - paused_us

    @property
    def first_step(self) -> int:
        """The step of the whole program with which the last upload begins."""
        return 0 if self.rest is None else self.rest.step

    def planned_ms(self, step: int) -> int:
        """Return the duration of a step in the last upload."""
        if self.rest is not None and step == self.rest.step:
            return self.rest.first_ms
        return self.durations_ms[step]


Outcome = tuple[Massage, tuple["Move", ...]]


def end(
    now: Massage, at_s: float, ending: Ending, reason: str, device_time_us: int | None = None, *, advice: str = ""
) -> Outcome:
    """End a massage: STOP first, then log and news; if no STOP can be sent now, the next connection brings it."""
    if now.phase in OVER:
        return now, ()
    at_us = now.device_time_us(at_s) if device_time_us is None else device_time_us
    data: dict[str, JsonValue] = {"ending": ending.value, "reason": joined(reason, advice)}
    away = now.phase is Phase.AWAY
    deadline_s = at_s + (AWAY_PATIENCE_S if away else STOP_PATIENCE_S)
    after = replace(now, phase=Phase.ENDING, ending=ending, reason=reason, advice=advice)
    after = replace(after, deadline_s=deadline_s, step=NO_STEP)
    told = Mark(Event(at_us, EventKind.STOP, data)), Tell(Ends(ending, joined(reason, advice)))
    if away:
        return after, told
    stop = SendEmergencyStop() if now.emergency else SendStop()
    return after, (stop, *((Withdraw(),) if now.phase is Phase.ASKING else ()), *told)


def over(now: Massage, *, confirmed: bool) -> Outcome:
    """Complete an ending massage."""
    if now.phase is not Phase.ENDING or now.ending is None:
        return now, ()
    return replace(now, phase=Phase.ENDED, deadline_s=None), (Over(now.ending, confirmed),)
