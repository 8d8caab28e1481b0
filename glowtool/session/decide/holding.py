"""The check of a roller against what it was sent: one that deviates is stopped, named, and not restarted. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glowtool.model.ending import Ending
from glowtool.model.state import State
from glowtool.session.decide.levels import level_untruth
from glowtool.session.decide.massage import OVER, Massage, Phase, end
from glowtool.session.decide.resumption import rest_of_program
from glowtool.session.decide.scrutiny import Scrutiny
from glowtool.session.decide.untruth import Untruth

if TYPE_CHECKING:
    from glowtool.session.decide.massage import Outcome
    from glowtool.session.decide.moves import AnswerHeard, StatusSeen


def begin_scrutiny(now: Massage, at_s: float) -> Massage:
    """Return the massage that compares all further reports of the roller with the last upload."""
    if not now.program:
        return now
    program = now.program if now.rest is None else rest_of_program(now.program, now.rest)
    return replace(now, scrutiny=Scrutiny(program, at_s))


def on_answer(now: Massage, event: AnswerHeard) -> Outcome:
    """Compare an answer with the command of its number, and with what was sent."""
    if now.phase in OVER or now.phase is Phase.AWAY:
        return now, ()
    heard = event.heard
    if heard.asked != heard.named:
        said = f"it answered {heard.named} under the number {heard.number}"
        return untrue(now, event.at_s, Untruth(said, f"{heard.asked or 'nothing'} under that number"))
    if now.scrutiny is None:
        return now, ()
    scrutiny, untruth = now.scrutiny.hear(heard.answer, event.at_s)
    after = replace(now, scrutiny=scrutiny)
    return (after, ()) if untruth is None else untrue(after, event.at_s, untruth)


def hold(now: Massage, event: StatusSeen) -> tuple[Massage, Untruth | None]:
    """Hold a status against what was sent; before START there are no outputs, but for those of a massage by button.

    Nor are there any while the person is asked whether to go on.
    """
    if now.scrutiny is not None and now.phase is not Phase.ASKING:
        scrutiny, untruth = now.scrutiny.see(event.status, event.at_s, now.awake_s(event.at_s))
        return replace(now, scrutiny=scrutiny), untruth
    if not now.program or event.status.state is State.RUNNING:
        return now, None
    return now, level_untruth(now.program, event.status)


def untrue(now: Massage, at_s: float, untruth: Untruth, device_time_us: int | None = None) -> Outcome:
    """Stop a roller that does not do what it was sent."""
    reason = f"the roller does not do what it was sent: {untruth}"
    return end(replace(now, untruth=untruth), at_s, Ending.INTERLOCK, reason, device_time_us)
