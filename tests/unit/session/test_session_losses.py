"""The connection lost in mid-massage, as the machine sees it: what goes on, what does not and why, and what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import NO_STEP, Program, Step
from glowtool.model.state import Interlock, State
from glowtool.session.decide.losses import ANSWER_PATIENCE_S, LOSSES_MOST
from glowtool.session.decide.machine import SILENCE_S, Massage, Phase, advance
from glowtool.session.decide.massage import AWAY_PATIENCE_S
from glowtool.session.decide.moves import (
    Answered,
    Ask,
    BeginStep,
    Input,
    Leave,
    LinkLost,
    Mark,
    Move,
    NotReturned,
    Over,
    Prepare,
    Prepared,
    Reconnect,
    Returned,
    SendStart,
    SendStop,
    Settle,
    Started,
    StatusSeen,
    StopAnswered,
    StopAsked,
    Tell,
    Tick,
    Withdraw,
)
from glowtool.session.decide.resumption import OnLoss, Rest, found_first, rest_from, rest_of_program
from glowtool.store.tables.events import step_spans
from glowtool.store.tables.manifest import StepSpan
from support.host.masseur import STEP
from support.host.statuses import changed

if TYPE_CHECKING:
    from glowtool.model.status import Status

DURATIONS_MS = (10_000, 20_000, 5_000)
UP_US = 50_000_000
AWAY = "out of reach"


def status(state: State, at_s: float, step: int = NO_STEP, elapsed_ms: int = 0, interlocks: int = 0) -> Status:
    return changed(
        state=state,
        step=step,
        step_elapsed_ms=elapsed_ms,
        interlocks=Interlock(interlocks),
        amplitude=0.3 if state is State.RUNNING else 0.0,
        device_time_us=UP_US + round(at_s * 1e6),
    )


def seen(state: State, at_s: float, step: int = NO_STEP, elapsed_ms: int = 0, interlocks: int = 0) -> StatusSeen:
    return StatusSeen(at_s, status(state, at_s, step, elapsed_ms, interlocks))


def back(
    at_s: float,
    found: Status | None = None,
    latest: Status | None = None,
    *,
    same: bool = True,
    frames: int | None = 99,
) -> Returned:
    """The roller is back, by default as it should be: paused in step 1, of which 4 s are done, and stopped since."""
    found = found or status(State.PAUSED, at_s, 1, 4_000, Interlock.LINK_LOSS)
    return Returned(at_s, found, latest or status(State.READY, at_s), same, 99)


#: In step 1 since 10 s, seen at 14 s, lost at 15 s.
UNTIL_LOST: tuple[Input, ...] = (
    Prepared(0.0),
    Started(0.0),
    seen(State.RUNNING, 0.1, 0, 100),
    seen(State.RUNNING, 10.0, 1),
    seen(State.RUNNING, 14.0, 1, 4_000),
    LinkLost(15.0, AWAY),
)


def run(on_loss: OnLoss, *events: Input) -> tuple[Massage, list[Move]]:
    now = Massage(DURATIONS_MS, on_loss)
    done: list[Move] = []
    for event in events:
        now, outputs = advance(now, event)
        done.extend(outputs)
    return now, done


def events_of(outputs: list[Move]) -> list[Event]:
    return [output.event for output in outputs if isinstance(output, Mark)]


def kinds(outputs: list[Move]) -> list[type[Move]]:
    return [type(output) for output in outputs if not isinstance(output, Mark | BeginStep | Tell)]


def test_a_loss_is_marked_ends_the_step_and_reconnects() -> None:
    now, done = run(OnLoss.RESUME, *UNTIL_LOST)
    assert now.phase is Phase.AWAY
    assert done[-1] == Reconnect(brief=False)
    lost, step = events_of(done)[-2:]
    assert (lost.kind, lost.data) == (EventKind.LINK, {"change": "lost", "because": AWAY})
    assert (step.kind, step.data, step.device_time_us) == (EventKind.STEP, {"index": -1}, UP_US + 15_000_000)


def test_resuming_goes_on_with_the_interrupted_step_and_what_was_left_of_it() -> None:
    now, done = run(OnLoss.RESUME, *UNTIL_LOST, back(20.0))
    assert kinds(done) == [SendStart, Reconnect, Settle, Prepare]
    assert done[-1] == Prepare(Rest(1, 16_000))
    assert now.phase is Phase.PREPARING
    restored = events_of(done)[-1]
    ran_until_us = UP_US + 14_000_000
    assert restored.data == {"change": "restored", "away_s": 5.0, "attempts": 1, "ran_until_us": ran_until_us}
    assert restored.device_time_us == UP_US + 20_000_000


def test_a_resumed_massage_counts_its_steps_as_before_and_its_log_shows_two_spans_of_one_step() -> None:
    now, done = run(
        OnLoss.RESUME,
        *UNTIL_LOST,
        back(20.0),
        seen(State.READY, 20.2),
        Prepared(0.0),
        Started(20.5),
        seen(State.RUNNING, 21.0, 0, 0),
        seen(State.RUNNING, 37.0, 1, 0),
        seen(State.READY, 42.0),
        StopAnswered(zero=True),
    )
    assert done[-1] == Over(Ending.COMPLETED, confirmed=True)
    assert kinds(done).count(SendStart) == 2
    spans = step_spans(events_of(done), 0)
    assert [(span.index, span.end_us - span.start_us) for span in spans] == [
        (0, 10_000_000), (1, 5_000_000), (1, 16_000_000), (2, 5_000_000),
    ]  # fmt: skip
    assert spans[2] == StepSpan(index=1, start_us=UP_US + 21_000_000, end_us=UP_US + 37_000_000)
    assert now.losses == 1


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(
            status(State.PAUSED, 20.0, 2, 1_000), id="in a later step, so that this one's length is not known"
        ),
        pytest.param(status(State.READY, 20.0), id="not paused"),
        pytest.param(status(State.PAUSED, 20.0), id="in no step"),
    ],
)
def test_until_when_it_ran_is_not_said_where_it_is_not_known(found: Status) -> None:
    _, done = run(OnLoss.RESUME, *UNTIL_LOST, back(20.0, found))
    restored = next(event for event in events_of(done) if event.data.get("change") == "restored")
    assert "ran_until_us" not in restored.data


def test_several_losses_each_take_only_what_is_left() -> None:
    _, done = run(
        OnLoss.RESUME,
        *UNTIL_LOST,
        back(20.0),
        Prepared(0.0),
        seen(State.RUNNING, 21.0, 0),
        LinkLost(25.0),
        back(30.0, status(State.PAUSED, 30.0, 0, 3_500)),
        Prepared(0.0),
        seen(State.RUNNING, 31.0, 0),
        seen(State.RUNNING, 43.5, 1),
        LinkLost(44.0),
        back(50.0, status(State.PAUSED, 50.0, 1, 1_000)),
    )
    rests = [output.rest for output in done if isinstance(output, Prepare)]
    assert rests == [Rest(1, 16_000), Rest(1, 12_500), Rest(2, 4_000)]


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


def test_a_loss_before_the_start_goes_on_with_everything() -> None:
    _, done = run(OnLoss.RESUME, seen(State.READY, 0.1), LinkLost(0.5), back(3.0, status(State.READY, 3.0)))
    assert done[-1] == Prepare(Rest(0, 10_000))


def test_a_loss_right_after_the_start_goes_on_where_the_roller_stopped_or_not_at_all() -> None:
    started = (seen(State.READY, 0.1), Prepared(0.0), LinkLost(0.5))
    _, done = run(OnLoss.RESUME, *started, back(3.0, status(State.PAUSED, 3.0, 0, 300)))
    assert done[-1] == Prepare(Rest(0, 9_700))
    now, _ = run(OnLoss.RESUME, *started, back(3.0, status(State.READY, 3.0)))
    assert now.ending is Ending.LINK_LOST


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


def test_what_is_left_is_never_a_step_that_is_too_short() -> None:
    assert rest_from(0, 999, DURATIONS_MS) == Rest(1, 20_000)
    assert rest_from(1, 1_000, DURATIONS_MS) == Rest(1, 1_000)
    assert rest_from(2, 999, DURATIONS_MS) is None
    assert rest_from(1, 99_000, DURATIONS_MS) == Rest(1, 20_000), "never more than the routine asks for"


def test_an_attempt_that_failed_half_way_does_not_lose_the_place() -> None:
    paused, stopped = status(State.PAUSED, 15.0, 1, 4_000), status(State.READY, 16.0)
    assert found_first((paused, stopped)) == paused
    assert found_first((paused, paused, stopped)) == paused
    assert found_first((stopped,)) == stopped
    for state in (State.LATCHED, State.RUNNING, State.IDLE, State.LOCKED):
        assert found_first((paused, status(state, 16.0))).state is state, "that is not what a STOP leads to"


def test_the_last_second_of_a_program_is_not_run_again() -> None:
    late = (*UNTIL_LOST[:-1], seen(State.RUNNING, 30.0, 2), LinkLost(34.8))
    now, done = run(OnLoss.RESUME, *late, back(36.0, status(State.PAUSED, 36.0, 2, 4_400)))
    assert now.ending is Ending.COMPLETED
    assert kinds(done)[-1] is SendStop


def test_the_rest_of_a_program_has_the_programs_own_levels() -> None:
    step = Step(
        zone=Zone.CHEEK_LEFT,
        direction=Direction.UPWARD,
        duration_s=10.0,
        amplitude=0.3,
        vibration_hz=75.0,
        pattern=Pattern.STEADY,
        period_s=1.0,
        peak_ua=0,
        current_hz=10.0,
        waveform=Waveform.NONE,
        ramp_s=4.0,
        band_low_kpa=2.0,
        band_high_kpa=5.0,
    )
    program = Program((step, replace(step, zone=Zone.CHEEK_RIGHT, duration_s=20.0), replace(step, duration_s=5.0)))
    assert rest_of_program(program, Rest(1, 16_000)) == Program((replace(program[1], duration_s=16.0), program[2]))
