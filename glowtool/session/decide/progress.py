"""The progress of a running program: its step, pauses and interlocks; each change is logged and published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glowtool.model.event import Event, EventKind
from glowtool.model.names import keys_in
from glowtool.model.program import NO_STEP
from glowtool.model.state import Interlock, State
from glowtool.session.decide.massage import Massage, Phase
from glowtool.session.decide.moves import BeginStep, Mark, Tell
from glowtool.session.news import InForce
from glowtool.units import MICROSECONDS_PER_SECOND, MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.model.event import JsonValue
    from glowtool.model.status import Status
    from glowtool.session.decide.massage import Outcome
    from glowtool.session.decide.moves import Move


def follow(now: Massage, status: Status) -> Outcome:
    """Return the massage after a status of a running or paused program, and the changes."""
    after, step_outputs = _follow_step(replace(now, deadline_s=None), status)
    after, pause_marks = _follow_pause(after, status)
    after, interlock_outputs = _follow_interlocks(after, status)
    return after, (*step_outputs, *pause_marks, *interlock_outputs)


def _follow_step(now: Massage, status: Status) -> Outcome:
    index = NO_STEP if status.step == NO_STEP else now.first_step + status.step
    if index == now.step:
        return now, ()
    start_us = status.device_time_us - status.step_elapsed_ms * (MICROSECONDS_PER_SECOND // MILLISECONDS_PER_SECOND)
    after = replace(now, step=index, step_start_us=start_us, paused_us=0, paused_since_us=None)
    return after, begin_step(start_us, index)


def begin_step(at_us: int, index: int) -> tuple[Move, ...]:
    """Return the moves when a step begins at a device time; `NO_STEP`: when no step runs any more."""
    return Mark(Event(at_us, EventKind.STEP, {"index": index})), BeginStep(index)


def _follow_pause(now: Massage, status: Status) -> Outcome:
    at_us = status.device_time_us
    if status.state is State.PAUSED and now.paused_since_us is None:
        paused = replace(now, phase=Phase.PAUSED, paused_since_us=at_us)
        return paused, (Mark(Event(at_us, EventKind.PAUSE, {})),)
    if status.state is State.PAUSED:
        return now, ()
    if now.paused_since_us is None:
        # A step that changes while it is paused begins again, so the pause is known from the phase alone.
        marks = (Mark(Event(at_us, EventKind.RESUME, {})),) if now.phase is Phase.PAUSED else ()
        return replace(now, phase=Phase.RUNNING), marks
    paused_us = now.paused_us + at_us - now.paused_since_us
    running = replace(now, phase=Phase.RUNNING, paused_us=paused_us, paused_since_us=None)
    return running, (Mark(Event(at_us, EventKind.RESUME, {})),)


def _follow_interlocks(now: Massage, status: Status) -> Outcome:
    if status.interlocks == now.interlocks:
        return now, ()
    data: dict[str, JsonValue] = {
        "in_force": list(_names(status.interlocks)),
        "set": list(_names(status.interlocks & ~now.interlocks)),
        "cleared": list(_names(now.interlocks & ~status.interlocks)),
    }
    mark = Mark(Event(status.device_time_us, EventKind.INTERLOCK, data))
    return replace(now, interlocks=status.interlocks), (mark, Tell(InForce(status.interlocks)))


def _names(interlocks: Interlock) -> list[str]:
    return keys_in(interlocks)
