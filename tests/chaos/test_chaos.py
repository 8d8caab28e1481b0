"""A small share of the random massages of `make chaos` breaks no rule, and all that can be drawn is drawn."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from chaos.coverage import DRAWS, never_drawn
from chaos.faults import ALL_CELLS, Event, Fault, FaultyBody, Kind
from chaos.full_stack import run_full_massage
from chaos.host import Host, Manner
from chaos.judge import margins
from chaos.judge.delivered.shaking import Exposure, weighting
from chaos.judge.judge import Judge
from chaos.judge.margins import MARGINS, WITHOUT_FIGURE
from chaos.judge.violation import ViolationError
from chaos.lying import run_lying_massage
from chaos.massage import judge_tick, run_massage
from chaos.trial import OFF, delivered_by, started
from glowsim.firmware.interlocks.agreement import SensorsAgree
from glowsim.firmware.interlocks.contact import DensityLimit
from glowsim.firmware.interlocks.impedance import ImpedanceLimit
from glowsim.firmware.interlocks.rule import FREE
from glowsim.physics.body import BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.model.ceilings import CeilingId
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.program import encode_program
from support.device.firmware_bench import Bench, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.interlocks.rule import Moment, Ruling

SEED = 20


@pytest.fixture
def chance() -> random.Random:
    return random.Random(5)  # noqa: S311 - reproducible, not secret


def test_no_ceiling_is_passed_in_a_random_massage() -> None:
    outcomes = [run_massage(SEED, number, longest_s=10.0) for number in range(10)]
    assert [outcome for outcome in outcomes if outcome.violation] == []
    assert sum(outcome.ending != "never started" for outcome in outcomes) > 5
    assert max(outcome.figures.get(margins.PEAK, 0.0) for outcome in outcomes) > 50.0
    assert run_massage(SEED, 9, longest_s=10.0) == outcomes[9]


def test_no_ceiling_is_passed_in_a_random_massage_over_the_radio() -> None:
    (outcome,) = [run_full_massage(SEED, number) for number in range(1)]
    assert outcome.violation == ""
    assert outcome.figures.get(margins.PEAK, 0.0) > 0.0


@pytest.mark.long
@pytest.mark.parametrize("share", range(8), ids=lambda share: f"20 massages from {20 * share}")
def test_no_ceiling_is_passed_in_many_random_massages(share: int) -> None:
    outcomes = [run_massage(SEED, number, longest_s=20.0) for number in range(20 * share, 20 * share + 20)]
    assert [outcome for outcome in outcomes if outcome.violation] == []
    assert max(outcome.figures.get(margins.PEAK, 0.0) for outcome in outcomes) > 100.0


@pytest.mark.long
def test_no_ceiling_is_passed_in_many_random_massages_over_the_radio() -> None:
    outcomes = [run_full_massage(SEED, number) for number in range(30)]
    assert [outcome for outcome in outcomes if outcome.violation] == []
    assert run_full_massage(SEED, 0) == outcomes[0]


@pytest.mark.long
def test_no_ceiling_is_passed_where_nothing_lies_but_all_four_cells() -> None:
    outcomes = [run_lying_massage(SEED, number) for number in range(12)]
    assert [outcome for outcome in outcomes if outcome.violation] == []
    assert len({name for outcome in outcomes for name in outcome.met if name.endswith("all cells")}) >= 2
    assert max(outcome.figures.get(margins.PEAK, 0.0) for outcome in outcomes) > 100.0


@pytest.mark.long
@pytest.mark.timeout(1500)  # 290 massages: three minutes on a quiet core, and longer beside others
def test_whatever_can_be_drawn_is_drawn() -> None:
    met = {name for number in range(250) for name in run_massage(SEED, number, longest_s=15.0).met}
    met |= {name for number in range(40) for name in run_full_massage(SEED, number).met}
    assert never_drawn(met) <= {name for name in DRAWS if name.startswith("fault: ")}


def _massage(
    chance: random.Random, body: BodyParameters, *faults: Fault
) -> tuple[Bench, Judge, Callable[[float], None]]:
    bench = Bench(FaultyBody(body, 3, faults, chance))
    judge = Judge()
    host = Host(bench, judge, Manner(acts=0.0, silences=0.0), chance)
    host.upload(encode_program((step(60_000, 500, 400),)))

    def until(time_s: float) -> None:
        while bench.now_us < time_s * 1e6:
            host.pass_time(bench.now_us)
            judge_tick(bench, judge, host)

    return bench, judge, until


ONE_SIDED = BodyParameters(hand=HandParameters(target_kpa=2.5, symmetry=0.05, tremor_kpa=0.02, wander_kpa=0.02))


@pytest.mark.parametrize("cell", [0, 1])
def test_a_cell_that_is_stuck_high_over_a_light_head_raises_no_density(chance: random.Random, cell: int) -> None:
    _, judge, until = _massage(chance, ONE_SIDED, Fault(Kind.CELL_STUCK, 1_000_000, 2**40, cell, 351))
    until(8.0)
    assert 0.0 < judge.figures()["r.m.s. density, µA/cm²"] < 2000.0


def test_a_current_that_trusts_an_area_which_is_not_there_is_found_out(
    chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DensityLimit, "judge", _trusting)
    monkeypatch.setattr(ImpedanceLimit, "judge", _trusting)
    _, _, until = _massage(chance, ONE_SIDED, Fault(Kind.CELL_STUCK, 1_000_000, 2**40, 0, 351))
    with pytest.raises(ViolationError, match="current density"):
        until(8.0)


def _trusting(_self: object, _moment: Moment) -> Ruling:
    return FREE


LIFTING = BodyParameters(hand=HandParameters(target_kpa=3.5, lift_every=1, stroke_s=7.0, lift_s=0.5))
LIGHT = BodyParameters(hand=HandParameters(target_kpa=0.5, wander_kpa=0.05, lift_every=1, stroke_s=6.0))

#: All four cells at once: stuck at what they read, at much more from a landing on, and drifting to either side.
ALL_LIE = {
    "stuck in a contact": (LIFTING, Fault(Kind.CELL_STUCK, 6_000_000, 2**40, ALL_CELLS, 900)),
    "stuck in a landing": (LIFTING, Fault(Kind.CELL_STUCK, 0, 2**40, ALL_CELLS, 900, Event.LANDING, 40_000)),
    "stuck high in a landing": (LIGHT, Fault(Kind.CELL_STUCK, 0, 2**40, ALL_CELLS, 901, Event.LANDING, 20_000)),
    "drifting up": (LIFTING, Fault(Kind.CELL_DRIFTING, 4_000_000, 2**40, ALL_CELLS, 1500)),
    "drifting down": (LIFTING, Fault(Kind.CELL_DRIFTING, 4_000_000, 2**40, ALL_CELLS, 500)),
    "drifting up under a light hand": (LIGHT, Fault(Kind.CELL_DRIFTING, 0, 2**40, ALL_CELLS, 1999, Event.LANDING)),
}


@pytest.mark.parametrize("case", ALL_LIE)
def test_four_cells_that_lie_at_once_raise_no_density(chance: random.Random, case: str) -> None:
    body, fault = ALL_LIE[case]
    bench, judge, until = _massage(chance, body, fault)
    until(25.0)
    assert bench.body is not None
    assert judge.figures().get("r.m.s. density, µA/cm²", 0.0) < 1500.0


@pytest.mark.parametrize("case", [case for case in ALL_LIE if case != "drifting down"])
def test_a_firmware_that_trusts_four_cells_alone_is_found_out(
    chance: random.Random, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(SensorsAgree, "judge", _trusting)
    monkeypatch.setattr(ImpedanceLimit, "judge", _trusting)
    _, _, until = _massage(chance, *ALL_LIE[case])
    with pytest.raises(ViolationError, match=r"current density|direct current"):
        until(25.0)


@pytest.mark.parametrize("kind", [Kind.CELL_STUCK, Kind.CELL_DRIFTING])
def test_cells_that_live_again_have_their_current_back_after_a_lift(chance: random.Random, kind: Kind) -> None:
    bench, _, until = _massage(chance, LIFTING, Fault(kind, 6_000_000, 12_000_000, ALL_CELLS, 1400))
    until(12.0)
    assert bench.drive.peak_ua == 0.0
    until(21.0)
    assert bench.drive.peak_ua > 100.0


@pytest.mark.parametrize(
    ("frequency_hz", "factor"),
    [(6.3, 0.727), (12.5, 0.958), (31.5, 0.519), (63.0, 0.256), (100.0, 0.160), (160.0, 0.101)],
)
def test_vibration_is_weighted_as_the_standard_says(frequency_hz: float, factor: float) -> None:
    assert weighting(frequency_hz) == pytest.approx(factor, rel=0.02)


def test_eight_hours_at_one_acceleration_are_that_acceleration() -> None:
    shaken = delivered_by(OFF, acceleration_ms2=10.0 / weighting(100.0), vibration_hz=100.0)
    eight_hours, half_an_hour = Exposure(0, 150.0), Exposure(0, 150.0)
    eight_hours.add(8 * 3600 * 1_000_000, shaken)
    half_an_hour.add(1800 * 1_000_000, shaken)
    assert eight_hours.a8_ms2 == pytest.approx(10.0 * 2**0.5)
    assert half_an_hour.a8_ms2 == pytest.approx(10.0 * 2**0.5 / 4)


def test_a_whole_day_of_the_hardest_vibration_stays_under_the_action_value() -> None:
    assert 1.0 < Exposure(ceiling(CeilingId.DAY_VIBRATION) * 1_000_000, 150.0).a8_ms2 < 2.0


def test_every_ceiling_of_the_device_has_a_figure() -> None:
    assert {margin.of for margin in MARGINS} - {None} == set(CeilingId) - WITHOUT_FIGURE
    assert len({margin.name for margin in MARGINS}) == len(MARGINS)


def test_the_figures_say_how_close_it_came() -> None:
    figures = started().judge.figures()
    assert set(figures) <= {margin.name for margin in MARGINS}
    assert figures[margins.PEAK] == 300.0
    rows = margins.table({3: figures, 8: {margins.PEAK: 390.0, margins.REARM: 2500.0}})
    assert f"| {margins.PEAK} | 390 | ≤ 400 | 97.5% | electrode | 8 |" in rows
    assert f"| {margins.REARM} | 2500 | ≥ 2000 | 80.0% | answer | 8 |" in rows
    assert f"| {margins.WEAK} | never | ≥ 10 | | drive | |" in margins.table({})
