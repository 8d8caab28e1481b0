"""One massage as a pure machine: events and times go in, a new state and a list of moves come out.

    preparing ──START, status running──► running ◄───────────► paused
      ▲  ▲  │                               │                   │
      │  │  └──────────connection lost──────┴───────────────────┤
      │  └──resume────────────────────────────────────────── away ──not found again──► ended
      └──yes── asking ◄──────────back, STOP confirmed───────────┘

      any ending event ──► ending ──outputs zero, connection lost, or patience over──► ended

Two laws. The first command after an ending event is STOP, and no START follows it. After the connection was lost
nothing is commanded until a new one is there, whose first command is STOP too; and there nothing is started but what is
left of the program, as a program of its own, when the policy or the person says so. The roller stops by itself when it
loses its host: what cannot be said to it need not be.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from glowtool.device.refusals import why_not_begun
from glowtool.model.answer import Reason
from glowtool.model.ending import Ending
from glowtool.model.state import AT_REST, Interlock, State
from glowtool.session.decide.holding import begin_scrutiny, hold, on_answer, untrue
from glowtool.session.decide.losses import on_link_lost, on_loss_event
from glowtool.session.decide.massage import STOP_PATIENCE_S, Massage, Outcome, Phase, end, over
from glowtool.session.decide.moves import (
    Answered,
    AnswerHeard,
    Input,
    Leave,
    LinkLost,
    NotReturned,
    Prepared,
    Returned,
    SendStart,
    Started,
    StatusSeen,
    StoodStill,
    StopAnswered,
    StopAsked,
    StopUnanswered,
    Tick,
    Trouble,
)
from glowtool.session.decide.progress import follow
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.decide.steering.orders import Carried, EmergencyAsked, Steer
from glowtool.session.decide.steering.steering import PAUSED_HERE_MOST_S, again, on_steering
from glowtool.session.decide.waking import UNATTENDED_S, just_woken, on_stood_still, unattended, words_of
from glowtool.units import MICROSECONDS_PER_SECOND

__all__ = ["SILENCE_S", "START_PATIENCE_S", "STOP_PATIENCE_S", "Massage", "Phase", "advance"]

#: After START was answered, the status must say so within this time.
START_PATIENCE_S: Final = 2.0

#: A roller says its status every second; one that is silent for this long while it should run is lost.
SILENCE_S: Final = 3.0

#: A person who has paused a massage at another host for longer than this in all does not come back to it; and a roller
#: that only claims to be paused must not keep it alive.
PAUSED_MOST_S: Final = UNATTENDED_S

#: A last step that lacks less than this of its time is complete; the status has whole milliseconds, and some delay.
DONE_SLACK_US: Final = 100_000

#: The states in which a roller has ended a program by itself: the ending, and the reason.
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
    Interlock.DOSE: "this zone was worked long enough, or the dose of the day is used up",
    Interlock.CHARGING: "the roller is charging",
}
_PAUSING: Final = Interlock.WATCHDOG | Interlock.LINK_LOSS


def advance(now: Massage, event: Input) -> Outcome:
    """Return the state after an event, and the moves in order."""
    match event:
        case StatusSeen():
            return _on_status(now, event)
        case AnswerHeard():
            return on_answer(now, event)
        case StoodStill():
            return on_stood_still(now, event)
        case Tick(at_s=at_s):
            return _on_tick(now, at_s)
        case EmergencyAsked() | Steer() | Carried():
            return on_steering(now, event)
        case StopAsked() | Trouble():
            return _on_ending(now, event)
        case StopAnswered() | StopUnanswered():
            return _on_stop_outcome(now, event)
        case Prepared() | Started():
            return _on_start(now, event)
        case LinkLost() | Returned() | NotReturned() | Answered():
            return on_loss_event(now, event)


def _on_start(now: Massage, event: Prepared | Started) -> Outcome:
    if now.phase is not Phase.PREPARING:
        return now, ()
    if isinstance(event, Prepared):
        if unattended(now, event.at_s):
            return end(now, event.at_s, Ending.INTERLOCK, f"nobody has agreed to it for more than {UNATTENDED_S:g} s")
        return begin_scrutiny(replace(now, start_sent=True), event.at_s), (SendStart(),)
    return replace(now, deadline_s=event.at_s + START_PATIENCE_S), again(now)


def _on_ending(now: Massage, event: StopAsked | Trouble) -> Outcome:
    if isinstance(event, Trouble):
        return end(now, event.at_s, event.ending, event.reason)
    at_s = event.at_s
    asked = replace(now, stops_asked=now.stops_asked + 1)
    if asked.stops_asked == 2:
        return asked, (Leave(),)
    if now.phase in {Phase.AWAY, Phase.ASKING}:
        return end(asked, at_s, Ending.LINK_LOST, f"{now.loss}, and a stop was asked for")
    return end(asked, at_s, Ending.STOPPED, "it was asked for here")


def _on_stop_outcome(now: Massage, event: StopAnswered | StopUnanswered) -> Outcome:
    if isinstance(event, StopUnanswered):
        return over(now, confirmed=False)
    now = replace(now, stop_answered=True, latched=now.latched or event.latched)
    return over(now, confirmed=True) if event.zero else (now, ())


def _on_tick(now: Massage, at_s: float) -> Outcome:
    late = now.deadline_s is not None and at_s > now.deadline_s
    if now.phase is Phase.ENDING and late:
        return over(now, confirmed=False)
    if now.phase is Phase.PREPARING and late:
        return _on_no_start(now, at_s)
    if now.phase is Phase.ASKING and late:
        return end(now, at_s, Ending.LINK_LOST, f"{now.loss}, and nobody answered whether to go on")
    heard_s = now.heard_s if now.stood_still is None else max(now.heard_s, now.stood_still.at_s)
    if now.phase in {Phase.RUNNING, Phase.PAUSED} and at_s - heard_s > SILENCE_S:
        return on_link_lost(now, LinkLost(at_s, f"the roller said nothing for {SILENCE_S:g} s"))
    return now, ()


def _on_no_start(now: Massage, at_s: float) -> Outcome:
    if now.begun:
        return end(now, at_s, Ending.INTERLOCK, "the roller accepted the start, but did not go on")
    why, advice = why_not_begun(None, State.READY, now.interlocks, now.battery_percent)
    return end(now, at_s, Ending.REFUSED, why, advice=advice)


def _on_status(now: Massage, event: StatusSeen) -> Outcome:
    status = event.status
    if now.phase in {Phase.AWAY, Phase.ENDED}:
        return now, ()
    heard = _heard(now, event)
    if heard.phase is Phase.ENDING:
        settled = heard.stop_answered and status.levels.zero and status.state is not State.RUNNING
        return over(heard, confirmed=True) if settled else (heard, ())
    heard, untruth = hold(heard, event)
    if untruth is not None:
        return untrue(heard, event.at_s, untruth, status.device_time_us)
    if status.state in _ENDED_BY_STATE:
        (ending, reason), advice = _ENDED_BY_STATE[status.state], ""
        heard = replace(heard, latched=heard.latched or status.state is State.LATCHED)
        if not heard.begun:
            ending = Ending.REFUSED
            reason, advice = why_not_begun(Reason.WRONG_STATE, status.state, status.interlocks, heard.battery_percent)
        return end(heard, event.at_s, ending, reason, status.device_time_us, advice=advice)
    if heard.phase is Phase.ASKING:
        return replace(heard, free=status.state in AT_REST), ()
    if status.state in {State.RUNNING, State.PAUSED}:
        return _on_progress(replace(heard, begun=heard.begun or heard.start_sent), event)
    if heard.phase is Phase.PREPARING:
        return heard, ()  # the program has not begun yet
    return _on_program_end(heard, event)


def _heard(now: Massage, event: StatusSeen) -> Massage:
    """Note when a status came; the one with the least delay shows best how the two clocks are related."""
    at_us = event.status.device_time_us
    if at_us < now.heard_us:  # a restarted clock has no relation to earlier times
        return now
    clock_s = now.clock_s + (at_us - now.heard_us) / MICROSECONDS_PER_SECOND if now.heard_us else event.at_s
    return replace(now, heard_s=event.at_s, heard_us=at_us, clock_s=min(clock_s, event.at_s))


def _on_program_end(now: Massage, event: StatusSeen) -> Outcome:
    at_us = event.status.device_time_us
    last = len(now.durations_ms) - 1
    if now.step == last and now.worked_us(at_us) >= now.planned_ms(last) * 1000 - DONE_SLACK_US:
        return end(now, event.at_s, Ending.COMPLETED, "the program ran to its end", at_us)
    if now.step == last == now.leaving:
        return end(now, event.at_s, Ending.COMPLETED, "its last step was skipped", at_us)
    held = _held_by(event.status.interlocks | now.interlocks)
    if held is not None:
        return end(now, event.at_s, Ending.INTERLOCK, held, at_us)
    return end(now, event.at_s, Ending.STOPPED, "stopped on the roller", at_us)


def _held_by(interlocks: Interlock) -> str | None:
    return next((why for which, why in _HELD_BY.items() if which in interlocks), None)


def _on_progress(now: Massage, event: StatusSeen) -> Outcome:
    """Follow a running or paused program; one that paused because it missed its host counts as lost."""
    status = event.status
    if status.state is State.PAUSED and status.interlocks & _PAUSING:
        why, still = _held_by(status.interlocks) or "", just_woken(now, event.at_s)
        if still is not None:
            why = f"{words_of(still)}, and the roller heard nothing from it"
        if now.on_loss is OnLoss.STOP:
            return end(now, event.at_s, Ending.INTERLOCK, why, status.device_time_us)
        return on_link_lost(now, LinkLost(event.at_s, why))
    most_s = PAUSED_HERE_MOST_S if now.paused_here else PAUSED_MOST_S
    if now.scrutiny is not None and now.scrutiny.paused_s > most_s:
        why = f"it was paused for more than {most_s:g} s"
        return end(now, event.at_s, Ending.INTERLOCK, why, status.device_time_us)
    return follow(now, status)
