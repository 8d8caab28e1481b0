"""A host that slept, was stopped, or was busy: the time counts, and nothing is started again afterwards. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowtool.model.event import Event, EventKind
from glowtool.session.decide.massage import Massage, Phase
from glowtool.session.decide.moves import Mark

if TYPE_CHECKING:
    from glowtool.model.event import JsonObject, JsonValue
    from glowtool.session.decide.massage import Outcome
    from glowtool.session.decide.moves import StoodStill

#: Who has not seen the massage run for longer than this is asked before anything starts.
UNATTENDED_S: Final = 60.0

#: What is noticed within this time after the host stood still came of it.
_AFTER_S: Final = 6.0

#: Phases in which the roller has a deadline, which it cannot meet while the host takes nothing in.
_ITS_TURN: Final = frozenset({Phase.PREPARING, Phase.ENDING})


def on_stood_still(now: Massage, event: StoodStill) -> Outcome:
    """Note a time in which the host did nothing: the roller is not to blame for what was not heard in it."""
    deadline_s = now.deadline_s
    if deadline_s is not None and now.phase in _ITS_TURN:
        deadline_s += event.lasted_s
    after = replace(now, stood_still=event, stood_still_s=now.stood_still_s + event.lasted_s, deadline_s=deadline_s)
    if now.phase is Phase.ENDED:
        return after, ()
    data: dict[str, JsonValue] = {"remark": "this computer stood still", "lasted_s": round(event.lasted_s, 3)}
    return after, (Mark(Event(now.device_time_us(event.since_s), EventKind.NOTE, data)),)


def clock_was_set(step_s: float) -> JsonObject:
    """Return the remark that the wall clock was set in mid-massage, whose own times go on as before."""
    by = "back" if step_s < 0 else "forward"
    return {"remark": f"the clock of this computer was set {by}", "clock_step_s": round(step_s, 3)}


def just_woken(now: Massage, at_s: float) -> StoodStill | None:
    """Return the time in which the host did nothing, if what is noticed at `at_s` may come of it."""
    still = now.stood_still
    return still if still is not None and at_s - still.at_s <= _AFTER_S else None


def words_of(still: StoodStill) -> str:
    """Return what a person is told."""
    return f"this computer stood still for {still.lasted_s:.0f} s"


def unattended(now: Massage, at_s: float) -> bool:
    """Return whether it is too long ago that a person agreed, or saw it run."""
    return now.agreed_s is not None and at_s - now.agreed_s > UNATTENDED_S
