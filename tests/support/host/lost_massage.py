"""A massage of three steps that loses its connection, as the machine sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.model.program import NO_STEP
from glowtool.model.state import Interlock, State
from glowtool.session.decide.machine import Massage
from glowtool.session.decide.moves import (
    Input,
    LinkLost,
    Move,
    Prepared,
    Returned,
    Started,
    StatusSeen,
)
from support.host.moves import advanced
from support.host.statuses import changed

if TYPE_CHECKING:
    from glowtool.model.status import Status
    from glowtool.session.decide.resumption import OnLoss

DURATIONS_MS = (10_000, 20_000, 5_000)
UP_US = 50_000_000
AWAY = "out of reach"


def status(state: State, at_s: float, step: int = NO_STEP, elapsed_ms: int = 0, interlocks: int = 0) -> Status:
    return changed(
        state=state,
        step=step,
        step_elapsed_ms=elapsed_ms,
        interlocks=Interlock(interlocks),
        amplitude=0.3 if state is State.RUNNING else 0.0,
        device_time_us=UP_US + round(at_s * 1e6),
    )


def seen(state: State, at_s: float, step: int = NO_STEP, elapsed_ms: int = 0, interlocks: int = 0) -> StatusSeen:
    return StatusSeen(at_s, status(state, at_s, step, elapsed_ms, interlocks))


def back(
    at_s: float,
    found: Status | None = None,
    latest: Status | None = None,
    *,
    same: bool = True,
    frames: int | None = 99,
) -> Returned:
    """Return a roller that is back, by default as it should be: paused in step 1 after 4 s of it, and then stopped."""
    found = found or status(State.PAUSED, at_s, 1, 4_000, Interlock.LINK_LOSS)
    return Returned(at_s, found, latest or status(State.READY, at_s), same, 99)


#: In step 1 since 10 s, seen at 14 s, lost at 15 s.
UNTIL_LOST: tuple[Input, ...] = (
    Prepared(0.0),
    Started(0.0),
    seen(State.RUNNING, 0.1, 0, 100),
    seen(State.RUNNING, 10.0, 1),
    seen(State.RUNNING, 14.0, 1, 4_000),
    LinkLost(15.0, AWAY),
)


def run(on_loss: OnLoss, *events: Input) -> tuple[Massage, list[Move]]:
    return advanced(Massage(DURATIONS_MS, on_loss), *events)
