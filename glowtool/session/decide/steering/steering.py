"""The steering of a massage while it runs: what a person asks for, judged, ordered and noted. Pure.

An ask becomes an order to the roller, or is answered at once; a refusal by gate or roller is told, and the massage goes
on. The newest trim wins, and outlives a lost connection: the start of the rest is followed by it. The current, once
off, stays off. A stop overtakes all of it: after an ending event no order leaves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind, Topic
from glowtool.model.program import NO_STEP
from glowtool.session.decide.levels import WHOLE, Shares
from glowtool.session.decide.massage import OVER, Massage, Phase, end
from glowtool.session.decide.moves import Mark, Tell
from glowtool.session.decide.steering.orders import Carried, EmergencyAsked, Order, Reply, SendEmergencyStop, Steer
from glowtool.session.news import Steered
from glowtool.session.wishes import MARK_CHARACTERS, QUIETEST_PERCENT, TRIM_STEP_PERCENT, TRIMMING, Ask, Wish
from glowtool.units import MILLISECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from glowtool.model.event import JsonValue
    from glowtool.session.decide.massage import Outcome
    from glowtool.session.decide.moves import Move

#: How long a person may pause a massage here; then it is over.
PAUSED_HERE_MOST_S: Final = 600.0

_UNDER_WAY: Final = frozenset({Phase.RUNNING, Phase.PAUSED})

#: Why nothing is steered in a phase.
_NOT_NOW: Final[dict[Phase, str]] = {
    Phase.PREPARING: "the massage has not begun yet",
    Phase.AWAY: "the connection is lost, and the roller has stopped by itself",
    Phase.ASKING: "the question whether to go on comes first",
    Phase.ENDING: "the massage is ending",
    Phase.ENDED: "the massage has ended",
}

_AT_FULL: Final = "it is at the routine's own level, and nothing goes beyond that"
_AT_QUIETEST: Final = f"it is at its quietest, {QUIETEST_PERCENT} % of the routine's level; pause or stop it"


def on_steering(now: Massage, event: EmergencyAsked | Steer | Carried) -> Outcome:
    """Return the state after a wish, or what became of an order, and the moves."""
    match event:
        case EmergencyAsked():
            return on_emergency(now, event)
        case Steer():
            return on_steer(now, event)
        case Carried():
            return on_carried(now, event)


def on_emergency(now: Massage, event: EmergencyAsked) -> Outcome:
    """End the massage by an emergency stop; one that is ending already is latched, and a lost roller on its return."""
    if now.phase is Phase.ENDED or now.emergency:
        return now, ()
    after = replace(now, emergency=True)
    if now.phase is Phase.ENDING:
        return after, () if now.apart else (SendEmergencyStop(),)
    return end(after, event.at_s, Ending.STOPPED, "an emergency stop was asked for here")


def on_steer(now: Massage, event: Steer) -> Outcome:
    """Take a wish: answer it at once, or order it from the roller."""
    wish, why = event.ask.wish, _why_not(now, event.ask)
    if why:
        return now, _told(now, event.at_s, event.number, event.ask, done=False, why=why)
    if wish in TRIMMING:
        return _trim(now, event)
    if _is_so(now, wish):
        return now, _told(now, event.at_s, event.number, event.ask, done=True)
    after = now
    match wish:
        case Wish.PAUSE:
            after = replace(now, paused_here=True)
        case Wish.SKIP:
            after = replace(now, leaving=now.step)
        case Wish.EXTEND if now.scrutiny is not None:
            after = replace(now, scrutiny=replace(now.scrutiny, extending=True))
    return after, (Order(event.number, event.ask, now.shares, now.shares),)


def on_carried(now: Massage, event: Carried) -> Outcome:
    """Take what became of an order."""
    order = event.order
    if now.phase in OVER:
        after = now
    elif event.refusal:
        after = _undone(now, event)
    else:
        after = _done(now, event)
    if order.ask is not None:
        done = not event.refusal
        return after, _told(after, event.at_s, order.number, order.ask, done=done, why=event.refusal)
    if event.refusal and not event.unsure and now.phase in _UNDER_WAY:
        # The rest of a massage was started, and runs at more than the person asked for.
        return end(after, event.at_s, Ending.INTERLOCK, f"the level asked for was not set again: {event.refusal}")
    return after, ()


def again(now: Massage) -> tuple[Move, ...]:
    """Return the moves that set the level asked for once more: each start begins at the program's own."""
    return () if now.shares == WHOLE else (Order(0, None, now.shares, now.shares),)


def uploaded(now: Massage) -> Massage:
    """Return the massage before its rest is uploaded: a current that was switched off is not in it any more."""
    return now if now.shares.current_percent else replace(now, program=now.program.without_current())


def _why_not(now: Massage, ask: Ask) -> str:
    """Return why a wish is not granted, or nothing."""
    if now.phase in OVER:
        return _NOT_NOW[now.phase]
    wish = ask.wish
    if wish is Wish.MARK or wish is Wish.NO_CURRENT:
        return ""
    if wish is Wish.QUIETER and now.shares.vibration_percent <= QUIETEST_PERCENT:
        return _AT_QUIETEST
    if wish is Wish.STRONGER and now.shares.vibration_percent >= WHOLE.vibration_percent:
        return _AT_FULL
    if wish in TRIMMING:
        return ""
    if now.phase not in _UNDER_WAY or now.step == NO_STEP:
        return _NOT_NOW.get(now.phase, _NOT_NOW[Phase.PREPARING])
    return _why_not_longer(now, ask.extra_s) if wish is Wish.EXTEND else ""


def _why_not_longer(now: Massage, extra_s: float) -> str:
    """Return which ceiling more time would break, over all connections of the massage; the gate knows only the last."""
    extra_ms = round(extra_s * MILLISECONDS_PER_SECOND)
    if extra_ms < 1:
        return f"{spoken(extra_s, 's')} is no time to lengthen a step by"
    for what, total_ms, which in (
        ("the step", now.durations_ms[now.step] + extra_ms, CeilingId.STEP_DURATION),
        ("the massage", sum(now.durations_ms) + extra_ms, CeilingId.MASSAGE_DURATION),
    ):
        if total_ms > limit(which) * MILLISECONDS_PER_SECOND:
            total_s = total_ms / MILLISECONDS_PER_SECOND
            return f"{what} would last {spoken(total_s, 's')}, and at most {spoken(limit(which), 's')} is allowed"
    return ""


def _is_so(now: Massage, wish: Wish) -> bool:
    """Return whether nothing is to be done for a wish."""
    match wish:
        case Wish.PAUSE:
            return now.phase is Phase.PAUSED
        case Wish.RESUME:
            return now.phase is Phase.RUNNING and not now.paused_here
        case _:
            return wish is Wish.MARK


def _trim(now: Massage, event: Steer) -> Outcome:
    shares = _shares(now.shares, event.ask.wish)
    after = replace(now, shares=shares)
    if now.scrutiny is not None:
        # What is raised is right from now on; what is lowered is wrong only once the roller has answered.
        after = replace(after, scrutiny=now.scrutiny.trimmed(shares.most(now.scrutiny.trim), event.at_s))
    started = now.phase in _UNDER_WAY or (now.phase is Phase.PREPARING and now.start_sent)
    if shares == now.shares or not started:
        # A start that is to come is followed by the order.
        return after, _told(after, event.at_s, event.number, event.ask, done=True)
    return after, (Order(event.number, event.ask, shares, now.shares),)


def _shares(before: Shares, wish: Wish) -> Shares:
    if wish is Wish.NO_CURRENT:
        return replace(before, current_percent=0)
    by = TRIM_STEP_PERCENT if wish is Wish.STRONGER else -TRIM_STEP_PERCENT
    percent = min(WHOLE.vibration_percent, max(QUIETEST_PERCENT, before.vibration_percent + by))
    return Shares(percent, percent if before.current_percent else 0)


def _done(now: Massage, event: Carried) -> Massage:
    order = event.order
    wish = Wish.QUIETER if order.ask is None else order.ask.wish
    if wish in TRIMMING:
        if now.scrutiny is None or order.shares != now.shares:
            return now
        return replace(now, scrutiny=now.scrutiny.trimmed(order.shares, event.at_s))
    match wish:
        case Wish.RESUME:
            # Whoever goes on is there: what was paused before counts no more.
            scrutiny = None if now.scrutiny is None else replace(now.scrutiny, paused_s=0.0)
            return replace(now, paused_here=False, agreed_s=event.at_s, scrutiny=scrutiny)
        case Wish.EXTEND if order.ask is not None:
            return _lengthened(now, event.step, round(order.ask.extra_s * MILLISECONDS_PER_SECOND))
        case _:
            return now


def _undone(now: Massage, event: Carried) -> Massage:
    order = event.order
    wish = Wish.QUIETER if order.ask is None else order.ask.wish
    if wish in TRIMMING:
        return replace(now, shares=order.shares.least(order.before)) if now.shares == order.shares else now
    match wish:
        case Wish.PAUSE:
            return replace(now, paused_here=False)
        case Wish.SKIP:
            return replace(now, leaving=NO_STEP)
        case Wish.EXTEND if now.scrutiny is not None:
            # Nobody knows how long the step is now, so nothing can be held against it until the next upload.
            return replace(now, scrutiny=None if event.unsure else replace(now.scrutiny, extending=False))
        case _:
            return now


def _lengthened(now: Massage, step: int, extra_ms: int) -> Massage:
    """Return the massage with a step of the last upload lengthened."""
    whole = now.first_step + step if step != NO_STEP else now.step
    if not 0 <= whole < len(now.durations_ms):
        return now
    durations_ms = tuple(ms + extra_ms if n == whole else ms for n, ms in enumerate(now.durations_ms))
    after = replace(now, durations_ms=durations_ms)
    if now.program:
        after = replace(after, program=now.program.lengthened(whole, extra_ms))
    if now.rest is not None and whole == now.rest.step:
        after = replace(after, rest=replace(now.rest, first_ms=now.rest.first_ms + extra_ms))
    if now.scrutiny is None:
        return after
    program = now.scrutiny.program.lengthened(whole - now.first_step, extra_ms)
    return replace(after, scrutiny=replace(now.scrutiny, program=program, extending=False))


def _told(now: Massage, at_s: float, number: int, ask: Ask, *, done: bool, why: str = "") -> tuple[Move, ...]:
    """Return the moves that note, publish and answer what became of a wish."""
    step = now.step
    step_s = now.durations_ms[step] / MILLISECONDS_PER_SECOND if 0 <= step < len(now.durations_ms) else 0.0
    shares = now.shares
    steered = Steered(ask, done, why, shares.vibration_percent, shares.current_percent, step, step_s)
    data: dict[str, JsonValue]
    if ask.wish is Wish.MARK and done:
        text = ask.text[:MARK_CHARACTERS]
        data = {Topic.MARK.value: text, "by": ask.by.value, "remark": f"a mark: {text}" if text else "a mark"}
    else:
        became = "done" if done else f"not done: {why}"
        data = {
            Topic.STEERING.value: ask.wish.value,
            "by": ask.by.value,
            "done": done,
            "vibration_percent": shares.vibration_percent,
            "current_percent": shares.current_percent,
            "remark": f"{ask.wish.value}, asked by {ask.by.value}: {became}",
        }
    mark = Mark(Event(now.device_time_us(at_s), EventKind.NOTE, data))
    return mark, Tell(steered), Reply(number, steered)
