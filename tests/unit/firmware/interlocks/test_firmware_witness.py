"""The source's own voltage and current are a witness that catches the other sensors' lies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.faults.board import Board
from glowsim.faults.faulty_body import FaultyBody
from glowsim.firmware.interlocks.rule import FREE, Moment
from glowsim.firmware.interlocks.witness import SourceAgrees
from glowsim.firmware.sensors.readings import read
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.roller.plant import RollerPlant
from glowtool.model.state import Interlock
from support.device.firmware_bench import AIR, SKIN, Bench, step

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Ruling

IMPEDANCE = SKIN.impedance_raw


class Trial:
    """The rule under a current that flows, tick by tick."""

    def __init__(self) -> None:
        self._rule = SourceAgrees()
        self._now_us = 0

    def flow(self, driven_ua: float, load_share: float = 1.0, current_share: float = 1.0, ticks: int = 1) -> Ruling:
        """Return the last verdict while load and current are such shares of the impedance and of what is asked for."""
        ua_raw = round(10 * driven_ua * current_share)
        volt_raw = round(driven_ua * current_share * IMPEDANCE * load_share / 100)
        verdict = FREE
        for _ in range(ticks):
            self._now_us += 5000
            felt = replace(SKIN, source_raw=(volt_raw, ua_raw))
            readings = read(felt, felt.cells_raw)
            verdict = self._rule.judge(Moment(self._now_us, readings, running=True, driven_ua=driven_ua))
        return verdict

    def open(self, *, seen: bool) -> Ruling:
        """Return the verdict when the loop opens, and the impedance sees it or does not."""
        self._now_us += 5000
        felt = replace(AIR if seen else SKIN, source_raw=(60_000, 0))
        return self._rule.judge(Moment(self._now_us, read(felt, felt.cells_raw), running=True, driven_ua=200.0))

    def rest(self, *, lifted: bool, ticks: int = 1) -> Ruling:
        """Return the last verdict while nothing is driven."""
        verdict = FREE
        for _ in range(ticks):
            self._now_us += 5000
            felt = AIR if lifted else SKIN
            verdict = self._rule.judge(Moment(self._now_us, read(felt, felt.cells_raw), running=True))
        return verdict


def refused(verdict: Ruling) -> bool:
    return verdict.cap.peak_ua_max == 0.0 and verdict.cap.amplitude_max == 1.0 and verdict.flag is Interlock.NO_CONTACT


@given(st.sampled_from(range(10, 401, 10)), st.floats(0.9, 1.1), st.floats(0.97, 1.03))
def test_what_tolerances_make_of_a_true_load_contradicts_nothing(
    driven_ua: int, load_share: float, current_share: float
) -> None:
    assert Trial().flow(driven_ua, load_share, current_share, 200) is FREE


@pytest.mark.parametrize("load_share", [0.5, 0.7, 1.4, 3.0])
def test_a_load_that_is_not_the_impedance_contradicts_it_until_a_lift(load_share: float) -> None:
    trial = Trial()
    assert refused(trial.flow(200.0, load_share, ticks=4))
    assert refused(trial.rest(lifted=False, ticks=400))
    assert refused(trial.rest(lifted=True, ticks=9))
    assert refused(trial.rest(lifted=False)), "a lift of a moment is none"
    trial.rest(lifted=True, ticks=11)
    assert trial.flow(200.0) is FREE


def test_a_moment_of_noise_contradicts_nothing_and_noise_that_lasts_does() -> None:
    trial = Trial()
    for _ in range(20):
        assert trial.flow(200.0, 1.5, ticks=2) is FREE
        assert trial.flow(200.0, 1.0, ticks=4) is FREE
    for _ in range(8):
        trial.flow(200.0, 1.5)
        trial.flow(200.0, 1.0)
    assert refused(trial.flow(200.0))


def test_an_open_loop_that_the_impedance_does_not_see_is_zero_in_the_same_tick_and_until_a_lift() -> None:
    trial = Trial()
    trial.flow(200.0)
    assert refused(trial.open(seen=False))
    assert refused(trial.flow(200.0, ticks=100))


def test_a_lift_that_the_impedance_sees_is_none_of_its_lies() -> None:
    trial = Trial()
    trial.flow(200.0)
    assert trial.open(seen=True) is FREE


@pytest.mark.parametrize("current_share", [0.0, 0.5, 1.3])
def test_a_current_that_is_not_the_asked_one_is_zero_in_the_same_tick(current_share: float) -> None:
    trial = Trial()
    trial.flow(200.0)
    assert refused(trial.flow(200.0, 1.0, current_share))


class Massage:
    """A body with a board of faults under a bench, with 400 µA at 1 Hz, up and flowing."""

    def __init__(self, hand: HandParameters) -> None:
        self.body = Body(BodyParameters(hand=hand), 1)
        self.board = Board((), 1, RollerPlant(self.body))
        self.bench = Bench(FaultyBody(self.body, self.board))  # type: ignore[arg-type]  # it has the method that is used
        self.bench.run(0.2)
        self.bench.start(replace(step(60_000, 0, 400), current_dhz=10))
        self.density = self.direct = self.most_ua = 0.0
        self.run(5.0)

    def run(self, seconds: float) -> float:
        """Go on, keep the highest density and direct current, and return the most that flowed."""
        most_ua = 0.0
        for _ in range(round(seconds * 200)):
            self.bench.run(0.005)
            flows = self.bench.delivered
            assert flows is not None
            most_ua = max(most_ua, flows.peak_ua)
            self.density = max(self.density, flows.density_rms_ua_cm2)
            if flows.peak_ua:
                left = flows.phase_charge_uc[0] - flows.phase_charge_uc[1]
                self.direct = max(self.direct, 100.0 * left / flows.contact_area_cm2)
        return most_ua


STEADY = HandParameters(tremor_kpa=0.0, wander_kpa=0.0, stroke_s=20.0)


def lie(board: Board, noise: float = 0.01) -> None:
    """Let cells and impedance stick at what they read, with noise like that of living ones."""
    board.start("cell-stuck-noisy", cell="all", noise_kpa=0.02)
    board.start("impedance-stuck", noise_share=noise)


def test_a_hand_that_gets_light_under_cells_and_impedance_that_lie_raises_no_density() -> None:
    massage = Massage(STEADY)
    assert massage.run(0.1) > 300.0
    lie(massage.board)
    massage.body.press(0.1)
    massage.run(1.0)
    assert massage.density < 2000.0
    assert massage.direct < 200.0
    assert massage.run(2.0) == 0.0, "a contradiction means none until a lift"


def test_contact_that_returns_while_cells_and_impedance_lie_has_no_current_until_they_tell_the_truth_again() -> None:
    massage = Massage(STEADY)
    lie(massage.board)
    massage.body.lift()
    massage.run(0.3)
    massage.body.set_down()
    assert massage.run(3.0) == 0.0
    massage.board.clear()
    massage.body.lift()
    massage.run(0.5)
    massage.body.set_down()
    assert 100.0 < massage.run(2.5) < 250.0, "and then it starts from zero"


@pytest.mark.parametrize("name", ["source-sense-stuck", "source-sense-noisy", "source-sense-dead"])
def test_a_witness_that_fails_means_no_current(name: str) -> None:
    massage = Massage(STEADY)
    massage.board.start(name)
    massage.bench.run(0.1)
    if name == "source-sense-stuck":
        # What it reads is right as long as nothing changes.
        massage.body.press(1.0)
        massage.run(0.3)
    assert massage.run(2.0) == 0.0
    assert massage.density < 2000.0
