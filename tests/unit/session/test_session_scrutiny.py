"""Scrutiny passes true rollers, whatever happens to them, and catches untrue ones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.model.program import NO_STEP, Program
from glowtool.model.state import Interlock, State
from glowtool.session.decide.machine import Massage, advance
from glowtool.session.decide.moves import Prepared, SendStop, StatusSeen
from glowtool.session.decide.scrutiny import LATE_S, Scrutiny
from support.device.steps import BOTH_OUTPUTS
from support.host.statuses import answer, changed

if TYPE_CHECKING:
    from glowtool.model.status import Status
    from glowtool.session.decide.moves import Move

STEP = replace(BOTH_OUTPUTS, duration_s=6.0)
PROGRAM = Program((STEP, replace(STEP, zone=Zone.CHEEK_RIGHT, duration_s=9.0, amplitude=0.2, peak_ua=80)))
BOOT_US = 40_000_000


@dataclass
class TrueRoller:
    """A roller that does what it is sent, as arithmetic; `now_ms` is the time since START."""

    now_ms: int = 0
    step: int = 0
    step_ms: int = 0
    massage_ms: int = 0
    soft_ms: int = 0
    paused: bool = False
    over: bool = False
    seen: list[Status] = field(default_factory=list)

    def pass_ms(self, ms: int) -> None:
        self.now_ms += ms
        if self.paused or self.over:
            return
        self.step_ms += ms
        self.massage_ms += ms
        self.soft_ms += ms
        if self.step_ms >= PROGRAM[self.step].duration_ms:  # no two steps are over in one second
            self._next(self.step_ms - PROGRAM[self.step].duration_ms)

    def skip(self) -> None:
        self.soft_ms = 0
        self._next(0)

    def pause(self, paused: bool) -> None:
        self.paused, self.soft_ms = paused, 0

    def _next(self, elapsed_ms: int) -> None:
        self.over = self.step + 1 == len(PROGRAM)
        self.step, self.step_ms = min(self.step + 1, len(PROGRAM) - 1), elapsed_ms

    def status(self) -> Status:
        on = not (self.paused or self.over)
        step = PROGRAM[self.step]
        return changed(
            state=State.READY if self.over else State.PAUSED if self.paused else State.RUNNING,
            step=self.step,
            steps=len(PROGRAM),
            amplitude=min(round(step.amplitude * 1000), self.soft_ms // 4) / 1000 if on else 0.0,
            peak_ua=min(step.peak_ua, self.soft_ms // 100 * 10) if on else 0,
            step_elapsed_ms=self.step_ms,
            massage_elapsed_ms=self.massage_ms,
            device_time_us=BOOT_US + self.now_ms * 1000,
        )


MOMENTS = st.lists(
    st.tuples(
        st.integers(0, 1000),  # ms until the next status
        st.floats(0, LATE_S - 1),  # how late it comes, the second of a pause that was noticed late on top
        st.sampled_from(["nothing", "nothing", "nothing", "skip", "pause", "resume", "twice", "lost"]),
    ),
    max_size=60,
)


@given(MOMENTS)
def test_a_true_roller_passes_with_skips_pauses_late_doubled_and_lost_statuses(
    moments: list[tuple[int, float, str]],
) -> None:
    roller, scrutiny, arrived_s = TrueRoller(), Scrutiny(PROGRAM, 0.0), 0.0
    lost = False
    for after_ms, late_s, what in moments:
        roller.pass_ms(after_ms)
        if roller.over:
            return
        if what == "skip" and roller.step + 1 < len(PROGRAM):
            roller.skip()
        elif what in {"pause", "resume"}:
            roller.pause(what == "pause")
        arrived_s = max(arrived_s, roller.now_ms / 1000 + late_s)
        if what == "lost" and not lost:
            lost = True
            continue
        lost = False
        for _ in range(2 if what == "twice" else 1):
            scrutiny, untruth = scrutiny.see(roller.status(), arrived_s, arrived_s)
            assert untruth is None
            scrutiny, untruth = scrutiny.hear(answer(roller.status()), arrived_s)
            assert untruth is None


def running(at_ms: int, **fields: object) -> Status:
    roller = TrueRoller()
    roller.pass_ms(at_ms)
    return changed(roller.status(), **fields)


def in_step_2(at_ms: int, **fields: object) -> Status:
    """The first moment of the second step, before its time."""
    new: dict[str, object] = {"step": 1, "step_elapsed_ms": 0, "amplitude": 0.0, "peak_ua": 0}
    return running(at_ms, **(new | fields))


def see(*statuses: Status, at_s: tuple[float, ...] = ()) -> str:
    """Show statuses, each when its device time says, or at these times; return what is said of the last."""
    scrutiny, said = Scrutiny(PROGRAM, 0.0), ""
    for number, status in enumerate(statuses):
        seen_s = at_s[number] if at_s else (status.device_time_us - BOOT_US) / 1e6 + 0.01
        assert said == "", "only the last of them is untrue"
        scrutiny, untruth = scrutiny.see(status, seen_s, seen_s)
        said = "" if untruth is None else str(untruth)
    return said


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ([running(5000, amplitude=0.402)], "gives 40.2 % at 75 Hz"),
        ([running(5000, peak_ua=130)], "and 130 µA"),
        ([running(5000, vibration_hz=90.0)], "at 90 Hz"),
        ([running(5000, current_hz=5.0)], "120 µA at 5 Hz"),
        ([running(5000, current_percent=50)], "and 60 µA at 10 Hz"),
        ([running(4900), running(5000, current_percent=50)], ""),  # a trim takes a moment to be obeyed
        ([running(4000, current_percent=50, peak_ua=60), running(5000, current_percent=50)], "at most 40 % at 75 Hz"),
        ([running(400, amplitude=0.25)], "rose to 25 % at 75 Hz and 40 µA at 10 Hz within 0.40 s, from 0 %"),
        ([running(400), running(600, peak_ua=90)], "within 0.20 s, from 10 % and 40 µA; sent: a soft start"),
        ([running(5000, state=State.PAUSED)], "is paused with"),
        ([running(5000, state=State.READY)], "is ready with"),
        ([running(5000, steps=3)], "step 1 of 3"),
        ([running(5000, step=7)], "runs step 8"),
        ([running(5000, step=NO_STEP)], "runs no step; sent: 2 steps"),
        ([running(5000, state=State.PAUSED, step=NO_STEP, amplitude=0.0, peak_ua=0)], "is in no step of 2"),
        ([running(5000), running(5500, step_elapsed_ms=4000)], "time in the step went back from 5.0 s to 4.0 s"),
        ([running(5000), running(5500, massage_elapsed_ms=4000)], "time in the massage went back"),
        ([running(5000), running(5500, device_time_us=BOOT_US)], "clock went back"),
        ([running(7000), running(7500, step=0, step_elapsed_ms=1500)], "from step 2 back to step 1"),
        ([running(5000), running(6200, step=0, step_elapsed_ms=6200)], "in step 1 for 6.2 s; sent: 6 s for it"),
        ([running(2000), running(3000, massage_elapsed_ms=5000, step_elapsed_ms=5000)], "3.00 s within 1.00 s"),
        ([running(3000), in_step_2(4000, step_elapsed_ms=3500)], "3.5 s of step 2 in 1.0 s of work"),
        ([running(3000), in_step_2(4000, amplitude=0.15)], "began step 2 before its time, with 15 %"),
        ([running(3000), in_step_2(4000, peak_ua=60)], "began step 2 before its time, with 0 % at 75 Hz and 60 µA"),
        ([running(3000), in_step_2(4000)], ""),  # as a skip does
    ],
)  # fmt: skip
def test_what_is_untrue_is_named_with_what_was_sent(statuses: list[Status], words: str) -> None:
    said = see(*statuses)
    assert words in said
    assert bool(words) == ("; sent: " in said)


def test_a_roller_that_says_less_time_than_passed_is_found_out_by_the_clock_of_the_host() -> None:
    # Its clock is slow, and its steps are slow by that clock; neither alone lags far enough to tell.
    slow = [running(500 * second, device_time_us=BOOT_US + second * 750_000) for second in range(1, 11)]
    said = see(*slow, at_s=tuple(float(second) for second in range(1, 11)))
    assert said == "it is 5.0 s into step 1, which has run for 9.5 s by this computer; sent: 6 s for it"


SHORT = Program(tuple(replace(STEP, duration_s=1.0) for _ in range(12)))


def short_steps(massage_ms: int, device_ms: int) -> Status:
    """A place in a program of twelve steps of 1 s, whose outputs are held back by the skin."""
    return running(
        0,
        step=massage_ms // 1000,
        steps=len(SHORT),
        step_elapsed_ms=massage_ms % 1000,
        massage_elapsed_ms=massage_ms,
        device_time_us=BOOT_US + device_ms * 1000,
    )


@pytest.mark.parametrize(
    ("of_its_clock", "words"),
    [
        (1.0, "it has worked for 1.3 s of the massage, which has run for 4.4 s by its own clock"),
        (2 / 7, "its clock says that 1.3 s passed, which were 4.4 s by this computer"),
    ],
)
def test_short_steps_that_each_lag_a_little_are_found_out_together(of_its_clock: float, words: str) -> None:
    scrutiny, untruth, at_ms = Scrutiny(SHORT, 0.0), None, 0
    while untruth is None and at_ms < 42_000:
        at_ms += 200
        status = short_steps(at_ms * 2 // 7, round(at_ms * of_its_clock))
        scrutiny, untruth = scrutiny.see(status, at_ms / 1000, at_ms / 1000)
    assert str(untruth).startswith(words)


def test_a_pause_that_nobody_ends_is_the_end_since_heartbeats_would_keep_its_outputs_alive_for_ever() -> None:
    now, _ = advance(Massage((6000, 9000), program=PROGRAM), Prepared(0.0))
    roller = TrueRoller()
    outputs: tuple[Move, ...] = ()
    while SendStop() not in outputs and roller.now_ms < 90_000:
        # It goes on for a moment now and then, which does not begin the pause anew.
        roller.pause(roller.now_ms % 20_000 > 500)
        roller.pass_ms(500)
        now, outputs = advance(now, StatusSeen(roller.now_ms / 1000, roller.status()))
    assert 60_000 < roller.now_ms < 66_000
    assert (now.ending, now.reason) == (Ending.INTERLOCK, "it was paused for more than 60 s")


def test_time_for_which_the_host_stood_still_is_not_held_against_the_roller() -> None:
    scrutiny, untruth = Scrutiny(PROGRAM, 0.0).see(running(1000), 1.0, 1.0)
    scrutiny, untruth = scrutiny.see(running(1500), 31.5, 1.5)
    assert untruth is None


def test_no_roller_has_worked_longer_than_since_start() -> None:
    assert "has worked for 2.0 s; sent: START, 1.0 s ago" in see(running(2000), at_s=(1.0,))


def test_status_and_answers_that_differ_for_long_are_an_untruth_and_for_a_moment_are_not() -> None:
    scrutiny, _ = Scrutiny(PROGRAM, 0.0).see(running(5000), 5.0, 5.0)
    paused = answer(running(5000, state=State.PAUSED, amplitude=0.0, peak_ua=0))
    scrutiny, untruth = scrutiny.hear(paused, 5.1)
    assert untruth is None
    agreed, _ = scrutiny.hear(answer(running(5000)), 7.0)
    _, untruth = agreed.hear(paused, 8.2)
    assert untruth is None
    _, untruth = scrutiny.hear(paused, 8.2)
    assert untruth is not None
    assert "its answers say paused, step 1, outputs off and its status says running, step 1, outputs on" in str(untruth)


def test_the_place_found_after_a_loss_cannot_lie_before_the_last_one_that_was_said() -> None:
    scrutiny, _ = Scrutiny(PROGRAM, 0.0).see(running(5000), 5.0, 5.0)
    stopped = running(5400, state=State.PAUSED, amplitude=0.0, peak_ua=0, interlocks=Interlock.LINK_LOSS)
    late = replace(stopped, device_time_us=BOOT_US + 45_000_000)
    assert scrutiny.found(late, 45.0) is None
    gained = scrutiny.found(replace(late, step_elapsed_ms=0), 45.0)
    assert gained is not None
    assert "went back from 5.0 s to 0.0 s" in str(gained)
