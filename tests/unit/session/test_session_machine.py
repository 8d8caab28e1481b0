"""The pure machine of a massage ends as its table says, and keeps its two laws under any events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.model.program import NO_STEP
from glowtool.model.state import Interlock, State
from glowtool.session.decide.machine import START_PATIENCE_S, STOP_PATIENCE_S, Massage, Phase, advance
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
    Started,
    StatusSeen,
    StopAnswered,
    StopAsked,
    StopUnanswered,
    Tell,
    Tick,
    Trouble,
)
from glowtool.session.decide.resumption import OnLoss
from support.host.moves import advanced, marks
from support.host.statuses import changed

if TYPE_CHECKING:
    from glowtool.model.status import Status

DURATIONS_MS = (2000, 3000)
START_US = 10_000_000


def status(state: State, at_ms: int, step: int = NO_STEP, elapsed_ms: int = 0, interlocks: int = 0) -> Status:
    return changed(
        state=state,
        step=step,
        step_elapsed_ms=elapsed_ms,
        interlocks=Interlock(interlocks),
        amplitude=0.3 if state is State.RUNNING else 0.0,
        device_time_us=START_US + at_ms * 1000,
    )


def seen(state: State, at_ms: int, step: int = NO_STEP, elapsed_ms: int = 0, interlocks: int = 0) -> StatusSeen:
    return StatusSeen(at_ms / 1000, status(state, at_ms, step, elapsed_ms, interlocks))


RUNNING = seen(State.RUNNING, 0, step=0)
READY = seen(State.READY, 0)


def run(*events: Input) -> tuple[Massage, list[Move]]:
    return advanced(Massage(DURATIONS_MS), *events)


def test_a_whole_massage_leaves_its_steps_with_their_device_times_and_ends_completed() -> None:
    now, done = run(
        Prepared(0.0),
        Started(0.0),
        READY,
        seen(State.RUNNING, 5, step=0, elapsed_ms=5),
        seen(State.RUNNING, 1000, step=0, elapsed_ms=1000),
        seen(State.RUNNING, 2010, step=1, elapsed_ms=10),
        Tick(2.1),
        seen(State.READY, 5003),
        StopAnswered(zero=True),
    )
    assert [type(output) for output in done] == [
        SendStart,
        Mark,
        BeginStep,
        Mark,
        BeginStep,
        SendStop,
        Mark,
        Tell,
        Over,
    ]
    assert [(event.kind, event.device_time_us, event.data.get("index")) for event in marks(done)] == [
        (EventKind.STEP, START_US, 0),
        (EventKind.STEP, START_US + 2_000_000, 1),
        (EventKind.STOP, START_US + 5_003_000, None),
    ]
    assert done[-1] == Over(Ending.COMPLETED, confirmed=True)
    assert now.phase is Phase.ENDED


def test_a_program_that_ends_before_its_time_was_stopped_on_the_roller() -> None:
    early = (seen(State.RUNNING, 2000, step=1), seen(State.READY, 3500))
    _, done = run(Prepared(0.0), RUNNING, *early, StopAnswered(True))
    assert done[-1] == Over(Ending.STOPPED, confirmed=True)
    assert marks(done)[-1].data == {"ending": "stopped", "reason": "stopped on the roller"}


def test_time_in_pause_does_not_count_towards_the_end() -> None:
    paused = (
        seen(State.RUNNING, 2000, step=1),
        seen(State.PAUSED, 3000, step=1, elapsed_ms=1000),
        seen(State.PAUSED, 4000, step=1, elapsed_ms=1000),
        seen(State.RUNNING, 8000, step=1, elapsed_ms=1000),
    )
    _, early = run(Prepared(0.0), RUNNING, *paused, seen(State.READY, 9000), StopAnswered(zero=True))
    assert early[-1] == Over(Ending.STOPPED, confirmed=True)
    _, whole = run(Prepared(0.0), RUNNING, *paused, seen(State.READY, 10_000), StopAnswered(zero=True))
    assert whole[-1] == Over(Ending.COMPLETED, confirmed=True)
    assert [event.kind for event in marks(whole)] == ["step", "step", "pause", "resume", "stop"]


@pytest.mark.parametrize(
    ("event", "ending", "reason"),
    [
        (seen(State.LATCHED, 500), Ending.STOPPED, "emergency stop"),
        (seen(State.LOCKED, 500), Ending.INTERLOCK, "locked its outputs"),
        (seen(State.FAULT, 500), Ending.INTERLOCK, "fault"),
        (seen(State.PAUSED, 500, step=0, interlocks=Interlock.WATCHDOG), Ending.INTERLOCK, "heard nothing"),
        (seen(State.PAUSED, 500, step=0, interlocks=Interlock.LINK_LOSS), Ending.INTERLOCK, "lost the connection"),
        (seen(State.READY, 500, interlocks=Interlock.BATTERY_EMPTY), Ending.INTERLOCK, "battery"),
        (seen(State.IDLE, 500), Ending.STOPPED, "on the roller"),
        (StopAsked(1.0), Ending.STOPPED, "asked"),
        (Trouble(1.0, Ending.CRASHED, "disk full"), Ending.CRASHED, "disk full"),
        (Trouble(1.0, Ending.REFUSED, "over ceiling"), Ending.REFUSED, "over ceiling"),
    ],
)
def test_every_ending_stops_first_and_says_why(event: Input, ending: Ending, reason: str) -> None:
    now, before = run(Prepared(0.0), RUNNING)
    after, done = advance(now, event)
    assert [type(output) for output in done] == [SendStop, Mark, Tell]
    assert reason in after.reason
    assert advance(after, StopAnswered(zero=True))[1] == (Over(ending, confirmed=True),)
    assert SendStop() not in before


def test_outputs_must_be_seen_at_zero_before_it_is_over() -> None:
    now, _ = run(Prepared(0.0), RUNNING, StopAsked(1.0))
    assert advance(now, seen(State.READY, 1100))[1] == (), "a status from before the answer proves nothing"
    now, done = advance(now, StopAnswered(zero=False))
    assert done == ()
    now, done = advance(now, seen(State.RUNNING, 1200, step=0))
    assert done == ()
    now, done = advance(now, seen(State.READY, 1300))
    assert done == (Over(Ending.STOPPED, confirmed=True),)


def test_a_stop_that_nobody_confirms_ends_without_confirmation() -> None:
    now, _ = run(Prepared(0.0), RUNNING, StopAsked(1.0))
    assert advance(now, StopUnanswered())[1] == (Over(Ending.STOPPED, confirmed=False),)
    assert advance(now, Tick(1.0 + STOP_PATIENCE_S))[1] == ()
    assert advance(now, Tick(1.1 + STOP_PATIENCE_S))[1] == (Over(Ending.STOPPED, confirmed=False),)


def test_a_start_that_was_accepted_and_does_not_run_is_ended() -> None:
    now, _ = run(Prepared(0.0), Started(1.0), READY)
    assert advance(now, Tick(1.0 + START_PATIENCE_S))[1] == ()
    after, done = advance(now, Tick(1.1 + START_PATIENCE_S))
    assert done[0] == SendStop()
    assert after.ending is Ending.REFUSED, "it did not begin"
    assert "accepted the massage, but did not begin it" in after.reason


def test_a_lost_link_ends_a_massage_that_was_ending_anyway() -> None:
    stopping, _ = run(Prepared(0.0), RUNNING, StopAsked(1.0))
    assert advance(stopping, LinkLost(1.1))[1][-1] == Over(Ending.STOPPED, confirmed=False)


def test_the_second_request_to_stop_leaves_at_once_and_a_third_says_nothing_more() -> None:
    now, _ = run(Prepared(0.0), RUNNING, StopAsked(1.0))
    now, done = advance(now, StopAsked(1.1))
    assert done == (Leave(),)
    assert advance(now, StopAsked(1.2))[1] == ()


def test_interlocks_are_marked_when_they_change() -> None:
    _, done = run(
        Prepared(0.0),
        RUNNING,
        seen(State.RUNNING, 100, step=0, interlocks=Interlock.NO_CONTACT | Interlock.SOFT_START),
        seen(State.RUNNING, 200, step=0, interlocks=Interlock.NO_CONTACT | Interlock.SOFT_START),
        seen(State.RUNNING, 300, step=0, interlocks=Interlock.SOFT_START),
    )
    found = [event.data for event in marks(done) if event.kind is EventKind.INTERLOCK]
    assert found == [
        {"in_force": ["no_contact", "soft_start"], "set": ["no_contact", "soft_start"], "cleared": []},
        {"in_force": ["soft_start"], "set": [], "cleared": ["no_contact"]},
    ]


statuses = st.builds(
    seen,
    st.sampled_from(State),
    st.integers(0, 10_000),
    st.sampled_from((0, 1, NO_STEP)),
    st.integers(0, 3000),
    st.sampled_from((0, Interlock.WATCHDOG, Interlock.NO_CONTACT, Interlock.DOSE)),
)
times_s = st.floats(0, 20)
returns = st.builds(
    lambda at_s, found, latest, same, frames: Returned(at_s, found.status, latest.status, same, frames),
    times_s,
    statuses,
    statuses,
    st.booleans(),
    st.none() | st.integers(0, 100),
)
inputs = st.one_of(
    st.just(Prepared(0.0)),
    st.builds(Started, times_s),
    statuses,
    st.builds(Tick, times_s),
    st.builds(StopAsked, times_s),
    st.builds(StopAnswered, st.booleans()),
    st.just(StopUnanswered()),
    st.builds(LinkLost, times_s, st.sampled_from(("", "out of reach"))),
    returns,
    st.builds(NotReturned, times_s, st.just("not heard")),
    st.builds(Answered, times_s, st.booleans()),
    st.builds(Trouble, times_s, st.sampled_from(Ending), st.just("x")),
)


@given(st.sampled_from(OnLoss), st.lists(inputs, max_size=60))
def test_after_an_ending_event_the_first_command_is_stop_and_no_start_follows(
    on_loss: OnLoss, events: list[Input]
) -> None:
    now = Massage(DURATIONS_MS, on_loss)
    after_ending: list[Move] = []
    overs = 0
    for event in events:
        before = now
        now, outputs = advance(now, event)
        overs += sum(isinstance(output, Over) for output in outputs)
        if before.ending is not None:
            after_ending += outputs
        assert before.ending in {None, now.ending}, "an ending never changes"
        assert (now.phase in {Phase.ENDING, Phase.ENDED}) == (now.ending is not None)
        if now.ending is not None and before.ending is None:
            commands = [output for output in outputs if isinstance(output, SendStart | SendStop | Prepare | Reconnect)]
            # Where nobody would hear it, connecting brings the STOP.
            gone = before.phase is Phase.AWAY and not isinstance(event, Returned)
            assert commands == ([] if gone else [SendStop()])
    assert not any(isinstance(output, SendStart | SendStop | Prepare | Reconnect | Ask) for output in after_ending)
    assert overs == (now.phase is Phase.ENDED)


@given(st.sampled_from(OnLoss), st.lists(inputs, max_size=60))
def test_after_a_loss_nothing_is_started_without_a_return_and_the_word_of_policy_or_person(
    on_loss: OnLoss, events: list[Input]
) -> None:
    now, allowed = Massage(DURATIONS_MS, on_loss), True
    for event in events:
        before = now
        now, outputs = advance(now, event)
        if isinstance(event, LinkLost) and now.phase is Phase.AWAY:
            allowed = False
        if isinstance(event, Returned) and on_loss is OnLoss.RESUME:
            allowed = True
        if isinstance(event, Answered) and event.go_on and before.phase is Phase.ASKING:
            allowed = True
        if any(isinstance(output, SendStart | Prepare) for output in outputs):
            assert allowed
            assert now.losses == 0 or on_loss is not OnLoss.STOP
        for output in outputs:
            if isinstance(output, Prepare):
                assert output.rest.first_ms <= before.durations_ms[output.rest.step]
                assert before.rest is None or output.rest.total_ms(DURATIONS_MS) <= before.rest.total_ms(DURATIONS_MS)
