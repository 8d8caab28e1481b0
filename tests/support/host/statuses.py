"""Statuses of a device as the session hears them, in people's units, for tests without a wire."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Final

from glowtool.model.answer import Answer, Reason
from glowtool.model.output import Levels
from glowtool.model.program import NO_STEP
from glowtool.model.state import Fault, Interlock, State
from glowtool.model.status import Status

#: A device that was switched on a while ago and holds no program.
IDLE: Final = Status(
    state=State.IDLE,
    step=NO_STEP,
    steps=0,
    battery_percent=80,
    interlocks=Interlock(0),
    faults=Fault(0),
    levels=Levels(0.0, 75.0, 0, 10.0),
    step_elapsed_ms=0,
    massage_elapsed_ms=0,
    vibration_percent=100,
    current_percent=100,
    device_time_us=5_000_000,
    unix_ms=1_700_000_000_000,
)

_OF_LEVELS: Final = frozenset(each.name for each in fields(Levels))


def changed(status: Status = IDLE, **values: object) -> Status:
    """Return a status with other values; the levels go by their own names, as in `changed(amplitude=0.3)`."""
    of_levels = {name: value for name, value in values.items() if name in _OF_LEVELS}
    others = {name: value for name, value in values.items() if name not in _OF_LEVELS}
    levels = replace(status.levels, **of_levels)  # type: ignore[arg-type]  # a test says which
    return replace(status, levels=levels, **others)  # type: ignore[arg-type]  # as above


def answer(status: Status, refusal: Reason | None = None, *, to_start: bool = False) -> Answer:
    """Return what a device in that status answers."""
    return Answer(to_start, refusal, status.state, status.step, status.interlocks, status.levels)
