"""The plan of a session, and its result."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from glowtool.device.host_clock import unix_clock_us
from glowtool.model.channel import DEFAULT_RATE_HZ
from glowtool.session.decide.questions import Question, ZeroQuestion
from glowtool.session.decide.resumption import OnLoss

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from glowtool.device.driver import OpenDriver
    from glowtool.device.identity import Identity
    from glowtool.errors import GlowtoolError
    from glowtool.model.ending import Ending
    from glowtool.model.program import Program
    from glowtool.model.state import DeviceLimits
    from glowtool.routine.stepped import Stepped
    from glowtool.session.decide.standstill import Standstill
    from glowtool.store.tables.entries import StepSpan
    from glowtool.stream.arrivals import Books


#: Asks the person whether to go on; cancelled when the question is withdrawn.
Asker = Callable[[Question], Awaitable[bool]]

#: Is told the id of a massage before anything is written or moves; what it raises prevents the massage.
Register = Callable[[str], Awaitable[None]]

#: Asks the person whether to tare.
ZeroAsker = Callable[[ZeroQuestion], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """A massage to run.

    `open_driver` opens the driver of the device, whose every order goes through its gate. `routine` is the routine in
    full, as it goes into the log (`Routine.model_dump(mode="json")`), `program` what it compiled to.
    `logs_dir` takes the session's folder.
    `host_clock_us` is the wall clock in unix µs; it is read once, and times go on evenly from there. `on_loss` says
    what is done when the connection is lost and made again; where `ask` is None nobody can be asked, and ASK is STOP.
    `ask_zero` asks whether to tare where the cells do not read zero in the air; None: it is remarked only.
    `register` is told the id of the massage before it begins. `person` is the pseudonym of whoever is massaged, None
    where nobody is named. `suit` says what a device with these limits gets in place of both; None: these.
    """

    open_driver: OpenDriver
    device_name: str
    address: str
    routine: Mapping[str, JsonValue]
    program: Program
    logs_dir: Path
    rate_hz: int = DEFAULT_RATE_HZ
    host_clock_us: Callable[[], int] = field(default=unix_clock_us)
    on_loss: OnLoss = OnLoss.STOP
    ask: Asker | None = None
    ask_zero: ZeroAsker | None = None
    register: Register | None = None
    person: str | None = None
    chance: random.Random = field(default_factory=random.Random)
    suit: Callable[[DeviceLimits], tuple[Stepped, Program] | None] | None = None

    def suited(self, limits: DeviceLimits, tell: Callable[[Stepped], None]) -> SessionPlan:
        """Return the plan for a device with these limits, and tell what it gets in place of what was asked for."""
        found = None if self.suit is None else self.suit(limits)
        if found is None:
            return self
        stepped, program = found
        tell(stepped)
        return replace(self, routine=stepped.routine.model_dump(mode="json"), program=program, suit=None)


@dataclass(frozen=True, slots=True)
class SessionResult:
    """The ending and the results of a session.

    `confirmed`: the roller itself reported that its outputs are zero; `standstill` is the evidence. `problem` is the
    error for a shell, None when the program ran to its end. `stop_ms` is the time from the first stop to that
    confirmation. `identity` and `battery_percent` are the roller's reports at the beginning.
    """

    session_id: str
    path: Path
    identity: Identity
    battery_percent: int
    ending: Ending
    reason: str
    confirmed: bool
    standstill: Standstill
    counters: Books
    steps: tuple[StepSpan, ...]
    stop_ms: float | None
    problem: GlowtoolError | None
    losses: int = 0
