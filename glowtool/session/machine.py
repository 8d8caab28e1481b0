"""One massage as a pure machine: events and times go in, a new state and what is to be done come out.

    preparing ──START, status running──► running ◄──button──► paused
        │                                   │                   │
        └────────────── any ending event ───┴───────────────────┘
                               ▼
                            ending ──outputs zero, link lost, or patience over──► ended

Two laws. The first command after an ending event is STOP, and no START follows it. The link's loss is the one ending
after which nothing is commanded: nobody would hear it, and the roller stops by itself.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from glowtool.protocol.status import NO_STEP
from glowtool.protocol.vocabulary import Interlock, State
from glowtool.session.moves import (
    Input,
    Leave,
    LinkLost,
    Mark,
    Output,
    Over,
    Prepared,
    SendStart,
    SendStop,
    Started,
    StatusSeen,
    StopAnswered,
    StopAsked,
    StopUnanswered,
    Tick,
    Trouble,
)
from glowtool.store.events import Event, EventKind
from glowtool.store.manifest import Ending
from glowtool.units import MICROSECONDS_PER_SECOND, MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.protocol.status import Status
    from glowtool.store.events import JsonValue

#: After START was answered, the status must say so within this time.
START_PATIENCE_S: Final = 2.0

#: A roller says its status every second; one that is silent for this long while it should run is stopped.
SILENCE_S: Final = 3.0

#: After STOP, the roller must say within this time that its outputs are zero.
STOP_PATIENCE_S: Final = 2.0

#: A last step that lacks less than this of its time was done; the status comes in milliseconds, and not at once.
DONE_SLACK_US: Final = 100_000

#: Step number of events outside any step.
OUTSIDE: Final = -1


_NOTHING_HELD: Final = Interlock(0)


class Phase(enum.Enum):
    """How far a massage has come."""

    PREPARING = enum.auto()
    RUNNING = enum.auto()
    PAUSED = enum.auto()
    ENDING = enum.auto()
    ENDED = enum.auto()


@dataclass(frozen=True, slots=True)
class Massage:
    """A massage at one moment. `durations_ms` are those of the program's steps; device times are of its status."""

    durations_ms: tuple[int, ...]
    phase: Phase = Phase.PREPARING
    ending: Ending | None = None
    reason: str = ""
    stops_asked: int = 0
    stop_answered: bool = False
    deadline_s: float | None = None
    heard_s: float = 0.0
    heard_us: int = 0
    step: int = OUTSIDE
    step_start_us: int = 0
    paused_us: int = 0
    paused_since_us: int | None = None
    interlocks: Interlock = _NOTHING_HELD

    def device_time_us(self, at_s: float) -> int:
        """Return the device time at a time of the host's monotonic clock, from the last status on."""
        if not self.heard_us:
            return 0
        return self.heard_us + round((at_s - self.heard_s) * MICROSECONDS_PER_SECOND)

    def worked_us(self, until_us: int) -> int:
        """Return how long the step in progress has run until a device time, pauses left out."""
        paused_us = self.paused_us
        if self.paused_since_us is not None:
            paused_us += until_us - self.paused_since_us
        return until_us - self.step_start_us - paused_us


Outcome = tuple[Massage, tuple[Output, ...]]

_OVER: Final = frozenset({Phase.ENDING, Phase.ENDED})

#: States in which a roller has ended a program by itself: the ending, and why.
_ENDED_BY_STATE: Final[dict[State, tuple[Ending, str]]] = {
    State.LATCHED: (Ending.STOPPED, "emergency stop on the roller"),
    State.LOCKED: (Ending.INTERLOCK, "the roller locked its outputs (charging or updating)"),
    State.FAULT: (Ending.INTERLOCK, "the roller found a fault in itself"),
}

#: Interlocks that pause a program, or end it before its time.
_HELD_BY: Final[dict[Interlock, str]] = {
    Interlock.WATCHDOG: "the roller heard nothing from this host for too long",
    Interlock.LINK_LOSS: "the roller had lost the connection",
    Interlock.BATTERY_EMPTY: "the battery is empty",
    Interlock.DOSE: "today's dose is used up",
    Interlock.CHARGING: "the roller is charging",
}
_PAUSING: Final = Interlock.WATCHDOG | Interlock.LINK_LOSS


def advance(now: Massage, event: Input) -> Outcome:
    """Return the state after an event and what is to be done, in order."""
    match event:
        case StatusSeen():
            return _on_status(now, event)
        case Tick(at_s=at_s):
            return _on_tick(now, at_s)
        case StopAsked(at_s=at_s):
            return _on_stop_asked(now, at_s)
        case LinkLost(at_s=at_s):
            return _on_link_lost(now, at_s)
        case Trouble(at_s=at_s, ending=ending, reason=reason):
            return _end(now, at_s, ending, reason)
        case StopAnswered() | StopUnanswered():
            return _on_stop_outcome(now, event)
        case Prepared():
            return now, (SendStart(),) if now.phase is Phase.PREPARING else ()
        case Started(at_s=at_s):
            return _on_started(now, at_s)


def _end(now: Massage, at_s: float, ending: Ending, reason: str, device_time_us: int | None = None) -> Outcome:
    if now.phase in _OVER:
        return now, ()
    at_us = now.device_time_us(at_s) if device_time_us is None else device_time_us
    data: dict[str, JsonValue] = {"ending": ending.value, "reason": reason}
    after = replace(
        now, phase=Phase.ENDING, ending=ending, reason=reason, deadline_s=at_s + STOP_PATIENCE_S, step=OUTSIDE
    )
    return after, (SendStop(), Mark(Event(at_us, EventKind.STOP, data)))


def _over(now: Massage, *, confirmed: bool) -> Outcome:
    if now.phase is not Phase.ENDING or now.ending is None:
        return now, ()
    return replace(now, phase=Phase.ENDED, deadline_s=None), (Over(now.ending, confirmed),)


def _on_started(now: Massage, at_s: float) -> Outcome:
    if now.phase is not Phase.PREPARING:
        return now, ()
    return replace(now, deadline_s=at_s + START_PATIENCE_S), ()


def _on_stop_asked(now: Massage, at_s: float) -> Outcome:
    asked = replace(now, stops_asked=now.stops_asked + 1)
    if asked.stops_asked == 2:
        return asked, (Leave(),)
    return _end(asked, at_s, Ending.STOPPED, "asked by the person")


def _on_stop_outcome(now: Massage, event: StopAnswered | StopUnanswered) -> Outcome:
    if isinstance(event, StopUnanswered):
        return _over(now, confirmed=False)
    if event.zero:
        return _over(now, confirmed=True)
    return replace(now, stop_answered=True), ()


def _on_link_lost(now: Massage, at_s: float) -> Outcome:
    if now.phase is Phase.ENDED:
        return now, ()
    ending, reason = now.ending, now.reason
    if ending is None:
        ending, reason = Ending.LINK_LOST, "the connection was lost"
    mark = Mark(Event(now.device_time_us(at_s), EventKind.LINK, {"change": "lost"}))
    after = replace(now, phase=Phase.ENDED, ending=ending, reason=reason, step=OUTSIDE, deadline_s=None)
    return after, (mark, Over(ending, confirmed=False))


def _on_tick(now: Massage, at_s: float) -> Outcome:
    late = now.deadline_s is not None and at_s > now.deadline_s
    if now.phase is Phase.ENDING and late:
        return _over(now, confirmed=False)
    if now.phase is Phase.PREPARING and late:
        return _end(now, at_s, Ending.INTERLOCK, "the roller accepted the start and did not run")
    if now.phase in {Phase.RUNNING, Phase.PAUSED} and at_s - now.heard_s > SILENCE_S:
        return _end(now, at_s, Ending.LINK_LOST, f"the roller said nothing for {SILENCE_S:g} s")
    return now, ()


def _on_status(now: Massage, event: StatusSeen) -> Outcome:
    status = event.status
    heard = replace(now, heard_s=event.at_s, heard_us=status.device_time_us)
    if heard.phase is Phase.ENDING:
        settled = heard.stop_answered and status.outputs.zero and status.state is not State.RUNNING
        return _over(heard, confirmed=True) if settled else (heard, ())
    if heard.phase is Phase.ENDED:
        return heard, ()
    if status.state in _ENDED_BY_STATE:
        ending, reason = _ENDED_BY_STATE[status.state]
        return _end(heard, event.at_s, ending, reason, status.device_time_us)
    if status.state in {State.RUNNING, State.PAUSED}:
        return _on_progress(heard, event)
    if heard.phase is Phase.PREPARING:
        return heard, ()  # the program has not begun yet
    return _on_program_end(heard, event)


def _on_program_end(now: Massage, event: StatusSeen) -> Outcome:
    at_us = event.status.device_time_us
    last = len(now.durations_ms) - 1
    if now.step == last and now.worked_us(at_us) >= now.durations_ms[last] * 1000 - DONE_SLACK_US:
        return _end(now, event.at_s, Ending.COMPLETED, "the program ran to its end", at_us)
    held = _held_by(event.status.interlocks | now.interlocks)
    if held is not None:
        return _end(now, event.at_s, Ending.INTERLOCK, held, at_us)
    return _end(now, event.at_s, Ending.STOPPED, "stopped on the roller", at_us)


def _held_by(interlocks: Interlock) -> str | None:
    return next((why for which, why in _HELD_BY.items() if which in interlocks), None)


def _on_progress(now: Massage, event: StatusSeen) -> Outcome:
    """Follow a program that runs or is paused: step, pause and interlocks, each change with a mark."""
    status = event.status
    if status.state is State.PAUSED and status.interlocks & _PAUSING:
        why = _held_by(status.interlocks) or ""
        return _end(now, event.at_s, Ending.INTERLOCK, why, status.device_time_us)
    after, marks = _follow_step(replace(now, deadline_s=None), status)
    after, pause_marks = _follow_pause(after, status)
    after, interlock_marks = _follow_interlocks(after, status)
    return after, (*marks, *pause_marks, *interlock_marks)


def _follow_step(now: Massage, status: Status) -> tuple[Massage, tuple[Mark, ...]]:
    index = OUTSIDE if status.step == NO_STEP else status.step
    if index == now.step:
        return now, ()
    start_us = status.device_time_us - status.step_elapsed_ms * (MICROSECONDS_PER_SECOND // MILLISECONDS_PER_SECOND)
    after = replace(now, step=index, step_start_us=start_us, paused_us=0, paused_since_us=None)
    return after, (Mark(Event(start_us, EventKind.STEP, {"index": index})),)


def _follow_pause(now: Massage, status: Status) -> tuple[Massage, tuple[Mark, ...]]:
    at_us = status.device_time_us
    if status.state is State.PAUSED and now.paused_since_us is None:
        paused = replace(now, phase=Phase.PAUSED, paused_since_us=at_us)
        return paused, (Mark(Event(at_us, EventKind.PAUSE, {})),)
    if status.state is State.PAUSED:
        return now, ()
    if now.paused_since_us is None:
        # A step that changes while it is paused begins anew, so the pause is known from the phase alone.
        marks = (Mark(Event(at_us, EventKind.RESUME, {})),) if now.phase is Phase.PAUSED else ()
        return replace(now, phase=Phase.RUNNING), marks
    paused_us = now.paused_us + at_us - now.paused_since_us
    running = replace(now, phase=Phase.RUNNING, paused_us=paused_us, paused_since_us=None)
    return running, (Mark(Event(at_us, EventKind.RESUME, {})),)


def _follow_interlocks(now: Massage, status: Status) -> tuple[Massage, tuple[Mark, ...]]:
    if status.interlocks == now.interlocks:
        return now, ()
    data: dict[str, JsonValue] = {
        "in_force": list(_names(status.interlocks)),
        "set": list(_names(status.interlocks & ~now.interlocks)),
        "cleared": list(_names(now.interlocks & ~status.interlocks)),
    }
    mark = Mark(Event(status.device_time_us, EventKind.INTERLOCK, data))
    return replace(now, interlocks=status.interlocks), (mark,)


def _names(interlocks: Interlock) -> list[str]:
    return [flag.name.lower() for flag in Interlock if flag in interlocks and flag.name]
