"""The coach says one thing at a time, contradicts nobody, and keeps quiet while all is well."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.model.face import Direction
from glowtool.stream.coach.coach import (
    AGAIN_S,
    CONTRADICTION_S,
    GAP_S,
    PRAISE_AFTER_S,
    PRAISE_AGAIN_S,
    SETTLE_S,
    SHOWN_S,
    Coach,
)
from glowtool.stream.coach.findings import Demand
from glowtool.stream.coach.tips import Tip, contradict
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import Band, HeadMeter, MeterReading

UP = Demand(Direction.UPWARD, strokes_per_min=20)
WELL = ((Band.IN, 1), (Band.IN, 1))
LIFTED = ((Band.NO_CONTACT, 0), (Band.NO_CONTACT, 0))


@dataclass
class Heard:
    """A coach, the time, and what it said when."""

    coach: Coach = field(default_factory=Coach)
    now_s: float = 100.0
    said: list[tuple[float, Tip]] = field(default_factory=list)
    rate: float | None = 20.0

    def holds(self, heads: tuple[tuple[Band, int], ...], for_s: float, rate: float | None = 20.0) -> list[Tip]:
        """Let the heads be so for some time; return what was said meanwhile."""
        before = len(self.said)
        for _ in range(round(for_s * 10)):
            self.now_s += 0.1
            tip = self.coach.take(self.now_s, reading(self.now_s, heads, rate))
            if tip is not None:
                self.said.append((self.now_s, tip))
        return [tip for _, tip in self.said[before:]]


def reading(now_s: float, heads: tuple[tuple[Band, int], ...], rate: float | None) -> MeterReading:
    meters = {
        head: HeadMeter(3.0, contact=band is not Band.NO_CONTACT, band=band, direction=way)
        for head, (band, way) in zip((Head.LEFT, Head.RIGHT), heads, strict=False)
    }
    return MeterReading(0, round(now_s * 1e6), meters, None if rate is None else 3, rate)


def coached(demand: Demand | None = UP, *, settled: bool = True) -> Heard:
    heard = Heard()
    heard.coach.begin(heard.now_s, demand)
    if settled:
        assert heard.holds(WELL, SETTLE_S) == []
    return heard


def test_nothing_is_said_while_all_is_well_and_praise_is_rare() -> None:
    heard = coached()
    assert heard.holds(WELL, PRAISE_AFTER_S - 1) == []
    assert heard.holds(WELL, PRAISE_AGAIN_S) == [Tip.WELL_DONE]
    assert heard.holds(WELL, PRAISE_AGAIN_S) == [Tip.WELL_DONE]


@pytest.mark.parametrize(
    ("heads", "rate", "tip"),
    [
        (LIFTED, 20.0, Tip.LAY_ON),
        (((Band.IN, 1), (Band.NO_CONTACT, 0)), 20.0, Tip.BOTH_HEADS),
        (((Band.ABOVE, 1), (Band.BELOW, 1)), 20.0, Tip.EVEN_OUT),
        (((Band.ABOVE, 1), (Band.IN, 1)), 20.0, Tip.PRESS_LESS),
        (((Band.BELOW, 1), (Band.BELOW, 1)), 20.0, Tip.PRESS_MORE),
        (((Band.IN, 0), (Band.IN, 0)), 20.0, Tip.KEEP_MOVING),
        (((Band.IN, -1), (Band.IN, -1)), 20.0, Tip.UPWARD),
        (WELL, 40.0, Tip.SLOWER),
        (WELL, 8.0, Tip.FASTER),
    ],
)
def test_each_mistake_has_its_sentence_and_it_goes_when_the_mistake_does(
    heads: tuple[tuple[Band, int], ...], rate: float, tip: Tip
) -> None:
    heard = coached()
    assert heard.holds(heads, 14, rate)[0] is tip
    assert heard.coach.shown is tip
    assert heard.holds(WELL, 15) == []
    assert heard.coach.shown is None


def test_a_step_that_asks_for_nothing_and_a_pause_are_left_alone() -> None:
    assert coached(Demand()).holds(((Band.IN, -1), (Band.IN, -1)), 20, rate=90) == []
    assert coached(None, settled=False).holds(LIFTED, 60) == []
    still = coached(Demand(still=True))
    assert still.holds(((Band.IN, 0), (Band.IN, 0)), 20, rate=0.0) == []


def test_rolling_back_is_no_mistake_unless_the_way_back_is_to_be_lifted() -> None:
    for lifts_back, said in ((False, []), (True, [Tip.LIFT_BACK])):
        heard = coached(Demand(Direction.UPWARD, lifts_back=lifts_back))
        for _ in range(8):
            heard.holds(WELL, 1)
            heard.holds(((Band.IN, -1), (Band.IN, -1)), 1)
        assert [tip for _, tip in heard.said] == said


def test_a_roller_that_measures_no_way_is_told_nothing_about_it() -> None:
    heard = coached(UP)
    assert heard.holds(((Band.IN, 0), (Band.IN, 0)), 20, rate=None) == []


def test_a_lift_between_strokes_is_no_lost_contact() -> None:
    heard = coached()
    for _ in range(10):
        heard.holds(WELL, 2)
        heard.holds(LIFTED, 2)
    assert {tip for _, tip in heard.said} <= {Tip.WELL_DONE}


def test_pressure_about_the_edge_is_said_once_and_not_at_each_stroke() -> None:
    heard = coached()
    for _ in range(10):
        heard.holds(((Band.ABOVE, 1), (Band.ABOVE, 1)), 1)
        heard.holds(WELL, 1)
    assert [tip for _, tip in heard.said] == [], "half of the time is within the hysteresis"
    heard.holds(((Band.ABOVE, 1), (Band.ABOVE, 1)), 4)
    assert [tip for _, tip in heard.said] == [Tip.PRESS_LESS]
    for _ in range(4):
        heard.holds(((Band.ABOVE, 1), (Band.ABOVE, 1)), 1)
        heard.holds(WELL, 1)
    assert heard.coach.shown is Tip.PRESS_LESS, "it is not followed yet"


def test_what_is_not_followed_comes_again_and_less_often_each_time() -> None:
    heard = coached()
    heard.holds(((Band.ABOVE, 1), (Band.ABOVE, 1)), 180)
    times = [at_s for at_s, tip in heard.said if tip is Tip.PRESS_LESS]
    pauses = [later - sooner for sooner, later in pairwise(times)]
    assert pauses == pytest.approx([AGAIN_S, 2 * AGAIN_S, 4 * AGAIN_S, 4 * AGAIN_S], abs=0.3)


def test_of_two_mistakes_the_more_important_comes_first_and_the_other_gets_its_turn() -> None:
    heard = coached()
    assert heard.holds(((Band.ABOVE, -1), (Band.ABOVE, -1)), 13)[:2] == [Tip.PRESS_LESS, Tip.UPWARD]


def test_whoever_was_told_to_press_less_is_not_told_to_press_more_within_ten_seconds() -> None:
    heard = coached()
    assert heard.holds(((Band.ABOVE, 1), (Band.ABOVE, 1)), 4) == [Tip.PRESS_LESS]
    assert heard.holds(((Band.BELOW, 1), (Band.BELOW, 1)), 15) == [Tip.PRESS_MORE]
    (less_s, _), (more_s, _) = heard.said
    assert more_s - less_s >= 10


def test_the_coach_keeps_out_of_what_somebody_else_says() -> None:
    heard = coached()
    for _ in range(100):
        heard.coach.hear(heard.now_s, [Tip.PRESS_LESS])
        assert heard.holds(((Band.BELOW, 1), (Band.BELOW, 1)), 0.1) == []
    assert heard.holds(((Band.BELOW, 1), (Band.BELOW, 1)), CONTRADICTION_S - 0.5) == []
    assert heard.holds(((Band.BELOW, 1), (Band.BELOW, 1)), 1) == [Tip.PRESS_MORE]


bands = st.sampled_from(Band)
moments = st.lists(
    st.tuples(
        st.tuples(st.tuples(bands, st.sampled_from([-1, 0, 1])), st.tuples(bands, st.sampled_from([-1, 0, 1]))),
        st.floats(0.1, 12),
        st.sampled_from([None, 0.0, 5.0, 20.0, 60.0]),
        st.sampled_from(["", "", "", "step", "alert"]),
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=60)
@given(moments, st.lists(st.sampled_from(Direction), min_size=1))
def test_whatever_happens_no_two_sentences_are_close_and_none_contradicts_another(
    happened: list[tuple[tuple[tuple[Band, int], tuple[Band, int]], float, float | None, str]],
    ways: list[Direction],
) -> None:
    heard, voices = coached(Demand(ways[0], 20.0), settled=False), list[tuple[float, Tip]]()
    for number, (heads, for_s, rate, also) in enumerate(happened):
        if also == "step":
            heard.coach.begin(heard.now_s, Demand(ways[number % len(ways)], 20.0, lifts_back=number % 2 == 0))
        elif also == "alert":
            heard.coach.hear(heard.now_s, [Tip.PRESS_LESS])
            voices.append((heard.now_s, Tip.PRESS_LESS))
        heard.holds(heads, for_s, rate)
    for (sooner_s, _), (later_s, _) in pairwise(heard.said):
        assert later_s - sooner_s >= GAP_S - 1e-6
    every = sorted([*heard.said, *voices], key=lambda each: each[0])
    for number, (later_s, later) in enumerate(heard.said):
        for sooner_s, sooner in every:
            if sooner_s < later_s and later_s - sooner_s < CONTRADICTION_S - 1e-6:
                assert not contradict(sooner, later), (number, sooner, later)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from([WELL, LIFTED]), st.floats(0.1, 3.5)), min_size=1, max_size=40))
def test_even_strokes_with_lifts_of_any_length_up_to_three_seconds_are_never_blamed(
    happened: list[tuple[tuple[tuple[Band, int], ...], float]],
) -> None:
    heard = coached()
    for heads, for_s in happened:
        heard.holds(heads, for_s)
        if heads is LIFTED:
            heard.holds(WELL, 2)
    assert {tip for _, tip in heard.said} <= {Tip.WELL_DONE}


def test_a_tip_stays_on_the_screen_long_enough_to_be_read() -> None:
    heard = coached()
    heard.holds(LIFTED, 5)
    said_s = heard.said[-1][0]
    while heard.coach.shown is not None:
        heard.holds(WELL, 0.1)
    assert heard.now_s - said_s >= SHOWN_S - 0.1
