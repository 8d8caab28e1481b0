"""The analysis names a cell that goes bad in mid-massage and leaves it out; healthy cells stay."""

from __future__ import annotations

import numpy as np
import pytest

from glowsim.physics.hand.personas import PERSONAS
from glowtool.analysis.analyse import analyse
from glowtool.analysis.cells.faults import find_cell_faults
from glowtool.analysis.cells.removal import made_again, without_cells
from glowtool.model.heads import NEWTON_PER_KPA
from glowtool.stream.heads import Head
from support.logs.bad_cells import CELLS, FAULTS, recording, with_fault
from support.stack.lossy_strokes import massage

RATE_HZ = 200
AT = 25 * RATE_HZ
SECONDS = 60


@pytest.mark.parametrize(("number", "fault"), list(enumerate(FAULTS)))
def test_a_cell_that_goes_bad_is_named_and_left_out(number: int, fault: str) -> None:
    good = recording("gentle", 3, SECONDS)
    cell = CELLS[number % 4]
    broken = with_fault(good, cell, fault, AT, seed=number)
    (found,) = find_cell_faults(broken)
    assert found.cell == cell
    truth, seen = analyse(good), analyse(broken)
    assert [bad.cell for bad in seen.quality.bad_cells] == [cell]
    assert any("it is left out from" in remark or "from the beginning" in remark for remark in seen.quality.remarks)
    for key in ("mean_pressure_kpa", "pressure_time_kpa_s", "mean_force_n"):
        true, measured = truth.session.both[key], seen.session.both[key]
        assert true is not None
        assert measured == pytest.approx(true, rel=0.06), key
    assert seen.session.both["stroke_count"] == pytest.approx(truth.session.both["stroke_count"], abs=1)


@pytest.mark.parametrize("persona", PERSONAS)
def test_whole_cells_are_left_alone(persona: str) -> None:
    assert find_cell_faults(recording(persona, 3, SECONDS)) == ()


@pytest.mark.parametrize("tilt", [1.2, 1.5, 2.0])
def test_a_head_that_is_held_askew_has_no_bad_cell(tilt: float) -> None:
    good = recording("gentle", 3, SECONDS)
    cells = {**good.samples.cells_kpa}
    for front, rear in (("pressure_lf", "pressure_lr"), ("pressure_rr", "pressure_rf")):
        cells[front], cells[rear] = np.round(cells[front] * tilt, 2), np.round(cells[rear] / tilt, 2)
    assert find_cell_faults(made_again(good, cells)) == ()


def test_hard_pressing_to_the_end_of_the_range_is_no_bad_cell() -> None:
    good = recording("heavy-handed", 3, SECONDS)
    hard = {name: np.minimum(40.0, np.round(values * 5, 2)) for name, values in good.samples.cells_kpa.items()}
    assert find_cell_faults(made_again(good, hard)) == ()


def test_a_head_without_any_good_cell_has_no_pressure_from_then_on() -> None:
    good = recording("gentle", 3, SECONDS)
    broken = with_fault(with_fault(good, "pressure_lf", "stuck", AT, 1), "pressure_lr", "stuck", AT, 1)
    faults = find_cell_faults(broken)
    assert {fault.cell for fault in faults} == {"pressure_lf", "pressure_lr"}
    kept = without_cells(broken, faults)
    assert np.isnan(kept.samples.pressure_kpa[Head.LEFT][AT + 5 :]).all()
    assert not kept.samples.contact[Head.LEFT][AT + 5 :].any()
    assert kept.samples.contact[Head.RIGHT][AT:].any()
    assert sum("has no pressure from 25.0 s on" in remark for remark in analyse(broken).quality.remarks) == 2


def test_without_bad_cells_the_recording_is_the_same_one() -> None:
    good = recording("hasty", 3, SECONDS)
    assert without_cells(good, ()) is good


def test_mean_force_is_the_hands_own() -> None:
    _, strokes = massage(PERSONAS["gentle"], 3, SECONDS)
    summary = analyse(recording("gentle", 3, SECONDS)).session
    for at, side in enumerate((summary.left, summary.right)):
        lasted = [stroke.end_us - stroke.start_us for stroke in strokes]
        true_n = np.average([stroke.heads[at].mean_kpa * NEWTON_PER_KPA for stroke in strokes], weights=lasted)
        assert side["mean_force_n"] == pytest.approx(true_n, rel=0.1)
