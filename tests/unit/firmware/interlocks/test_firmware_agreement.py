"""Cells and electrodes are compared with each other, and a contradiction between them is found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.interlocks.agreement import SensorsAgree
from glowsim.firmware.interlocks.rule import FREE, Ruling
from glowsim.firmware.sensors.readings import OPEN_COUNTS
from glowsim.physics.types import TICK_US
from glowtool.model.state import Interlock
from support.device.contact_trial import EVEN, OPEN, OPEN_US, Pressed, Trial, cells, skin_raw

STILL_READINGS = 16
CLEAR_US = 50_000


def believed() -> Trial:
    """Return the rule after a lift and a contact in which both sensors agree."""
    trial = Trial(SensorsAgree())
    trial.lift()
    trial.feel(cells(EVEN), skin_raw(EVEN))
    assert trial.verdict is FREE
    return trial


def refuses(trial: Trial) -> bool:
    """Return whether there is no current, neither now nor in a contact that is as it should be, until the next lift."""
    for verdict in (trial.verdict, trial.feel(cells(EVEN), skin_raw(EVEN), 1_000_000)):
        if verdict.cap.peak_ua_max != 0.0:
            return False
        assert verdict.flag is Interlock.NO_CONTACT
        assert verdict.cap.amplitude_max == 1.0
    assert trial.lift() is FREE
    return trial.feel(cells(EVEN), skin_raw(EVEN)) is FREE


def test_cells_are_believed_after_both_sensors_said_that_nothing_touches() -> None:
    trial = Trial(SensorsAgree())
    trial.feel(cells(EVEN), skin_raw(EVEN), 1_000_000)
    assert refuses(trial)


@pytest.mark.parametrize("cell", range(4))
def test_a_cell_that_reads_something_in_the_air_proves_nothing(cell: int) -> None:
    trial = Trial(SensorsAgree())
    raws = [2, 2, 2, 2]
    raws[cell] = 30
    a, b, c, d = raws
    assert trial.feel((a, b, c, d), OPEN, 100_000).cap.peak_ua_max == 0.0


def test_a_lift_that_lasts_for_a_moment_only_proves_nothing() -> None:
    trial = Trial(SensorsAgree())
    for _ in range(5):
        trial.lift(CLEAR_US - TICK_US)
        assert trial.feel(cells(EVEN), skin_raw(EVEN)).cap.peak_ua_max == 0.0


def test_an_open_loop_between_heads_that_touch_is_a_contradiction_but_not_at_once() -> None:
    trial = believed()
    assert trial.feel(cells(EVEN), OPEN, OPEN_US) is FREE, "a landing, the tissue comes after"
    trial.feel(cells(EVEN), OPEN)
    assert refuses(trial)


@pytest.mark.parametrize("away", [Pressed(3.5, 0.1), Pressed(0.1, 3.5)])
def test_an_open_loop_under_a_head_that_is_lifted_is_none(away: Pressed) -> None:
    trial = believed()
    assert trial.feel(cells(away), OPEN, 2 * OPEN_US) is FREE


def test_short_contradictions_add_up_when_they_come_often_and_are_forgotten_when_they_do_not() -> None:
    trial = believed()
    for _ in range(10):
        assert trial.feel(cells(EVEN), OPEN, OPEN_US // 2) is FREE
        assert trial.feel(cells(EVEN), skin_raw(EVEN), 2 * OPEN_US) is FREE
    trial.feel(cells(EVEN), OPEN, OPEN_US // 2)
    trial.feel(cells(EVEN), skin_raw(EVEN), OPEN_US // 8)
    trial.feel(cells(EVEN), OPEN, OPEN_US - 2 * TICK_US)
    trial.feel(cells(EVEN), skin_raw(EVEN), OPEN_US // 8)
    assert refuses(trial)


@pytest.mark.parametrize("still", [(0, 1), (2, 3), (0, 1, 2, 3)], ids=["left", "right", "both"])
@pytest.mark.parametrize("share", [0.9, 1.1])
def test_a_contact_that_changes_under_cells_that_stand_still_is_a_contradiction(
    still: tuple[int, ...], share: float
) -> None:
    trial = believed()
    raw = skin_raw(EVEN)

    def tick(number: int, raw: int) -> Ruling:
        a, b, c, d = (350 if cell in still else 351 + number % 2 for cell in range(4))
        return trial.exactly((a, b, c, d), raw)

    for number in range(STILL_READINGS + 1):
        assert tick(number, raw) is FREE, "an impedance that stands still as well contradicts nothing"
    tick(0, round(share * raw))
    assert refuses(trial)


@given(
    st.lists(st.integers(60, OPEN_COUNTS - 1), min_size=2 * STILL_READINGS, max_size=60),
    st.sampled_from((0, 1)),
    st.sampled_from((2, 3)),
    st.integers(1, STILL_READINGS),
)
def test_heads_of_which_one_cell_lives_are_believed_whatever_the_impedance_does(
    impedances: list[int], left: int, right: int, seldom: int
) -> None:
    trial = believed()
    for number, raw in enumerate(impedances):
        noise = number // seldom % 2
        a, b, c, d = (351 + noise if cell in (left, right) else 350 for cell in range(4))
        assert trial.exactly((a, b, c, d), raw) is FREE
