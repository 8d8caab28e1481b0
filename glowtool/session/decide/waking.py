"""A host that slept, was stopped, or was busy: the time counts, and nothing is started again afterwards. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowtool.model.event import Event, EventKind, Topic
from glowtool.session.decide.massage import Massage, Phase
from glowtool.session.decide.moves import Mark

if TYPE_CHECKING:
    from glowtool.model.event import JsonObject, JsonValue
    from glowtool.session.decide.massage import Outcome
    from glowtool.session.decide.moves import StoodStill

#: A person who has not seen the massage run for longer than this is asked before anything starts.
UNATTENDED_S: Final = 60.0

#: Events within this time after a standstill of the host count as its consequence.
_AFTER_S: Final = 6.0

#: The phases in which the roller has a deadline, which it cannot meet while the host reads nothing.
_ITS_TURN: Final = frozenset({Phase.PREPARING, Phase.ENDING})


def on_stood_still(now: Massage, event: StoodStill) -> Outcome:
    """Note a time in which the host did nothing: it is not the roller's fault that nothing was heard then."""
    deadline_s = now.deadline_s
    if deadline_s is not None and now.phase in _ITS_TURN:
        deadline_s += event.lasted_s
    after = replace(now, stood_still=event, stood_still_s=now.stood_still_s + event.lasted_s, deadline_s=deadline_s)
    if now.phase is Phase.ENDED:
        return after, ()
    lasted_s = round(event.lasted_s, 3)
    data: dict[str, JsonValue] = {"remark": "this computer stood still", Topic.STANDSTILL.value: lasted_s}
    return after, (Mark(Event(now.device_time_us(event.since_s), EventKind.NOTE, data)),)


def clock_was_set(step_s: float) -> JsonObject:
    """Return the remark that the wall clock was set during the massage, whose own times continue."""
    by = "back" if step_s < 0 else "forward"
    return {"remark": f"the clock of this computer was set {by}", Topic.CLOCK.value: round(step_s, 3)}


def just_woken(now: Massage, at_s: float) -> StoodStill | None:
    """Return the host's standstill, if an event at `at_s` may be its consequence."""
    still = now.stood_still
    return still if still is not None and at_s - still.at_s <= _AFTER_S else None


def words_of(still: StoodStill) -> str:
    """Return the words for a person."""
    return f"this computer stood still for {still.lasted_s:.0f} s"


def unattended(now: Massage, at_s: float) -> bool:
    """Return whether a person agreed, or saw it run, too long ago."""
    return now.agreed_s is not None and at_s - now.agreed_s > UNATTENDED_S
