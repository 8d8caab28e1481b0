"""Cells and electrodes held against one another: what they contradict, and how small a contact must be."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from glowsim.firmware.interlocks.agreement import SensorsAgree
from glowsim.firmware.interlocks.contact import SETTLE_US, trusted_area_cm2
from glowsim.firmware.interlocks.impedance import TISSUE_OHM, ImpedanceLimit
from glowsim.firmware.interlocks.rule import FREE, Moment, Rule, Ruling
from glowsim.firmware.sensors.readings import OPEN_COUNTS, read
from glowsim.physics.contact.area import Contact
from glowsim.physics.contact.electrode import impedance_raw, loop_ohm
from glowsim.physics.contact.skin import DRY_OHM_CM2, WET_OHM_CM2
from glowsim.physics.contact.skin import TISSUE_OHM as TRUE_TISSUE_OHM
from glowsim.physics.types import IMPEDANCE_OPEN, TICK_US, Sensed
from glowtool.model.heads import settled_area_cm2
from glowtool.model.state import Interlock
from support.device.firmware_bench import AIR, SKIN

DENSITY_UA_CM2 = 2000.0
OPEN_US = 200_000
STILL_READINGS = 16
CLEAR_US = 50_000
MOIST_OHM_CM2 = 3300.0


class Pressed(NamedTuple):
    """Pressure of the left and of the right head in kPa."""

    left: float
    right: float

    def plus(self, kpa: float) -> Pressed:
        return Pressed(self.left + kpa, self.right + kpa)

    @property
    def smaller_cm2(self) -> float:
        return settled_area_cm2(min(self))


EVEN = Pressed(3.5, 3.5)
NOTHING = Pressed(0.02, 0.02)
OPEN = IMPEDANCE_OPEN


def cells(claimed: Pressed) -> tuple[int, int, int, int]:
    left, right = round(100 * claimed.left), round(100 * claimed.right)
    return left, left, right, right


def skin_raw(true: Pressed, contact_ohm_cm2: float = MOIST_OHM_CM2) -> int:
    """Return the count of the impedance through contacts that have settled under their true pressures."""
    return impedance_raw(loop_ohm(contact_ohm_cm2, settled_area_cm2(true.left), settled_area_cm2(true.right)))


class Trial:
    """One rule under readings that last for a time, with the noise of cells that live."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._now_us = 0
        self.uses_current = True
        self.verdict = FREE

    def feel(self, cells_raw: tuple[int, int, int, int], raw: int, time_us: int = TICK_US) -> Ruling:
        """Let the rule judge the same readings for a time; return its last verdict."""
        a, b, c, d = cells_raw
        for number in range(max(1, time_us // TICK_US)):
            noise = number % 2
            self.exactly((a + noise, b, c, d + noise), raw)
        return self.verdict

    def exactly(self, cells_raw: tuple[int, int, int, int], raw: int) -> Ruling:
        """Let the rule judge one tick without noise."""
        return self.tick(replace(SKIN, cells_raw=cells_raw, impedance_raw=raw))

    def tick(self, felt: Sensed) -> Ruling:
        """Let the rule judge one tick of anything that is felt."""
        self._now_us += TICK_US
        readings = read(felt, felt.cells_raw)
        self.verdict = self._rule.judge(Moment(self._now_us, readings, running=True, uses_current=self.uses_current))
        return self.verdict

    def land(
        self,
        at: Pressed,
        contact_ohm_cm2: float = MOIST_OHM_CM2,
        claimed: Pressed | None = None,
        off_kpa: float = NOTHING.left,
    ) -> Ruling:
        """Set the roller down within 80 ms, and let the tissue follow.

        `claimed` is what cells say that do not live, `off_kpa` what others read too much.
        """
        left, right = Contact(), Contact()
        for tick in range(1, 41):
            touch = min(1.0, tick / 16)
            true = Pressed(at.left * touch, at.right * touch)
            areas = (left.update(TICK_US * 1e-6, true.left), right.update(TICK_US * 1e-6, true.right))
            self.feel(
                cells(true.plus(off_kpa) if claimed is None else claimed),
                impedance_raw(loop_ohm(contact_ohm_cm2, *areas)),
            )
        return self.verdict

    def lift(self, time_us: int = 2 * SETTLE_US) -> Ruling:
        return self.feel(AIR.cells_raw, OPEN, time_us)


# How small a contact must be, by the impedance


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


# What cells and electrodes contradict


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
