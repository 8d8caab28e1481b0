"""A connection lost during a massage, as pure steps: lost, back with STOP confirmed, asked, resumed or ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.program import NO_STEP
from glowtool.model.state import AT_REST, Interlock, State
from glowtool.session.decide.holding import untrue
from glowtool.session.decide.massage import STOP_PATIENCE_S, Loss, Massage, Phase, end, over
from glowtool.session.decide.moves import (
    Answered,
    Ask,
    LinkLost,
    Mark,
    NotReturned,
    Prepare,
    Reconnect,
    Returned,
    Settle,
    Tell,
    Withdraw,
)
from glowtool.session.decide.progress import begin_step
from glowtool.session.decide.resumption import OnLoss, Rest, question_of, rest_from
from glowtool.session.decide.steering.orders import SendEmergencyStop
from glowtool.session.decide.steering.steering import uploaded
from glowtool.session.decide.waking import UNATTENDED_S, just_woken, words_of
from glowtool.session.news import Restored
from glowtool.units import MICROSECONDS_PER_SECOND, MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.model.event import JsonValue
    from glowtool.session.decide.massage import Outcome
    from glowtool.session.decide.moves import Move
    from glowtool.session.decide.untruth import Untruth

#: After this time without an answer, the person counts as absent.
ANSWER_PATIENCE_S: Final = 120.0

#: Reconnections to a roller at the edge of reach come to an end.
LOSSES_MOST: Final = 10

#: Device time that differs by more than this from what the host expects shows that the roller restarted.
_RESTARTED_US: Final = 3 * MICROSECONDS_PER_SECOND

#: The states of a reconnected roller in which a massage does not go on.
_IN_THE_WAY: Final[dict[State, str]] = {
    State.LATCHED: "its emergency stop is latched",
    State.LOCKED: "its outputs are locked (charging or updating)",
    State.FAULT: "it found a fault in itself",
    State.RUNNING: "it was running: by its button, or for another host",
}

#: Interlocks that do not pass by themselves.
_HELD: Final[dict[Interlock, str]] = {
    Interlock.BATTERY_EMPTY: "its battery is empty",
    Interlock.CHARGING: "it is charging",
    Interlock.DOSE: "this zone was worked long enough, or the dose of the day is used up",
}


def on_loss_event(now: Massage, event: LinkLost | Returned | NotReturned | Answered) -> Outcome:
    """Return the state after an event of a loss, and the moves."""
    match event:
        case LinkLost():
            return on_link_lost(now, event)
        case Returned():
            return on_returned(now, event)
        case NotReturned():
            return on_not_returned(now, event)
        case Answered():
            return on_answered(now, event)


def on_link_lost(now: Massage, event: LinkLost) -> Outcome:
    """Note the loss, and reconnect; an ending massage ends with it."""
    if now.phase in {Phase.ENDED, Phase.AWAY}:
        return now, ()
    at_us = now.device_time_us(event.at_s)
    lost = Mark(Event(at_us, EventKind.LINK, {"change": "lost", "because": event.because}))
    if now.phase is Phase.ENDING:
        after, outputs = over(replace(now, gone=True), confirmed=False)
        return after, (lost, *outputs)
    still = just_woken(now, event.at_s)
    # Nobody watched while the host slept.
    since_s, because = (event.at_s, event.because) if still is None else (still.since_s, words_of(still))
    loss = Loss(since_s, because, now.phase is Phase.PAUSED, now.step)
    after = replace(now, phase=Phase.AWAY, loss=loss, losses=now.losses + 1, deadline_s=None, step=NO_STEP, apart=True)
    withdrawn: tuple[Move, ...] = (Withdraw(),) if now.phase is Phase.ASKING else ()
    no_step = () if now.step == NO_STEP else begin_step(at_us, NO_STEP)
    return after, (*withdrawn, lost, *no_step, Reconnect(brief=not _may_go_on(after, event.at_s)))


def on_not_returned(now: Massage, event: NotReturned) -> Outcome:
    """End without a confirmation: the roller stopped by itself, but cannot say so."""
    ended, marks = end(now, event.at_s, Ending.LINK_LOST, f"{now.loss}, and it was not found again: {event.reason}")
    after, outputs = over(replace(ended, gone=True), confirmed=False)
    return after, (*marks, *outputs)


def on_returned(now: Massage, event: Returned) -> Outcome:
    """Go on, ask, or end, now that the roller is back and its outputs are zero."""
    if now.loss is None or now.phase not in {Phase.AWAY, Phase.ENDING}:
        return now, ()
    restarted = _restarted(now, event)
    settle = Settle(event.frames_sent if event.same and not restarted else None)
    if now.phase is Phase.ENDING and now.emergency:
        return replace(now, apart=False, deadline_s=event.at_s + STOP_PATIENCE_S), (settle, SendEmergencyStop())
    if now.phase is Phase.ENDING:
        after, outputs = over(replace(now, apart=False), confirmed=event.status.levels.zero)
        return after, (settle, *outputs)
    back = (
        now if restarted else replace(now, heard_s=event.at_s, clock_s=event.at_s, heard_us=event.status.device_time_us)
    )
    back = replace(back, phase=Phase.PREPARING, free=event.status.state in AT_REST, apart=False)
    away_s = event.at_s - now.loss.at_s
    restored = Restored(round(away_s, 3))
    data: dict[str, JsonValue] = {"change": "restored", "away_s": restored.away_s, "attempts": event.attempts}
    ran_us = None if restarted else _ran_until_us(now, event)
    if ran_us is not None:
        data["ran_until_us"] = ran_us
    mark = Mark(Event(back.device_time_us(event.at_s), EventKind.LINK, data))
    after, outputs = _decide(back, event, away_s, restarted=restarted)
    return after, (settle, mark, Tell(restored), *outputs)


def on_answered(now: Massage, event: Answered) -> Outcome:
    """Go on, or end, as the person answered."""
    if now.phase is not Phase.ASKING or now.rest is None:
        return now, ()
    if now.deadline_s is not None and event.at_s > now.deadline_s:  # the host slept, and this answer was typed before
        return end(now, event.at_s, Ending.LINK_LOST, f"{now.loss}, and nobody answered whether to go on")
    if not event.go_on:
        return end(now, event.at_s, Ending.LINK_LOST, f"{now.loss}, and the answer was not to go on")
    if not now.free:
        return end(now, event.at_s, Ending.LINK_LOST, f"{now.loss}, and the roller is in use by its button")
    return _go_on(now, now.rest, event.at_s)


def _decide(now: Massage, event: Returned, away_s: float, *, restarted: bool) -> Outcome:
    if now.losses > LOSSES_MOST:
        return end(now, event.at_s, Ending.LINK_LOST, f"{now.loss} for the {now.losses}th time")
    if now.on_loss is OnLoss.STOP:
        return end(now, event.at_s, Ending.LINK_LOST, str(now.loss))
    obstacle = "it restarted meanwhile" if restarted else _obstacle(now, event)
    if obstacle is not None:
        return end(now, event.at_s, Ending.LINK_LOST, f"{now.loss}, and the massage did not go on: {obstacle}")
    untruth = _untruth(now, event)
    if untruth is not None:
        return untrue(now, event.at_s, untruth)
    rest = _rest(now, event)
    if rest is None:
        return end(now, event.at_s, Ending.COMPLETED, f"{now.loss} in the last second of the program")
    if now.on_loss is OnLoss.RESUME and now.loss is not None and away_s <= UNATTENDED_S:
        return _go_on(now, rest, now.loss.at_s)
    if not now.can_ask:
        late = f"after more than {UNATTENDED_S:g} s the massage goes on only if a person agrees, but nobody is there"
        return end(now, event.at_s, Ending.LINK_LOST, f"{now.loss}; {late}")
    because = "" if now.loss is None else now.loss.because
    question = question_of(rest, now.durations_ms, because, away_s, ANSWER_PATIENCE_S)
    asking = replace(now, phase=Phase.ASKING, rest=rest, start_sent=False, deadline_s=event.at_s + ANSWER_PATIENCE_S)
    return asking, (Ask(question),)


def _ran_until_us(now: Massage, event: Returned) -> int | None:
    """Return when the roller paused by itself, in device time; None unless it did so in the step that ran then.

    If the host sleeps, the roller stops before the host notes the loss; if the host is told at once, after it.
    """
    loss, found = now.loss, event.found
    if loss is None or loss.paused or not event.same or not now.start_sent or found.state is not State.PAUSED:
        return None
    if found.step == NO_STEP or now.first_step + found.step != loss.step:
        return None
    worked_us = found.step_elapsed_ms * (MICROSECONDS_PER_SECOND // MILLISECONDS_PER_SECOND)
    return now.step_start_us + now.paused_us + worked_us


def _may_go_on(now: Massage, at_s: float) -> bool:
    alone = not now.can_ask and now.loss is not None and at_s - now.loss.at_s > UNATTENDED_S
    return now.on_loss is not OnLoss.STOP and now.losses <= LOSSES_MOST and not alone


def _go_on(now: Massage, rest: Rest, agreed_s: float) -> Outcome:
    after = replace(
        uploaded(now),
        phase=Phase.PREPARING,
        rest=rest,
        start_sent=False,
        scrutiny=None,
        agreed_s=agreed_s,
        deadline_s=None,
        paused_us=0,
        paused_since_us=None,
        paused_here=False,
        leaving=NO_STEP,
    )
    return after, (Prepare(rest),)


def _restarted(now: Massage, event: Returned) -> bool:
    return now.heard_us > 0 and abs(event.status.device_time_us - now.device_time_us(event.at_s)) > _RESTARTED_US


def _obstacle(now: Massage, event: Returned) -> str | None:
    """Return why a massage cannot go on with the reconnected roller; None when it can."""
    found = event.found
    if not event.same:
        return "another roller answers in its place"
    in_the_way = _IN_THE_WAY.get(event.status.state) or _IN_THE_WAY.get(found.state)
    if in_the_way is not None:
        return in_the_way
    held = next((why for which, why in _HELD.items() if which in found.interlocks | event.status.interlocks), None)
    if held is not None:
        return held
    if now.loss is not None and now.loss.paused:
        return "it was paused"
    if now.start_sent and (found.state is not State.PAUSED or not _place_is_known(now, event)):
        return "its program had ended, or was stopped on it"
    return None


def _untruth(now: Massage, event: Returned) -> Untruth | None:
    """Return the untruth in the place at which the roller says that it stopped."""
    return now.scrutiny.found(event.found, event.at_s) if now.start_sent and now.scrutiny is not None else None


def _place_is_known(now: Massage, event: Returned) -> bool:
    return event.found.step != NO_STEP and now.first_step + event.found.step < len(now.durations_ms)


def _rest(now: Massage, event: Returned) -> Rest | None:
    """Return the exact rest, since the roller kept the place where it stopped by itself."""
    if not now.start_sent:
        return now.rest or Rest(0, now.durations_ms[0])
    step = now.first_step + event.found.step
    return rest_from(step, now.planned_ms(step) - event.found.step_elapsed_ms, now.durations_ms)
