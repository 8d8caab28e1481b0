"""The companion of a massage: hears its news, passes them on, and adds cues and the coach's advice to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from glowtool.app.coaching.cues import Cues
from glowtool.app.watching.alerts import alert_of
from glowtool.app.watching.state import LiveState
from glowtool.model.state import Interlock
from glowtool.model.status import Status
from glowtool.routine.models import Return, Technique
from glowtool.routine.stepped import Stepped
from glowtool.session.news import Advised, Cue, CueKind, Ends, Lost
from glowtool.stream.coach.coach import Coach
from glowtool.stream.coach.findings import Demand
from glowtool.stream.coach.tips import Tip
from glowtool.stream.live.meter import MeterReading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glowtool.routine import Routine, Step
    from glowtool.session.news import MassageNews, Publish

#: What an interlock tells a person to do, as far as the coach would tell the same: it says nothing else meanwhile.
_SAYS: Final[Mapping[Interlock, Tip]] = {
    Interlock.NO_CONTACT: Tip.LAY_ON,
    Interlock.PRESSURE_CAUTION: Tip.PRESS_LESS,
    Interlock.PRESSURE_HALF: Tip.PRESS_LESS,
    Interlock.PRESSURE_ZERO: Tip.PRESS_LESS,
}


#: What the roller holds back is on a screen all the time; it is said once more after this time.
ALERT_AGAIN_S: Final = 10.0


def demand_of(step: Step) -> Demand:
    """Return what a step asks for, as far as the coach can judge it."""
    lifts_back, still = step.stroke_return is Return.LIFT, step.technique is Technique.HOLDING
    return Demand(step.direction, step.strokes_per_min, lifts_back=lifts_back, still=still)


class Companion:
    """Passes the news of one massage on to `publish`, each followed by what is to be said at that moment."""

    def __init__(self, routine: Routine, publish: Publish, clock: Callable[[], float]) -> None:
        self._publish = publish
        self._clock = clock
        self._state = LiveState(routine, "")
        self._cues = Cues(routine)
        self._coach = Coach()
        self._advised: Tip | None = None
        self._step: int | None = None
        self._held = False
        self._alerted: dict[str, float] = {}

    def publish(self, news: MassageNews) -> None:
        """Pass a piece of news on, and say what is due."""
        self._publish(news)
        now_s = self._clock()
        self._state = self._state.after(news, now_s)
        match news:
            case Status():
                self._follow(now_s)
            case MeterReading():
                self._keep_out(now_s)
                self._say_cues(now_s)
                self._advise(self._coach.take(now_s, news, quiet=self._cues.near(self._state, now_s)))
            case Lost():
                self._hold(now_s, "The connection was lost.")
            case Ends():
                self._coach.begin(now_s, None)
            case Stepped(routine=routine):
                self._cues = Cues(routine)
            case _:
                return
        if self._advised is not None and self._coach.shown is None:
            self._advised = None
            self._publish(Advised(None))

    def _follow(self, now_s: float) -> None:
        """Follow the roller: its step, and whether it runs."""
        if self._state.paused:
            self._hold(now_s, "Paused.")
            return
        if not self._state.running:
            return
        if self._held:
            self._held = False
            self._step = None
            self._publish(Cue(CueKind.GOES_ON, "Going on.", self._state.step_index or 0))
        self._begin(now_s)
        self._say_cues(now_s)

    def _begin(self, now_s: float) -> None:
        step, index = self._state.step, self._state.step_index
        if index != self._step:
            self._step = index
            self._coach.begin(now_s, None if step is None or step.is_rest else demand_of(step))

    def _hold(self, now_s: float, words: str) -> None:
        self._coach.begin(now_s, None)
        if not self._held and self._step is not None:
            self._publish(Cue(CueKind.HELD, words, self._step))
            self._held = True

    def _say_cues(self, now_s: float) -> None:
        for cue in self._cues.at(self._state, now_s):
            self._coach.hear(now_s)
            self._publish(cue)

    def _keep_out(self, now_s: float) -> None:
        """Let the coach say nothing while the roller itself holds outputs back: the person is told of that."""
        told = self._state.to_act_on(now_s)
        alert = alert_of(told)
        if alert is None:
            return
        self._coach.hear(now_s, [tip for flag, tip in _SAYS.items() if flag in told])
        if now_s - self._alerted.get(alert.words, -math.inf) >= ALERT_AGAIN_S:
            self._alerted[alert.words] = now_s
            self._publish(Cue(CueKind.ALERT, alert.words, self._step or 0))

    def _advise(self, tip: Tip | None) -> None:
        if tip is not None:
            self._advised = tip
            self._publish(Advised(tip))
