"""Each step is announced once before it comes, and said once when it does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.app.coaching.companion import Companion
from glowtool.app.coaching.cues import LEAD_S, Cues, lead_s
from glowtool.app.watching.alerts import ALERTS, alert_of
from glowtool.app.watching.hints import to_act_on
from glowtool.app.watching.state import LiveState
from glowtool.model.ending import Ending
from glowtool.model.state import Interlock, State
from glowtool.routine.models import Cue as Moment
from glowtool.session.news import Advised, Cue, CueKind, Ends, Lost
from glowtool.store.routines.load import load_routine
from glowtool.stream.coach.tips import Tip
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import Band, HeadMeter, MeterReading
from support.host.statuses import IDLE

if TYPE_CHECKING:
    from glowtool.model.status import Status
    from glowtool.routine import Routine
    from glowtool.session.news import MassageNews


NOTHING = Interlock(0)


def routine_of(*durations_s: float) -> Routine:
    first, *_ = (first_glow := load_routine("first-glow")).steps
    steps = tuple(
        first.model_copy(update={"title": f"Place {number}", "cue": "Roll.", "duration_s": duration_s})
        for number, duration_s in enumerate(durations_s, 1)
    )
    return first_glow.model_copy(update={"steps": steps})


def running(step: int, elapsed_s: float, state: State = State.RUNNING, held: Interlock = NOTHING) -> Status:
    return replace(IDLE, state=state, step=step, step_elapsed_ms=round(elapsed_s * 1000), interlocks=held)


def cues_of(routine: Routine, moments: list[tuple[int, float]]) -> list[tuple[CueKind, str]]:
    cues, said = Cues(routine), list[Cue]()
    for number, (step, elapsed_s) in enumerate(moments):
        state = LiveState(routine, "").with_status(running(step, elapsed_s), number)
        said += cues.at(state, number)
    return [(cue.kind, cue.words) for cue in said]


def test_a_step_is_said_when_it_begins_and_the_next_one_before_it_comes() -> None:
    moments = [(0, float(s)) for s in range(30)] + [(1, float(s)) for s in range(30)]
    assert cues_of(routine_of(30, 30), moments) == [
        (CueKind.BEGINS, "Place 1. Roll."),
        (CueKind.NEXT, "In 5 seconds: Place 2."),
        (CueKind.BEGINS, "Place 2. Roll."),
        (CueKind.LAST, "The end in 5 seconds."),
    ]


def test_a_short_step_has_a_shorter_lead_and_a_very_short_one_none() -> None:
    assert [lead_s(duration_s) for duration_s in (60, 20, 12, 8, 7)] == [LEAD_S, 5, 3, 2, None]
    moments = [(0, s / 10) for s in range(120)] + [(1, s / 10) for s in range(40)]
    kinds = [kind for kind, _ in cues_of(routine_of(12, 4), moments)]
    assert kinds == [CueKind.BEGINS, CueKind.NEXT, CueKind.BEGINS]


def test_a_step_that_was_lengthened_is_announced_again() -> None:
    moments = [(0, 10.0), (0, 26.0), (0, 27.0), (0, 12.0), (0, 26.0)]
    kinds = [kind for kind, _ in cues_of(routine_of(30, 30), moments)]
    assert kinds == [CueKind.BEGINS, CueKind.NEXT, CueKind.NEXT]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(1, 40), min_size=1, max_size=5), st.floats(0.05, 1.2))
def test_cues_come_in_the_order_of_the_steps_and_each_once(durations_s: list[float], every_s: float) -> None:
    moments = [
        (number, tick * every_s)
        for number, duration_s in enumerate(durations_s)
        for tick in range(1 + int(duration_s / every_s))
    ]
    said = cues_of(routine_of(*durations_s), moments)
    assert [words for kind, words in said if kind is CueKind.BEGINS] == [
        f"Place {number}. Roll." for number in range(1, len(durations_s) + 1)
    ]
    announced = [kind for kind, _ in said if kind is not CueKind.BEGINS]
    assert len(announced) <= sum(lead_s(duration_s) is not None for duration_s in durations_s)


class Talk:
    """A companion in virtual time: what it published besides the news that it was given."""

    def __init__(self, routine: Routine) -> None:
        self.now_s = 50.0
        self.said: list[Cue | Advised] = []
        self.companion = Companion(routine, self._take, lambda: self.now_s)

    def _take(self, news: MassageNews) -> None:
        if isinstance(news, Cue | Advised):
            self.said.append(news)

    def runs(self, step: int, since_s: float, for_s: float, band: Band = Band.IN, held: Interlock = NOTHING) -> None:
        for tenth in range(round(for_s * 10)):
            self.now_s += 0.1
            if tenth % 10 == 0:
                self.companion.publish(running(step, since_s + tenth / 10, held=held))
            contact = band is not Band.NO_CONTACT
            heads = dict.fromkeys((Head.LEFT, Head.RIGHT), HeadMeter(3.0, contact=contact, band=band, direction=1))
            self.companion.publish(MeterReading(0, round(self.now_s * 1e6), heads, 3, 20.0))

    @property
    def advice(self) -> list[Tip | None]:
        return [news.tip for news in self.said if isinstance(news, Advised)]

    @property
    def cues(self) -> list[CueKind]:
        return [news.kind for news in self.said if isinstance(news, Cue)]


def test_the_coach_speaks_among_the_news_and_takes_it_back_when_it_is_followed() -> None:
    talk = Talk(routine_of(60, 60))
    talk.runs(0, 0, 15, Band.ABOVE)
    talk.runs(0, 15, 10)
    assert talk.advice == [Tip.PRESS_LESS, None]


@pytest.mark.parametrize(
    "held", [Interlock.PRESSURE_ZERO, Interlock.NO_CONTACT, Interlock.HEAD_TEMPERATURE], ids=lambda each: each.name
)
def test_the_coach_is_silent_while_the_roller_holds_outputs_back(held: Interlock) -> None:
    talk = Talk(routine_of(60, 60))
    talk.runs(0, 0, 40, Band.BELOW, held)
    assert talk.advice == []
    talk.runs(0, 40, 2, Band.BELOW)
    assert talk.advice == [], "right after it, a word would be one too many"


def test_a_pause_a_loss_and_the_way_back_are_cues_and_the_coach_waits() -> None:
    talk = Talk(routine_of(60, 60))
    talk.runs(0, 0, 2)
    talk.companion.publish(running(0, 2, State.PAUSED))
    talk.companion.publish(running(0, 2, State.PAUSED))
    talk.now_s += 100
    talk.runs(0, 2, 2)
    talk.companion.publish(Lost("it went out of reach"))
    talk.runs(0, 4, 2)
    assert talk.cues == [CueKind.BEGINS, CueKind.HELD, CueKind.GOES_ON, CueKind.HELD, CueKind.GOES_ON]
    assert talk.advice == []


def test_what_the_routine_says_at_a_moment_is_said_then_and_once_and_only_the_newest_after_a_gap() -> None:
    routine = routine_of(60, 60)
    moments = tuple(Moment(at_s=at_s, text=f"Move on, {at_s:g}.") for at_s in (15, 30, 45))
    step = routine.steps[0].model_copy(update={"cues": moments})
    spoken = routine.model_copy(update={"steps": (step, routine.steps[1])})
    said = cues_of(spoken, [(0, float(second)) for second in (0, 14, 15, 16, 29, 46, 47, 50)])
    assert [words for kind, words in said if kind is CueKind.MOMENT] == ["Move on, 15.", "Move on, 45."]


def test_what_the_roller_holds_back_is_said_at_once_and_again_while_it_lasts() -> None:
    talk = Talk(routine_of(60, 60))
    talk.runs(0, 0, 5)
    talk.runs(0, 5, 9, Band.ABOVE, Interlock.PRESSURE_HALF)
    talk.runs(0, 14, 3, Band.ABOVE, Interlock.PRESSURE_ZERO)
    alerts = [news.words for news in talk.said if isinstance(news, Cue) and news.kind is CueKind.ALERT]
    assert alerts == [ALERTS[Interlock.PRESSURE_HALF].words, ALERTS[Interlock.PRESSURE_ZERO].words]
    talk.runs(0, 17, 12, Band.ABOVE, Interlock.PRESSURE_ZERO)
    assert talk.cues.count(CueKind.ALERT) == 3


def test_a_lift_between_strokes_is_no_alert_and_one_that_lasts_is() -> None:
    talk = Talk(routine_of(60, 60))
    for at_s in range(0, 12, 3):
        talk.runs(0, at_s, 1, Band.NO_CONTACT, Interlock.NO_CONTACT)
        talk.runs(0, at_s + 1, 2)
    assert CueKind.ALERT not in talk.cues
    talk.runs(0, 12, 4, Band.NO_CONTACT, Interlock.NO_CONTACT)
    assert talk.cues.count(CueKind.ALERT) == 1


def test_each_interlock_that_a_person_can_do_something_about_has_a_short_sentence() -> None:
    for flag in Interlock:
        alert = alert_of(to_act_on(flag, lifted_s=60.0))
        assert (alert is None) == (flag in {Interlock.SOFT_START, Interlock.CURRENT_DENSITY})
        assert alert is None or len(alert.words) <= 62
    assert alert_of(Interlock.PRESSURE_HALF | Interlock.PRESSURE_ZERO) is ALERTS[Interlock.PRESSURE_ZERO]


def test_nothing_is_said_once_the_massage_ends() -> None:
    talk = Talk(routine_of(30, 60))
    talk.runs(0, 0, 20, Band.ABOVE)
    talk.companion.publish(Ends(Ending.STOPPED, "it was asked for here"))
    told = len(talk.said)
    talk.runs(0, 20, 10, Band.ABOVE)
    assert [news for news in talk.said[told:] if news != Advised(None)] == []
