"""Time for which the host slept is not held against the roller, and nothing starts by itself afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.device.host_clock import HostClock
from glowtool.model.ending import Ending
from glowtool.model.program import NO_STEP, Program
from glowtool.model.state import Interlock, State
from glowtool.session.decide.losses import ANSWER_PATIENCE_S
from glowtool.session.decide.machine import SILENCE_S, START_PATIENCE_S, Massage, Phase
from glowtool.session.decide.moves import (
    Answered,
    Ask,
    Input,
    Prepare,
    Prepared,
    Reconnect,
    Returned,
    SendStart,
    Started,
    StatusSeen,
    StoodStill,
    Tick,
)
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.decide.waking import UNATTENDED_S
from glowtool.session.do.inputs import STILL_S, Inputs
from support.host.masseur import STEP
from support.host.moves import advanced
from support.host.statuses import IDLE

PROGRAM = Program((replace(STEP, duration_s=60.0), replace(STEP, duration_s=60.0)))
BEGUN = Massage((60_000, 60_000), OnLoss.RESUME, program=PROGRAM, agreed_s=0.0)
BOOT_US = 7_000_000


def seen(state: State, device_s: float, at_s: float | None = None, interlocks: int = 0) -> StatusSeen:
    """A status of the first step, said at a device time, and seen then or later."""
    elapsed_ms = round(min(device_s, 10.9) * 1000)
    said = replace(
        IDLE,
        state=state,
        step=0 if state in {State.RUNNING, State.PAUSED} else NO_STEP,
        steps=2,
        step_elapsed_ms=elapsed_ms,
        massage_elapsed_ms=elapsed_ms,
        interlocks=Interlock(interlocks),
        device_time_us=BOOT_US + round(device_s * 1e6),
    )
    return StatusSeen(device_s if at_s is None else at_s, said)


PAUSED = seen(State.PAUSED, 10.9, interlocks=Interlock.WATCHDOG)
WORKING = tuple(seen(State.RUNNING, float(second)) for second in range(1, 11))
UNTIL_TEN: tuple[Input, ...] = (Prepared(0.0), Started(0.0), *WORKING)


def stopped_for(still_s: float) -> tuple[Input, ...]:
    """What comes after the host stood still from 10 s on: the statuses of the roller that waited, all at once."""
    awake_s = 10.0 + still_s
    return (
        StoodStill(10.0, awake_s),
        Tick(awake_s),
        seen(State.RUNNING, 10.5, awake_s + 0.01),
        replace(PAUSED, at_s=awake_s + 0.01),
    )


def back(at_s: float) -> Returned:
    return Returned(
        at_s, PAUSED.status, replace(PAUSED.status, state=State.READY, device_time_us=BOOT_US + round(at_s * 1e6))
    )


def test_a_host_that_slept_for_two_minutes_asks_before_anything_starts() -> None:
    now, done = advanced(BEGUN, *UNTIL_TEN, *stopped_for(120.0), back(130.9))
    assert any(isinstance(output, Ask) for output in done)
    assert not any(isinstance(output, Prepare) for output in done)
    assert sum(isinstance(output, SendStart) for output in done) == 1, "the first one"
    assert now.loss is not None
    assert now.loss.because == "this computer stood still for 120 s"
    now, done = advanced(now, Answered(135.0, go_on=True), Prepared(136.0))
    assert [type(output) for output in done] == [Prepare, SendStart], "a person has agreed"


def test_where_nobody_can_be_asked_it_ends_and_says_why() -> None:
    now, done = advanced(replace(BEGUN, can_ask=False), *UNTIL_TEN, *stopped_for(120.0), back(130.9))
    assert not any(isinstance(output, Ask | Prepare) for output in done)
    assert (now.phase, now.ending) == (Phase.ENDING, Ending.LINK_LOST)
    assert "after more than 60 s the massage goes on only if a person agrees" in now.reason


def test_a_loop_that_was_blocked_for_five_seconds_resumes_and_no_restart_is_claimed() -> None:
    now, done = advanced(BEGUN, *UNTIL_TEN, *stopped_for(5.0), back(15.3))
    assert "restarted" not in now.reason
    assert [type(output) for output in done if isinstance(output, Prepare | Ask)] == [Prepare]
    assert now.untruth is None


def test_the_roller_is_not_called_silent_for_what_the_host_did_not_take_in() -> None:
    now, done = advanced(BEGUN, *UNTIL_TEN, StoodStill(10.0, 20.0), Tick(20.0), Tick(20.0 + SILENCE_S - 0.1))
    assert not any(isinstance(output, Reconnect) for output in done)
    now, done = advanced(now, Tick(20.0 + SILENCE_S + 0.1))
    assert any(isinstance(output, Reconnect) for output in done)


def test_a_start_is_waited_for_as_long_as_the_host_was_there() -> None:
    now, _ = advanced(BEGUN, Prepared(0.0), Started(0.0), StoodStill(0.1, 20.1), Tick(20.1))
    assert now.phase is Phase.PREPARING
    now, _ = advanced(now, Tick(20.1 + START_PATIENCE_S))
    assert now.phase is Phase.ENDING


@pytest.mark.parametrize(("at_s", "starts"), [(UNATTENDED_S - 0.1, True), (UNATTENDED_S + 0.1, False)])
def test_what_was_agreed_to_more_than_a_minute_ago_is_not_started(at_s: float, starts: bool) -> None:
    now, done = advanced(BEGUN, Prepared(at_s))
    assert any(isinstance(output, SendStart) for output in done) == starts
    assert (now.phase is Phase.ENDING) != starts


def test_an_answer_that_was_typed_before_the_host_slept_does_not_count() -> None:
    asked, _ = advanced(replace(BEGUN, on_loss=OnLoss.ASK), *UNTIL_TEN, replace(PAUSED, at_s=11.0), back(12.0))
    assert asked.phase is Phase.ASKING
    late_s = 12.0 + ANSWER_PATIENCE_S + 1
    now, done = advanced(asked, StoodStill(13.0, late_s), Answered(late_s, go_on=True))
    assert not any(isinstance(output, Prepare) for output in done)
    assert now.ending is Ending.LINK_LOST


@given(st.floats(1.1, 5000.0), st.floats(0.0, 59.0), st.booleans())
def test_nothing_starts_by_itself_more_than_a_minute_after_the_host_was_last_there(
    still_s: float, connecting_s: float, can_ask: bool
) -> None:
    massage = replace(BEGUN, can_ask=can_ask)
    back_s = 10.0 + still_s + connecting_s
    _, done = advanced(massage, *UNTIL_TEN, *stopped_for(still_s), back(back_s), Prepared(back_s + 0.5))
    starts = sum(isinstance(output, SendStart) for output in done)
    assert starts == (2 if back_s + 0.5 - 10.0 <= UNATTENDED_S else 1)


def test_the_clock_of_the_host_counts_what_the_machine_slept_and_nothing_else() -> None:
    loop_s, slept_s = 5.0, 300.0
    clock = HostClock(lambda: loop_s, lambda: slept_s)
    assert clock.now_s() == 5.0
    slept_s += 0.000_2  # two clocks read one after the other
    assert clock.now_s() == 5.0
    slept_s += 120.0
    loop_s += 1.0
    assert clock.now_s() == pytest.approx(126.0, abs=0.001)
    slept_s -= 0.000_2
    assert clock.now_s() == pytest.approx(126.0, abs=0.001)


def test_a_host_that_takes_nothing_in_is_told_to_the_machine_before_what_waited() -> None:
    now_s, taken = 0.0, list[Input]()
    inputs = Inputs(taken.append, lambda: now_s)
    now_s = 100.0
    inputs.feed(Tick(now_s))
    inputs.watch()
    now_s += STILL_S
    inputs.feed(Tick(now_s))
    now_s += 7.0
    inputs.feed(Tick(now_s))
    assert taken == [Tick(100.0), Tick(101.0), StoodStill(101.0, 108.0), Tick(108.0)]
