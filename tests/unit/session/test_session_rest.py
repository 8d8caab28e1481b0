"""After a loss the rest of a massage keeps its steps, time and levels, and the log counts them right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.session.decide.machine import Phase
from glowtool.session.decide.moves import (
    LinkLost,
    Over,
    Prepare,
    Prepared,
    Reconnect,
    SendStart,
    SendStop,
    Settle,
    Started,
    StopAnswered,
)
from glowtool.session.decide.resumption import OnLoss, Rest, found_first, rest_from, rest_of_program
from glowtool.store.tables.entries import StepSpan
from glowtool.store.tables.events import step_spans
from support.device.steps import VIBRATION
from support.host.lost_massage import DURATIONS_MS, UNTIL_LOST, UP_US, back, run, seen, status
from support.host.moves import kinds, marks

if TYPE_CHECKING:
    from glowtool.model.status import Status


def test_resuming_goes_on_with_the_interrupted_step_and_what_was_left_of_it() -> None:
    now, done = run(OnLoss.RESUME, *UNTIL_LOST, back(20.0))
    assert kinds(done) == [SendStart, Reconnect, Settle, Prepare]
    assert done[-1] == Prepare(Rest(1, 16_000))
    assert now.phase is Phase.PREPARING
    restored = marks(done)[-1]
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
    spans = step_spans(marks(done), 0)
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
    restored = next(event for event in marks(done) if event.data.get("change") == "restored")
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


def test_a_loss_before_the_start_goes_on_with_everything() -> None:
    _, done = run(OnLoss.RESUME, seen(State.READY, 0.1), LinkLost(0.5), back(3.0, status(State.READY, 3.0)))
    assert done[-1] == Prepare(Rest(0, 10_000))


def test_a_loss_right_after_the_start_goes_on_where_the_roller_stopped_or_not_at_all() -> None:
    started = (seen(State.READY, 0.1), Prepared(0.0), LinkLost(0.5))
    _, done = run(OnLoss.RESUME, *started, back(3.0, status(State.PAUSED, 3.0, 0, 300)))
    assert done[-1] == Prepare(Rest(0, 9_700))
    now, _ = run(OnLoss.RESUME, *started, back(3.0, status(State.READY, 3.0)))
    assert now.ending is Ending.LINK_LOST


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
    step = replace(VIBRATION, duration_s=10.0)
    program = Program((step, replace(step, zone=Zone.CHEEK_RIGHT, duration_s=20.0), replace(step, duration_s=5.0)))
    assert rest_of_program(program, Rest(1, 16_000)) == Program((replace(program[1], duration_s=16.0), program[2]))
