"""After a lost connection the machine of a massage goes on only as it may, and says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.model.program import Program
from glowtool.model.state import Interlock, State
from glowtool.session.decide.losses import ANSWER_PATIENCE_S, LOSSES_MOST
from glowtool.session.decide.machine import SILENCE_S, Phase, advance
from glowtool.session.decide.massage import AWAY_PATIENCE_S
from glowtool.session.decide.moves import (
    Answered,
    Ask,
    Input,
    Leave,
    LinkLost,
    NotReturned,
    Over,
    Prepare,
    Prepared,
    Reconnect,
    Returned,
    SendStart,
    SendStop,
    Settle,
    StatusSeen,
    StopAnswered,
    StopAsked,
    Tick,
    Withdraw,
)
from glowtool.session.decide.resumption import OnLoss, Rest
from support.host.lost_massage import AWAY, UNTIL_LOST, UP_US, back, run, seen, status
from support.host.masseur import STEP
from support.host.moves import kinds, marks
from support.host.statuses import changed


def test_a_loss_is_marked_ends_the_step_and_reconnects() -> None:
    now, done = run(OnLoss.RESUME, *UNTIL_LOST)
    assert now.phase is Phase.AWAY
    assert done[-1] == Reconnect(brief=False)
    lost, step = marks(done)[-2:]
    assert (lost.kind, lost.data) == (EventKind.LINK, {"change": "lost", "because": AWAY})
    assert (step.kind, step.data, step.device_time_us) == (EventKind.STEP, {"index": -1}, UP_US + 15_000_000)


def test_asking_asks_and_goes_on_only_with_a_yes() -> None:
    now, done = run(OnLoss.ASK, *UNTIL_LOST, back(20.0))
    assert kinds(done)[-2:] == [Settle, Ask]
    ask = done[-1]
    assert isinstance(ask, Ask)
    question = ask.question
    assert (question.because, question.away_s, question.step, question.steps) == (AWAY, 5.0, 1, 3)
    assert (question.step_left_s, question.massage_left_s) == (16.0, 21.0)
    assert advance(now, Answered(25.0, go_on=True))[1] == (Prepare(Rest(1, 16_000)),)
    ended, outputs = advance(now, Answered(25.0, go_on=False))
    assert outputs[0] == SendStop()
    assert advance(ended, StopAnswered(zero=True))[1] == (Over(Ending.LINK_LOST, confirmed=True),)
    assert "was not to go on" in ended.reason


def test_nobody_who_answers_is_a_no() -> None:
    now, _ = run(OnLoss.ASK, *UNTIL_LOST, back(20.0))
    assert advance(now, Tick(20.0 + ANSWER_PATIENCE_S))[1] == ()
    ended, outputs = advance(now, Tick(20.1 + ANSWER_PATIENCE_S))
    assert outputs[:2] == (SendStop(), Withdraw())
    assert "nobody answered" in ended.reason
    assert advance(ended, Answered(141.0, go_on=True))[1] == (), "too late"


def test_the_stop_policy_reconnects_briefly_to_hear_that_outputs_are_zero() -> None:
    now, done = run(OnLoss.STOP, *UNTIL_LOST)
    assert done[-1] == Reconnect(brief=True)
    now, outputs = advance(now, back(16.0))
    assert kinds(list(outputs)) == [Settle, SendStop]
    assert advance(now, StopAnswered(zero=True))[1] == (Over(Ending.LINK_LOST, confirmed=True),)
    assert now.reason == f"the connection was lost: {AWAY}"


def test_a_roller_that_is_not_found_again_ends_it_unconfirmed() -> None:
    now, done = run(OnLoss.RESUME, *UNTIL_LOST, NotReturned(75.0, "not heard"))
    assert done[-1] == Over(Ending.LINK_LOST, confirmed=False)
    assert now.reason.endswith("not found again: not heard")
    assert SendStop() not in done


@pytest.mark.parametrize(
    ("returned", "why"),
    [
        (back(20.0, status(State.IDLE, -49.0), status(State.IDLE, -49.0)), "restarted"),
        (back(20.0, status(State.LATCHED, 20.0), status(State.LATCHED, 20.0)), "emergency stop is latched"),
        (back(20.0, status(State.LOCKED, 20.0), status(State.LOCKED, 20.0)), "charging or updating"),
        (back(20.0, status(State.FAULT, 20.0), status(State.FAULT, 20.0)), "found a fault"),
        (back(20.0, status(State.READY, 20.0)), "ended, or was stopped"),
        (back(20.0, status(State.IDLE, 20.0)), "ended, or was stopped"),
        (back(20.0, status(State.RUNNING, 20.0, 0)), "by its button"),
        (back(20.0, status(State.PAUSED, 20.0, 1, 0, Interlock.BATTERY_EMPTY)), "battery is empty"),
        (back(20.0, status(State.PAUSED, 20.0, 1, 0, Interlock.DOSE)), "dose"),
        (back(20.0, status(State.PAUSED, 20.0, 7)), "ended, or was stopped"),
        (back(20.0, same=False), "another roller"),
    ],
)
@pytest.mark.parametrize("on_loss", [OnLoss.ASK, OnLoss.RESUME])
def test_a_roller_that_cannot_go_on_is_left_alone_and_the_person_hears_why(
    on_loss: OnLoss, returned: Returned, why: str
) -> None:
    now, done = run(on_loss, *UNTIL_LOST, returned)
    assert now.ending is Ending.LINK_LOST
    assert why in now.reason
    assert kinds(done) == [SendStart, Reconnect, Settle, SendStop]
    unknown = "restarted" in why or not returned.same
    assert Settle(None if unknown else 99) in done


def test_a_massage_that_somebody_paused_is_not_gone_on_with() -> None:
    now, _ = run(OnLoss.RESUME, *UNTIL_LOST[:-1], seen(State.PAUSED, 14.5, 1, 4_500), LinkLost(15.0), back(20.0))
    assert "it was paused" in now.reason


def test_a_loss_while_asking_withdraws_the_question_and_asks_again() -> None:
    now, done = run(OnLoss.ASK, *UNTIL_LOST, back(20.0), LinkLost(30.0))
    assert kinds(done)[-2:] == [Withdraw, Reconnect]
    assert now.phase is Phase.AWAY
    assert advance(now, Answered(31.0, go_on=True))[1] == ()
    now, outputs = advance(now, back(35.0, status(State.READY, 35.0)))
    assert isinstance(outputs[-1], Ask)
    assert advance(now, Answered(36.0, go_on=True))[1] == (Prepare(Rest(1, 16_000)),)


@pytest.mark.parametrize("state", [State.LATCHED, State.LOCKED, State.FAULT])
def test_a_roller_that_locks_while_the_person_is_asked_ends_it(state: State) -> None:
    now, _ = run(OnLoss.ASK, *UNTIL_LOST, back(20.0), seen(state, 21.0))
    assert now.phase is Phase.ENDING


def test_a_roller_started_with_its_button_while_asked_is_not_interrupted_by_a_yes() -> None:
    now, done = run(OnLoss.ASK, *UNTIL_LOST, back(20.0), seen(State.RUNNING, 21.0, 0), Answered(22.0, go_on=True))
    assert now.ending is Ending.LINK_LOST
    assert "button" in now.reason
    assert not any(isinstance(output, Prepare) for output in done)


@pytest.mark.parametrize("state", [State.READY, State.IDLE, State.PAUSED])
def test_a_roller_that_gives_something_while_the_person_is_asked_is_stopped_and_named(state: State) -> None:
    asking = replace(run(OnLoss.ASK, *UNTIL_LOST, back(20.0))[0], program=Program((STEP,)))
    louder = changed(status(state, 21.0), amplitude=0.5, vibration_hz=75.0)
    now, outputs = advance(asking, StatusSeen(21.0, louder))
    assert outputs[:2] == (SendStop(), Withdraw())
    assert now.untruth is not None
    assert "outputs only while it runs" in now.reason
    assert advance(now, Answered(22.0, go_on=True))[1] == ()
    now, _ = advance(asking, seen(State.RUNNING, 21.0, 0))
    assert now.phase is Phase.ASKING, "by its button it may"


def test_a_stop_asked_for_while_the_roller_is_away_waits_briefly_for_its_word() -> None:
    now, done = run(OnLoss.RESUME, *UNTIL_LOST, StopAsked(16.0))
    assert (now.phase, now.ending) == (Phase.ENDING, Ending.LINK_LOST)
    assert SendStop() not in done, "nobody would hear it; the next connection begins with it"
    assert advance(now, back(17.0))[1] == (Settle(99), Over(Ending.LINK_LOST, confirmed=True))
    assert advance(now, Tick(16.0 + AWAY_PATIENCE_S))[1] == ()
    assert advance(now, Tick(16.1 + AWAY_PATIENCE_S))[1] == (Over(Ending.LINK_LOST, confirmed=False),)
    assert advance(now, StopAsked(16.5))[1] == (Leave(),)


def test_a_stop_asked_for_while_asked_is_a_no_at_once() -> None:
    now, _ = run(OnLoss.ASK, *UNTIL_LOST, back(20.0))
    after, outputs = advance(now, StopAsked(21.0))
    assert outputs[:2] == (SendStop(), Withdraw())
    assert after.ending is Ending.LINK_LOST


def test_a_stop_while_the_rest_is_prepared_stops_as_ever() -> None:
    now, _ = run(OnLoss.RESUME, *UNTIL_LOST, back(20.0), StopAsked(20.1))
    assert now.ending is Ending.STOPPED
    assert advance(now, Prepared(0.0))[1] == ()


def test_a_roller_at_the_edge_of_reach_is_not_followed_for_ever() -> None:
    now, done = run(OnLoss.RESUME, *UNTIL_LOST)
    for number in range(LOSSES_MOST):
        at_s = 20.0 + number
        now, outputs = advance(now, back(at_s, status(State.PAUSED, at_s, 0 if number else 1, 0)))
        now, _ = advance(now, Prepared(0.0))
        now, lost = advance(now, LinkLost(at_s + 0.5))
        assert isinstance(outputs[-1], Prepare)
        done.extend(lost)
    assert done[-1] == Reconnect(brief=True)
    now, _ = advance(now, back(40.0, status(State.PAUSED, 40.0, 0)))
    assert "for the 11th time" in now.reason


@pytest.mark.parametrize(
    "event",
    [Tick(14.1 + SILENCE_S), seen(State.PAUSED, 14.2, 1, 4_000, Interlock.WATCHDOG)],
)
def test_a_roller_that_is_silent_or_heard_nothing_is_as_good_as_lost(event: Input) -> None:
    now, done = run(OnLoss.ASK, *UNTIL_LOST[:-1], event)
    assert now.phase is Phase.AWAY
    assert done[-1] == Reconnect(brief=False)
    assert SendStop() not in done, "the connection is closed without a word, so that the roller keeps its place"


def test_a_status_of_an_old_connection_says_nothing_while_away() -> None:
    now, _ = run(OnLoss.RESUME, *UNTIL_LOST)
    assert advance(now, seen(State.LATCHED, 15.5)) == (now, ())
    assert advance(now, LinkLost(15.5)) == (now, ())
