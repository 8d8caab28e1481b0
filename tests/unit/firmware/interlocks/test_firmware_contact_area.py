"""The impedance bounds the area of contact, whatever area the cells claim."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from glowsim.firmware.interlocks.contact import SETTLE_US, trusted_area_cm2
from glowsim.firmware.interlocks.impedance import TISSUE_OHM, ImpedanceLimit
from glowsim.firmware.interlocks.rule import FREE
from glowsim.firmware.sensors.readings import OPEN_COUNTS
from glowsim.physics.contact.electrode import impedance_raw, loop_ohm
from glowsim.physics.contact.skin import DRY_OHM_CM2, WET_OHM_CM2
from glowsim.physics.contact.skin import TISSUE_OHM as TRUE_TISSUE_OHM
from glowtool.model.state import Interlock
from support.device.contact_trial import EVEN, OPEN, Pressed, Trial, cells, skin_raw
from support.device.firmware_bench import SKIN

MOIST_OHM_CM2 = 3300.0
DENSITY_UA_CM2 = 2000.0


def limited(contact_ohm_cm2: float = MOIST_OHM_CM2, at: Pressed = EVEN) -> Trial:
    """Return the limit by impedance after a lift and a contact that has settled, both sensors telling the truth."""
    trial = Trial(ImpedanceLimit())
    trial.lift()
    trial.land(at, contact_ohm_cm2)
    trial.feel(cells(at), skin_raw(at, contact_ohm_cm2), 2 * SETTLE_US)
    return trial


SKINS = st.floats(WET_OHM_CM2, DRY_OHM_CM2)
PRESSURES = st.builds(Pressed, st.floats(0.5, 13.0), st.floats(0.5, 13.0))
LIGHT = st.builds(Pressed, st.floats(0.1, 13.0), st.floats(0.1, 13.0))


@given(SKINS, PRESSURES)
def test_cells_that_tell_the_truth_lose_little_by_the_impedance(contact_ohm_cm2: float, at: Pressed) -> None:
    verdict = limited(contact_ohm_cm2, at).verdict
    assert verdict is FREE or min(at) < 1.5
    assert verdict.cap.peak_ua_max >= 0.55 * min(400.0, DENSITY_UA_CM2 * trusted_area_cm2(min(at)))


@given(SKINS, PRESSURES, LIGHT, st.floats(0.0, 6.0))
def test_cells_that_begin_to_claim_more_stand_for_no_area(
    contact_ohm_cm2: float, at: Pressed, then: Pressed, drift_kpa: float
) -> None:
    trial = limited(contact_ohm_cm2, at)
    raw = skin_raw(then, contact_ohm_cm2)
    assume(raw < OPEN_COUNTS)
    verdict = trial.feel(cells(then.plus(max(0.3, drift_kpa))), raw, 2 * SETTLE_US)
    assert verdict.cap.peak_ua_max <= 1.05 * DENSITY_UA_CM2 * 0.5 * then.smaller_cm2
    assert verdict is FREE or verdict.flag in {Interlock.CURRENT_DENSITY, Interlock.NO_CONTACT}


@given(SKINS, LIGHT, st.floats(0.0, 0.28), st.floats(0.0, 0.01))
@example(MOIST_OHM_CM2, Pressed(0.15, 0.15), 0.28, 0.0)
def test_cells_that_are_off_when_they_are_believed_stand_for_no_area(
    contact_ohm_cm2: float, at: Pressed, zero_kpa: float, since_kpa: float
) -> None:
    raw, claimed = skin_raw(at, contact_ohm_cm2), at.plus(zero_kpa + since_kpa)
    assume(raw < OPEN_COUNTS)
    assume(min(claimed) > 0.31)
    trial = Trial(ImpedanceLimit())
    trial.feel(cells(Pressed(zero_kpa, zero_kpa)), OPEN, 2 * SETTLE_US)
    trial.land(at, contact_ohm_cm2, off_kpa=zero_kpa + since_kpa)
    verdict = trial.feel(cells(claimed), raw, 2 * SETTLE_US)
    assert verdict.cap.peak_ua_max <= 1.15 * DENSITY_UA_CM2 * 0.5 * at.smaller_cm2


def test_a_skin_that_gets_wet_is_known_to_be_wet() -> None:
    trial = limited(DRY_OHM_CM2)
    trial.feel(cells(EVEN), skin_raw(EVEN, WET_OHM_CM2), SETTLE_US)
    light = Pressed(0.2, 0.2)
    verdict = trial.feel(cells(EVEN), skin_raw(light, WET_OHM_CM2), SETTLE_US)
    assert verdict.cap.peak_ua_max <= 1.05 * DENSITY_UA_CM2 * 0.5 * light.smaller_cm2


@pytest.mark.parametrize("contact_ohm_cm2", [MOIST_OHM_CM2, DRY_OHM_CM2])
def test_a_contact_that_shrinks_is_taken_for_what_it_will_be_at_the_next_tick(contact_ohm_cm2: float) -> None:
    trial = limited(contact_ohm_cm2)
    area_cm2 = EVEN.smaller_cm2
    for _ in range(6):
        # As fast as tissue can let go of a head that is away at once.
        area_cm2 *= 0.75
        raw = impedance_raw(loop_ohm(contact_ohm_cm2, area_cm2, EVEN.smaller_cm2))
        peak_ua_max = trial.exactly(cells(EVEN), raw).cap.peak_ua_max
        assert peak_ua_max <= 1.05 * DENSITY_UA_CM2 * 0.5 * 0.75 * area_cm2 or peak_ua_max == 400.0
        assert peak_ua_max < DENSITY_UA_CM2 * 0.75 * area_cm2


def test_a_current_that_begins_in_mid_contact_meets_a_skin_that_is_known() -> None:
    trial = Trial(ImpedanceLimit())
    trial.uses_current = False
    trial.lift()
    trial.land(EVEN)
    trial.feel(cells(EVEN), skin_raw(EVEN), 2_000_000)
    trial.uses_current = True
    assert trial.feel(cells(EVEN), skin_raw(EVEN)) is FREE
    trial.uses_current = False
    light = Pressed(0.3, 0.3)
    drifted = cells(EVEN), skin_raw(light), 2 * SETTLE_US
    assert trial.feel(*drifted) is FREE
    trial.uses_current = True
    assert trial.feel(*drifted).cap.peak_ua_max <= DENSITY_UA_CM2 * 0.5 * light.smaller_cm2


def test_a_load_that_the_impedance_hides_bounds_the_current() -> None:
    trial = limited()
    light = Pressed(0.6, 0.6)
    raw = skin_raw(EVEN)
    felt = replace(SKIN, cells_raw=cells(EVEN), impedance_raw=raw, source_raw=(skin_raw(light) * 4, 4000))
    verdict = trial.tick(felt)
    assert verdict.cap.peak_ua_max <= DENSITY_UA_CM2 * light.smaller_cm2 / 2


def test_the_tissue_counts_for_no_less_than_it_takes() -> None:
    assert TISSUE_OHM >= TRUE_TISSUE_OHM


@given(SKINS, LIGHT, st.floats(0.3, 13.0))
def test_cells_that_stand_still_in_a_landing_stand_for_no_area(
    contact_ohm_cm2: float, at: Pressed, claimed_kpa: float
) -> None:
    assume(skin_raw(at, contact_ohm_cm2) < OPEN_COUNTS)
    trial = Trial(ImpedanceLimit())
    trial.lift()
    trial.land(at, contact_ohm_cm2, claimed=Pressed(claimed_kpa, claimed_kpa))
    # Heads that differ, and cells that claim for each the mean of both, are the worst: there is no margin left then.
    by_cells_ua = DENSITY_UA_CM2 * trusted_area_cm2(claimed_kpa)
    assert min(by_cells_ua, trial.verdict.cap.peak_ua_max) <= DENSITY_UA_CM2 * at.smaller_cm2


@given(st.floats(0.05, 13.0), st.floats(0.3, 13.0))
def test_a_contact_that_is_there_at_once_is_trusted_as_far_as_the_wettest_skin(true_kpa: float, kpa: float) -> None:
    trial, at = Trial(ImpedanceLimit()), Pressed(true_kpa, true_kpa)
    trial.lift()
    assume(skin_raw(at, WET_OHM_CM2) < OPEN_COUNTS)
    verdict = trial.feel(cells(Pressed(kpa, kpa)), skin_raw(at, WET_OHM_CM2), 3 * SETTLE_US)
    assert min(DENSITY_UA_CM2 * trusted_area_cm2(kpa), verdict.cap.peak_ua_max) <= DENSITY_UA_CM2 * at.smaller_cm2


def test_a_skin_that_gets_wet_after_cells_stood_still_is_known_to_be_wet() -> None:
    trial = limited()
    light = Pressed(0.5, 0.5)
    # The hand is lighter, and nobody says so; then gel makes the impedance what it was.
    trial.feel(cells(EVEN), skin_raw(light), SETTLE_US)
    wet_ohm_cm2 = MOIST_OHM_CM2 * light.smaller_cm2 / EVEN.smaller_cm2
    verdict = trial.feel(cells(EVEN), skin_raw(light, wet_ohm_cm2), SETTLE_US)
    assert verdict.cap.peak_ua_max <= 1.05 * DENSITY_UA_CM2 * 0.5 * light.smaller_cm2


def test_after_cells_and_impedance_have_parted_there_is_no_current_until_a_lift() -> None:
    trial = limited()
    trial.feel(cells(EVEN), skin_raw(Pressed(0.3, 0.3)), 2 * SETTLE_US)
    verdict = trial.feel(cells(EVEN), skin_raw(EVEN), 10 * SETTLE_US)
    assert (verdict.cap.peak_ua_max, verdict.flag) == (0.0, Interlock.NO_CONTACT)
    trial.feel(cells(Pressed(3.5, 0.35)), OPEN, 2 * SETTLE_US)
    assert trial.land(EVEN).cap.peak_ua_max == 0.0, "that was no lift"
    trial.lift()
    assert trial.land(EVEN) is FREE


def test_after_a_lift_the_skin_may_be_another() -> None:
    trial = limited(WET_OHM_CM2)
    dry = skin_raw(EVEN, DRY_OHM_CM2)
    assert trial.feel(cells(EVEN), dry, 2 * SETTLE_US).cap.peak_ua_max < 100.0
    trial.lift()
    trial.land(EVEN, DRY_OHM_CM2)
    assert trial.feel(cells(EVEN), dry, 2 * SETTLE_US) is FREE


@pytest.mark.parametrize(
    ("raw", "claimed"),
    [(OPEN, Pressed(3.5, 0.25)), (OPEN, Pressed(0.35, 0.35)), (850, Pressed(0.02, 0.02))],
    ids=["one head only", "cells that are off", "a loop that stays closed"],
)
def test_what_only_one_of_the_sensors_calls_a_lift_changes_nothing(raw: int, claimed: Pressed) -> None:
    trial = limited()
    trial.feel(cells(claimed), raw, 2 * SETTLE_US)
    light = Pressed(0.3, 0.3)
    verdict = trial.feel(cells(EVEN), skin_raw(light), 2 * SETTLE_US)
    assert verdict.cap.peak_ua_max <= DENSITY_UA_CM2 * 0.5 * light.smaller_cm2


def test_an_impedance_less_than_the_tissue_alone_is_no_reason_for_more() -> None:
    trial = limited()
    assert trial.feel(cells(Pressed(0.5, 0.5)), 0, SETTLE_US).cap.peak_ua_max < 300.0
    assert trial.feel(cells(EVEN), skin_raw(EVEN), SETTLE_US).cap.peak_ua_max < 10.0
