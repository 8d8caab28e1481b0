"""What a person asks while a massage runs is ordered, told and remembered; after an ending nothing is ordered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import GlowtoolError, SafetyError
from glowtool.model.ending import Ending
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.session.decide.levels import WHOLE, Shares
from glowtool.session.decide.machine import Massage, Phase, advance
from glowtool.session.decide.moves import (
    LinkLost,
    Prepare,
    Prepared,
    Returned,
    SendStart,
    SendStop,
    Settle,
    Started,
    StatusSeen,
    StopAnswered,
    StopAsked,
    Tick,
)
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.decide.steering.orders import (
    Carried,
    EmergencyAsked,
    Order,
    Reply,
    SendEmergencyStop,
    Steer,
)
from glowtool.session.decide.steering.steering import PAUSED_HERE_MOST_S
from glowtool.session.do.orders.steering import Orders
from glowtool.session.wishes import Ask, Wish
from support.device.steps import BOTH_OUTPUTS
from support.host.moves import advanced, kinds, marks
from support.host.statuses import answer, changed
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from glowtool.model.answer import Answer
    from glowtool.session.decide.moves import Input, Move

PROGRAM = Program((replace(BOTH_OUTPUTS, duration_s=60.0), replace(BOTH_OUTPUTS, duration_s=60.0)))
START_US = 10_000_000


def seen(state: State, at_s: float, step: int = 0, *, elapsed_s: float | None = None) -> StatusSeen:
    """Return a status of a roller that started at 0 s and lags behind the program in no way."""
    elapsed_ms = round(1000 * (at_s if elapsed_s is None else elapsed_s))
    status = changed(
        state=state, step=step, steps=2, step_elapsed_ms=elapsed_ms, massage_elapsed_ms=elapsed_ms,
        device_time_us=START_US + round(at_s * 1e6), amplitude=0.0, peak_ua=0,
    )  # fmt: skip
    return StatusSeen(at_s, status)


RUNNING = (Prepared(0.0), Started(0.0), seen(State.RUNNING, 0.1), seen(State.RUNNING, 5.0))


def massage(*events: Input, on_loss: OnLoss = OnLoss.STOP) -> tuple[Massage, list[Move]]:
    now = Massage(PROGRAM.durations_ms, on_loss, program=PROGRAM, agreed_s=0.0)
    return advanced(now, *events)


def steer(wish: Wish, at_s: float = 6.0, number: int = 1) -> Steer:
    return Steer(at_s, number, Ask(wish))


def orders(moves: list[Move]) -> list[Order]:
    return [move for move in moves if isinstance(move, Order)]


def replies(moves: list[Move]) -> list[tuple[bool, str]]:
    return [(move.steered.done, move.steered.why) for move in moves if isinstance(move, Reply)]


@pytest.mark.parametrize("wish", [Wish.PAUSE, Wish.SKIP, Wish.EXTEND, Wish.QUIETER, Wish.NO_CURRENT])
def test_a_wish_is_ordered_and_told_when_the_roller_has_done_it(wish: Wish) -> None:
    now, done = massage(*RUNNING, steer(wish))
    (order,) = orders(done)
    assert replies(done) == []
    _, told = advanced(now, Carried(6.1, order, step=0))
    assert replies(told) == [(True, "")]
    assert marks(told)[0].data["asked"] == wish.value


def test_a_refusal_is_told_and_the_massage_goes_on() -> None:
    now, done = massage(*RUNNING, steer(Wish.SKIP))
    now, told = advanced(now, Carried(6.1, orders(done)[0], "the next zone needs a rest first"))
    assert replies(told) == [(False, "the next zone needs a rest first")]
    assert now.phase is Phase.RUNNING
    assert kinds(told) == [Reply]


def test_a_trim_that_is_refused_leaves_the_lower_level_to_be_set_again() -> None:
    now, done = massage(*RUNNING, steer(Wish.QUIETER))
    now, _ = advanced(now, Carried(6.1, orders(done)[0], "no"))
    assert now.shares == Shares(90, 90)


def test_what_cannot_be_now_is_told_at_once() -> None:
    said = {wish: replies(massage(steer(wish, 0.0))[1])[0] for wish in Wish}
    assert {wish for wish, (done, _) in said.items() if done} == {Wish.QUIETER, Wish.NO_CURRENT, Wish.MARK}
    assert said[Wish.PAUSE][1] == "the massage has not begun yet"
    assert replies(massage(*RUNNING, steer(Wish.STRONGER))[1]) == [
        (False, "it is at the routine's own level, and nothing goes beyond that")
    ]


def test_the_level_asked_for_outlives_a_lost_connection_and_a_current_that_is_off_is_not_uploaded_again() -> None:
    now, done = massage(*RUNNING, steer(Wish.QUIETER), steer(Wish.NO_CURRENT), on_loss=OnLoss.RESUME)
    for order in orders(done):
        now, _ = advance(now, Carried(6.2, order, step=0))
    found = seen(State.PAUSED, 8.0, elapsed_s=7.0).status
    now, done = advanced(
        now, seen(State.RUNNING, 7.0), LinkLost(7.5), Returned(9.0, found, changed(device_time_us=START_US + 9_000_000))
    )
    assert kinds(done)[-2:] == [Settle, Prepare]
    assert [step.peak_most_ua for step in now.program] == [0, 0]
    now, done = advanced(now, Prepared(9.5), Started(9.6))
    assert kinds(done) == [SendStart, Order]
    assert (orders(done)[0].shares, orders(done)[0].ask) == (Shares(90, 0), None)
    refused, ended = advanced(replace(now, phase=Phase.RUNNING), Carried(9.7, orders(done)[0], "no"))
    assert kinds(ended) == [SendStop]
    assert refused.ending is Ending.INTERLOCK, "it would run at more than was asked for"


def test_a_lengthened_step_is_counted_and_held_against_nobody() -> None:
    now, done = massage(*RUNNING, steer(Wish.EXTEND))
    now, _ = advanced(now, Carried(6.1, orders(done)[0], step=0))
    assert now.durations_ms == (90_000, 60_000)
    assert now.program.durations_ms == (90_000, 60_000)
    for at_s in (20.0, 22.0, 61.0, 63.0, 89.0):
        now, ended = advanced(now, seen(State.RUNNING, at_s))
        assert kinds(ended) == [], now.reason


def test_a_massage_that_was_paused_here_waits_ten_minutes_and_one_by_another_host_a_minute() -> None:
    here, _ = massage(*RUNNING, steer(Wish.PAUSE))
    there, _ = massage(*RUNNING)
    for at_s in range(7, round(PAUSED_HERE_MOST_S) + 12, 2):
        paused = seen(State.PAUSED, at_s, elapsed_s=6.0)
        for_here, _ = advance(here, paused)
        if at_s == 71:
            assert (here.ending, there.ending) == (None, Ending.INTERLOCK)
        here, there = for_here, advance(there, paused)[0]
    assert (here.ending, here.reason) == (Ending.INTERLOCK, "it was paused for more than 600 s")


def test_a_roller_that_does_not_keep_to_a_trim_that_it_took_is_stopped() -> None:
    now, done = massage(*RUNNING, steer(Wish.QUIETER))
    now, _ = advanced(now, Carried(6.1, orders(done)[0], step=0))
    now, ended = advanced(now, seen(State.RUNNING, 7.0))
    assert kinds(ended) == [], "that report may be older"
    now, ended = advanced(now, seen(State.RUNNING, 9.5))
    assert kinds(ended) == [SendStop]
    assert "works at 100 % of the vibration" in now.reason


def test_an_emergency_stop_is_sent_in_every_phase_and_on_the_return_of_a_lost_roller() -> None:
    now, done = massage(*RUNNING, EmergencyAsked(6.0))
    assert kinds(done)[-1] is SendEmergencyStop
    assert not any(isinstance(move, SendStop) for move in done)
    assert advance(now, EmergencyAsked(6.1))[1] == (), "once"
    _, late = massage(*RUNNING, StopAsked(6.0), EmergencyAsked(6.1))
    assert kinds(late)[-2:] == [SendStop, SendEmergencyStop]
    back = changed(device_time_us=START_US + 9_000_000)
    now, lost = massage(*RUNNING, LinkLost(6.0), EmergencyAsked(6.5), Returned(8.0, back, back))
    assert kinds(lost)[-2:] == [Settle, SendEmergencyStop]
    now, _ = advance(now, StopAnswered(zero=True, latched=True))
    assert (now.phase, now.latched) == (Phase.ENDED, True)


events = st.lists(
    st.one_of(
        st.sampled_from(Wish).map(steer),
        st.sampled_from([StopAsked(7.0), EmergencyAsked(7.0), Tick(7.0), LinkLost(7.0), StopAnswered(zero=True)]),
        st.sampled_from(State).map(lambda state: seen(state, 7.0)),
        st.tuples(st.sampled_from(Wish), st.sampled_from(["", "no"]), st.booleans()).map(
            lambda each: Carried(7.0, Order(2, Ask(each[0]), Shares(50, 50), WHOLE), each[1], 0, each[2])
        ),
    ),
    max_size=12,
)


@given(events)
def test_after_an_ending_nothing_is_ordered_and_no_trim_goes_beyond_the_program(inputs: list[Input]) -> None:
    now, _ = massage(*RUNNING)
    for event in inputs:
        ended = now.ending is not None
        now, moves = advance(now, event)
        assert not (ended and orders(list(moves)))
        for order in orders(list(moves)):
            assert 0 <= order.shares.current_percent <= order.shares.vibration_percent <= 100
        if isinstance(event, Steer):
            assert len([move for move in moves if isinstance(move, Reply | Order)]) == 1


class Slow:
    """A driver that takes a second for each order and refuses to lengthen anything."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    async def trim(self, vibration_percent: int, _current_percent: int) -> Answer:
        self.told.append(("trim", vibration_percent))
        await asyncio.sleep(1.0)
        return answer(changed())

    async def extend(self, extra_ms: int) -> Answer:
        self.told.append(("extend", extra_ms))
        raise SafetyError("too long")

    async def pause(self) -> Answer:
        self.told.append(("pause", 0))
        await asyncio.sleep(1.0)
        return answer(changed())


@in_virtual_time
async def test_of_trims_that_wait_only_the_newest_is_sent_whatever_the_driver() -> None:
    driver, fed, failed = Slow(), list[Carried](), list[GlowtoolError]()
    async with asyncio.TaskGroup() as group:
        there = Orders(
            driver,  # type: ignore[arg-type]  # what it is asked for here
            group.create_task,
            clock=asyncio.get_running_loop().time,
            feed=fed.append,  # type: ignore[arg-type]  # it reports nothing else
            fail=failed.append,
        )
        for percent in (90, 80):
            there.carry_out(Order(percent, Ask(Wish.QUIETER), Shares(percent, percent), WHOLE))
        there.carry_out(Order(1, Ask(Wish.EXTEND), WHOLE, WHOLE))
        there.carry_out(Order(2, Ask(Wish.PAUSE), WHOLE, WHOLE))
        await asyncio.sleep(0.5)
        for percent in (70, 60):
            there.carry_out(Order(percent, Ask(Wish.QUIETER), Shares(percent, percent), WHOLE))
    assert driver.told == [("trim", 80), ("extend", 30_000), ("pause", 0), ("trim", 60)]
    assert {each.order.number: each.refusal for each in fed} == {90: "", 80: "", 70: "", 60: "", 1: "too long", 2: ""}
    assert failed == []


@in_virtual_time
async def test_a_stop_ends_every_order_that_waits_and_each_is_told_so() -> None:
    driver, fed = Slow(), list[Carried]()
    async with asyncio.TaskGroup() as group:
        there = Orders(
            driver,  # type: ignore[arg-type]  # as above
            group.create_task,
            clock=asyncio.get_running_loop().time,
            feed=fed.append,  # type: ignore[arg-type]  # as above
            fail=lambda _error: None,
        )
        there.carry_out(Order(1, Ask(Wish.PAUSE), WHOLE, WHOLE))
        there.carry_out(Order(2, Ask(Wish.QUIETER), Shares(90, 90), WHOLE))
        await asyncio.sleep(0.5)
        there.fall_silent()
    assert driver.told == [("pause", 0)]
    assert {(each.order.number, each.unsure) for each in fed} == {(1, True), (2, True)}
