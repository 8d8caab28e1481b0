"""The virtual link layer keeps the order of packets, and a loss costs nothing but time."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.air.conditions import (
    DEFAULT_SUPERVISION_S,
    IDEAL,
    PAYLOAD_OCTETS,
    SENSITIVITY_DBM,
    LinkConditions,
    Phy,
)
from glowsim.air.impairments import REPEAT_S, Direction, LinkLayer
from glowtool.errors import UsageError

ANCHOR_S = 1000.0

intervals = st.sampled_from([None, 0.0075, 0.015, 0.03, 0.05, 4.0])
conditions = st.builds(
    LinkConditions,
    interval_s=intervals,
    phy=st.sampled_from(Phy),
    loss=st.sampled_from([0.0, 0.02, 0.3]),
    delay_s=st.sampled_from([0.0, 0.004, 0.1]),
    jitter_s=st.sampled_from([0.0, 0.01, 0.2]),
    supervision_s=st.just(32.0),
)
#: Pause before the PDU, where to, how long it is.
sends = st.lists(st.tuples(st.floats(0, 0.2), st.sampled_from(Direction), st.integers(4, 600)), min_size=1, max_size=60)


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - reproducible on purpose


class Course:
    """What happened on a link: when each PDU was sent, and when it arrived."""

    def __init__(self) -> None:
        self.sent_s: dict[int, float] = {}
        self.arrived: list[tuple[float, Direction, int]] = []
        self.event_s: list[float] = []
        self.lost_s: float | None = None


def play(
    layer: LinkLayer[int],
    plan: list[tuple[float, Direction, int]],
    changes: list[tuple[float, LinkConditions]] | None = None,
) -> Course:
    """Send as planned (pauses, not moments), run the link whenever it asks for it, until it is idle or given up."""
    course = Course()
    now_s = ANCHOR_S
    moments: list[tuple[float, int]] = []
    for number, (pause_s, _, _) in enumerate(plan):
        now_s += pause_s
        moments.append((now_s, number))
    others = [(ANCHOR_S + at_s, condition) for at_s, condition in changes or []]
    while True:
        due_s = layer.next_s()
        choices = [due_s if due_s is not None else math.inf]
        choices.append(moments[0][0] if moments else math.inf)
        choices.append(others[0][0] if others else math.inf)
        now_s = min(choices)
        if math.isinf(now_s):
            return course
        if others and others[0][0] == now_s:
            layer.change(others.pop(0)[1], now_s)
        elif moments and moments[0][0] == now_s:
            number = moments.pop(0)[1]
            course.sent_s[number] = now_s
            layer.put(plan[number][1], number, plan[number][2], now_s)
        elif layer.lost(now_s):
            course.lost_s = now_s
            return course
        else:
            course.event_s.append(now_s)
            course.arrived += [(now_s, direction, number) for direction, number in layer.run(now_s)]


@given(conditions, sends, st.integers(0, 2**32))
def test_everything_arrives_once_in_order_and_never_early(
    condition: LinkConditions, plan: list[tuple[float, Direction, int]], seed: int
) -> None:
    course = play(LinkLayer(condition, ANCHOR_S, chance(seed)), plan)
    assert course.lost_s is None
    for direction in Direction:
        expected = [number for number, (_, to, _) in enumerate(plan) if to is direction]
        assert [number for _, to, number in course.arrived if to is direction] == expected
    for at_s, _, number in course.arrived:
        assert at_s >= course.sent_s[number] + condition.delay_s - 1e-6


@given(conditions, st.lists(conditions, min_size=1, max_size=3), sends, st.integers(0, 2**32))
def test_order_is_kept_when_conditions_change_under_way(
    first: LinkConditions, later: list[LinkConditions], plan: list[tuple[float, Direction, int]], seed: int
) -> None:
    changes = [(0.3 * (number + 1), condition) for number, condition in enumerate(later)]
    course = play(LinkLayer(first, ANCHOR_S, chance(seed)), plan, changes)
    for direction in Direction:
        expected = [number for number, (_, to, _) in enumerate(plan) if to is direction]
        assert [number for _, to, number in course.arrived if to is direction] == expected


@given(st.sampled_from([0.0075, 0.015, 0.03, 0.05]), st.sampled_from([0.0, 0.2]), sends, st.integers(0, 2**32))
def test_pdus_pass_at_connection_events_only_and_each_event_is_held_once(
    interval_s: float, loss: float, plan: list[tuple[float, Direction, int]], seed: int
) -> None:
    condition = LinkConditions(interval_s=interval_s, loss=loss, supervision_s=32.0)
    course = play(LinkLayer(condition, ANCHOR_S, chance(seed)), plan)
    numbers = [(at_s - ANCHOR_S) / interval_s for at_s in course.event_s]
    for number in numbers:
        assert number == pytest.approx(round(number), abs=1e-4)
    for earlier, later in pairwise(numbers):
        assert round(later) > round(earlier)


@pytest.mark.parametrize("phy", Phy)
@pytest.mark.parametrize("interval_s", [0.0075, 0.03, 0.05])
def test_an_event_carries_as_many_packets_as_its_air_time_allows(phy: Phy, interval_s: float) -> None:
    layer: LinkLayer[int] = LinkLayer(LinkConditions(interval_s=interval_s, phy=phy), ANCHOR_S, chance(1))
    for number in range(200):
        layer.put(Direction.TO_CENTRAL, number, PAYLOAD_OCTETS, ANCHOR_S)
    fit = len(layer.run(ANCHOR_S + interval_s))
    assert 0 <= interval_s - fit * phy.exchange_s(PAYLOAD_OCTETS) < phy.exchange_s(PAYLOAD_OCTETS) + 150e-6
    # Both directions share the air.
    for number in range(200):
        layer.put(Direction.TO_PERIPHERAL, number, PAYLOAD_OCTETS, ANCHOR_S)
    assert len(layer.run(ANCHOR_S + 2 * interval_s)) == fit


def test_throughput_on_2m_is_that_of_a_radio() -> None:
    """Long packets on 2M carry 1.3 to 1.4 Mbit/s of notifications' values."""
    for interval_s in (0.0075, 0.03):
        layer: LinkLayer[int] = LinkLayer(LinkConditions(interval_s=interval_s), ANCHOR_S, chance(1))
        for number in range(3000):
            layer.put(Direction.TO_CENTRAL, number, PAYLOAD_OCTETS, ANCHOR_S)
        events = round(1.0 / interval_s)
        arrived = sum(len(layer.run(ANCHOR_S + event * interval_s)) for event in range(1, events + 1))
        assert 1.25e6 < arrived * 244 * 8 < 1.45e6


def test_a_lost_packet_costs_one_interval() -> None:
    class Unlucky(random.Random):
        def random(self) -> float:
            return next(draws)

    draws = iter([0.0, 0.0, 0.9, 0.9])
    layer: LinkLayer[int] = LinkLayer(LinkConditions(interval_s=0.03, loss=0.5), ANCHOR_S, Unlucky())
    layer.put(Direction.TO_CENTRAL, 1, 100, ANCHOR_S)
    layer.put(Direction.TO_CENTRAL, 2, 100, ANCHOR_S)
    arrivals = [layer.run(ANCHOR_S + event * 0.03) for event in (1, 2, 3)]
    assert arrivals == [[], [], [(Direction.TO_CENTRAL, 1), (Direction.TO_CENTRAL, 2)]]


def test_without_an_interval_a_lost_packet_is_repeated_a_little_later() -> None:
    plan = [(0.0, Direction.TO_CENTRAL, 20)] * 200
    course = play(LinkLayer(LinkConditions(loss=0.5, supervision_s=32), ANCHOR_S, chance(3)), plan)
    assert len(course.arrived) == 200
    for earlier, later in pairwise(course.event_s):
        assert later - earlier == pytest.approx(REPEAT_S, abs=1e-6)


@pytest.mark.parametrize("supervision_s", [None, 0.1, 0.72, 4.0, 32.0])
@pytest.mark.parametrize("dead", [LinkConditions(loss=1.0), LinkConditions(distance_m=500.0)])
def test_a_link_on_which_nothing_passes_is_given_up_after_the_supervision_timeout(
    supervision_s: float | None, dead: LinkConditions
) -> None:
    dead = replace(dead, supervision_s=supervision_s)
    layer: LinkLayer[int] = LinkLayer(IDEAL, ANCHOR_S, chance(1))
    course = play(layer, [(1.5, Direction.TO_CENTRAL, 20)], [(1.0, dead)])
    assert course.arrived == []
    assert course.lost_s == pytest.approx(ANCHOR_S + 1.0 + (supervision_s or DEFAULT_SUPERVISION_S))


def test_a_link_that_recovers_in_time_loses_nothing() -> None:
    layer: LinkLayer[int] = LinkLayer(IDEAL, ANCHOR_S, chance(1))
    plan = [(0.25, Direction.TO_CENTRAL, 20)] * 8
    course = play(layer, plan, [(0.9, LinkConditions(loss=1.0)), (1.55, IDEAL)])
    assert [number for _, _, number in course.arrived] == list(range(8))
    assert course.lost_s is None


def test_a_peer_that_has_vanished_stays_silent_whatever_the_conditions() -> None:
    layer: LinkLayer[int] = LinkLayer(LinkConditions(supervision_s=2.0), ANCHOR_S, chance(1))
    layer.fall_silent(ANCHOR_S)
    layer.put(Direction.TO_CENTRAL, 1, 20, ANCHOR_S)
    layer.change(IDEAL, ANCHOR_S + 1.0)
    assert layer.run(ANCHOR_S + 1.5) == []
    assert not layer.lost(ANCHOR_S + 1.9)
    assert layer.lost(ANCHOR_S + 2.0)


def test_many_failures_in_a_row_are_a_supervision_timeout_too() -> None:
    condition = LinkConditions(interval_s=0.05, loss=0.99, supervision_s=0.2)
    course = play(LinkLayer(condition, ANCHOR_S, chance(1)), [(0.0, Direction.TO_CENTRAL, 20)])
    assert course.lost_s == pytest.approx(ANCHOR_S + 0.05 + 0.2)


@given(st.floats(0, 10_000), st.floats(0, 10_000))
def test_rssi_falls_with_distance(one_m: float, other_m: float) -> None:
    near, far = sorted((one_m, other_m))
    assert LinkConditions(distance_m=near).rssi_dbm >= LinkConditions(distance_m=far).rssi_dbm >= -127


def test_rssi_is_that_of_the_log_distance_model() -> None:
    assert [LinkConditions(distance_m=distance_m).rssi_dbm for distance_m in (1, 10, 100)] == [-50, -75, -100]
    assert LinkConditions(distance_m=60).in_reach
    assert not LinkConditions(distance_m=100).in_reach
    assert SENSITIVITY_DBM == -96


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("interval_s", 0.005),
        ("interval_s", 4.1),
        ("loss", 1.01),
        ("loss", -0.1),
        ("loss", math.nan),
        ("delay_s", -1.0),
        ("duplicate", 2.0),
        ("host_drop", 2.0),
        ("advertising_drop", -1.0),
        ("supervision_s", 0.05),
        ("distance_m", -1.0),
    ],
)
def test_conditions_out_of_range_are_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(UsageError, match=field):
        LinkConditions(**{field: value})  # type: ignore[arg-type]  # the name is a parameter


def test_a_supervision_timeout_covers_more_than_two_intervals() -> None:
    with pytest.raises(UsageError, match="two intervals"):
        LinkConditions(interval_s=0.1, supervision_s=0.2)
