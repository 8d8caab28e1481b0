"""What the matter is at this moment of a massage, for the one line that says it: a title, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.watching.alerts import ALERTS, alert_of
from glowtool.app.watching.hints import DRY_SKIN, words_of, worth_telling
from glowtool.cli.live.link_news import link_sentence
from glowtool.cli.terminal.text import capitalised
from glowtool.kit.text.visible import visible
from glowtool.model.ending import Ending
from glowtool.model.state import Interlock, State
from glowtool.session.news import Asked, CueKind, Replied, Restored, Resuming

if TYPE_CHECKING:
    from glowtool.app.watching.state import LiveState

#: What the routine says at a moment stays on the screen for this long.
_MOMENT_S: Final = 8.0

#: That a cell went bad comes before advice for this long, and stays after it.
_FAILED_S: Final = 15.0

_PAUSED: Final = "Outputs are off, your place is kept."

#: The last line says that outputs are off.
LATCHED: Final = "The roller stays off. Once it is safe: glowtool rearm"

_SERIOUS, _ADVICE, _MILD = "bold yellow", "bold cyan", "dim"


@dataclass(frozen=True, slots=True)
class Situation:
    """The title is empty while a massage runs as it should; `style` is that of the words."""

    title: str = ""
    words: str = ""
    style: str = _MILD


def situation_of(state: LiveState, now_s: float) -> Situation:
    """Return what is the matter; of several, what a person has to know first."""
    if state.ending is not None:
        return _ended(state)
    if state.link is not None:
        return _of_link(state, now_s)
    status = state.status
    if status is None or status.state not in {State.RUNNING, State.PAUSED}:
        return Situation()
    alert = alert_of(state.to_act_on(now_s))
    if state.paused:
        return Situation("PAUSED", _PAUSED if alert is None else alert.words, _SERIOUS)
    if alert is not None:
        return Situation(alert.title, alert.words, _SERIOUS)
    if state.skin_dry:
        return Situation("DRY SKIN", f"{capitalised(DRY_SKIN)}.", _SERIOUS)
    return _well(state, now_s, status.interlocks)


def _well(state: LiveState, now_s: float, interlocks: Interlock) -> Situation:
    failed = " ".join(cell.words for cell in state.failed_cells[-1:])
    if failed and now_s - state.failed_at_s < _FAILED_S:
        return Situation(words=failed, style=_ADVICE)
    if state.tip is not None:
        return Situation(words=state.tip.words, style=_ADVICE)
    cue = state.cue
    if cue is not None and cue.kind is CueKind.MOMENT and now_s - state.cue_at_s < _MOMENT_S:
        return Situation(words=visible(cue.words), style=_ADVICE)
    told = worth_telling(interlocks) or interlocks
    words = "; ".join(map(words_of, told))
    return Situation(words=f"{capitalised(words)}." if words else failed)


def _ended(state: LiveState) -> Situation:
    if state.status is not None and state.status.state is State.LATCHED:
        return Situation(ALERTS[Interlock.EMERGENCY].title, LATCHED, _SERIOUS)
    return Situation("FINISHED" if state.end is Ending.COMPLETED else "STOPPED")


def _of_link(state: LiveState, now_s: float) -> Situation:
    if state.link is None:
        return Situation()
    sentence = link_sentence(state.link, max(0.0, now_s - state.link_at_s)).strip()
    words = visible(f"{sentence} {state.typed}".rstrip())
    match state.link:
        case Asked():
            title = "QUESTION"
        case Restored() | Replied() | Resuming():
            title = "CONNECTED"
        case _:
            title = "" if state.start is None else "LINK LOST"
    return Situation(title, words, _SERIOUS)
