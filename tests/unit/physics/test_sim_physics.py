"""Each part of the simulated roller agrees with what is known of such a part."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.physics.battery import Battery
from glowsim.physics.cells import CellParameters, Cells
from glowsim.physics.contact.area import Contact
from glowsim.physics.contact.electrode import COMPLIANCE_V, flow, impedance_raw, loop_ohm
from glowsim.physics.contact.skin import SkinParameters
from glowsim.physics.heat import Head
from glowsim.physics.motor import Motor
from glowsim.physics.noise import noise_for
from glowsim.physics.travel import travel_raw
from glowsim.physics.types import IMPEDANCE_OPEN, Drive
from glowtool.model.heads import NEWTON_PER_KPA, settled_area_cm2
from glowtool.model.output import Waveform

EXACT = CellParameters(
    gain_tolerance=0.0, offset_kpa=0.0, noise_kpa=0.0, hysteresis_kpa=0.0, thermal_kpa_per_k=0.0, wander_kpa=0.0
)
CURRENT = Drive(0.0, 0.0, 100.0, 10.0, Waveform.BIPHASIC_SQUARE)


def test_a_perfect_cell_counts_hundredths_of_a_kpa_and_saturates_at_forty() -> None:
    cells = Cells(EXACT, noise_for(1, 1))
    assert cells.sense((0.0, 3.5, 39.999, 55.0)) == (0, 350, 4000, 4000)


def test_a_real_cell_scatters_about_the_truth() -> None:
    cells = Cells(CellParameters(), noise_for(1, 1))
    readings = [cells.sense((3.5, 3.5, 3.5, 3.5)) for _ in range(500)]
    means = [sum(column) / len(readings) for column in zip(*readings, strict=True)]
    assert means == pytest.approx([350] * 4, abs=15)
    assert len({reading[0] for reading in readings}) > 3
    assert len(set(means)) == 4


def test_contact_is_about_a_square_centimetre_at_two_newton() -> None:
    assert settled_area_cm2(2.0 / NEWTON_PER_KPA) == pytest.approx(1.0)
    assert settled_area_cm2(0.0) == 0.0


@given(st.floats(0.01, 40.0), st.floats(0.01, 40.0))
def test_more_force_is_more_area(one: float, other: float) -> None:
    assert (settled_area_cm2(one) < settled_area_cm2(other)) == (one < other)


def test_tissue_recovers_more_slowly_than_the_head_lifts_and_then_breaks_off() -> None:
    contact = Contact()
    for _ in range(100):
        contact.update(0.005, 4.0)
    areas = [contact.update(0.005, 0.0) for _ in range(40)]
    assert areas[0] > 0.6 * settled_area_cm2(4.0)
    assert all(after <= before for before, after in pairwise(areas))
    assert areas[-1] == 0.0


def test_wet_skin_conducts_better_than_dry_and_an_open_loop_reads_as_the_maximum() -> None:
    dry, wet = (loop_ohm(SkinParameters(moisture).contact_ohm_cm2, 1.0, 1.0) for moisture in (0.0, 1.0))
    assert dry > 10 * wet
    assert impedance_raw(loop_ohm(SkinParameters().contact_ohm_cm2, 1.0, 0.0)) == IMPEDANCE_OPEN
    assert impedance_raw(2504.0) == 250
    assert impedance_raw(1e9) == IMPEDANCE_OPEN


def test_a_square_wave_carries_half_a_period_of_charge_each_way_nearly_balanced() -> None:
    flowing = flow(CURRENT, 5000.0, 0.5)
    positive, negative = flowing.phase_charge_uc
    assert flowing.peak_ua == 100.0
    assert positive == pytest.approx(100e-6 * 0.05 * 1e6)
    assert 0.0 < (positive - negative) / positive < 0.01
    assert flowing.density_rms_ua_cm2 == pytest.approx(200.0)


@pytest.mark.parametrize("waveform", [Waveform.BIPHASIC_PULSE, Waveform.MODULATED])
def test_other_waveforms_are_gentler_than_a_square_wave(waveform: Waveform) -> None:
    square, other = flow(CURRENT, 5000.0, 0.5), flow(replace(CURRENT, waveform=waveform), 5000.0, 0.5)
    assert other.phase_charge_uc[0] < square.phase_charge_uc[0]
    assert other.density_rms_ua_cm2 < square.density_rms_ua_cm2


def test_no_contact_or_no_drive_is_no_current_and_the_supply_bounds_it() -> None:
    assert flow(CURRENT, math.inf, 0.0).peak_ua == 0.0
    assert flow(Drive(), 5000.0, 1.0).peak_ua == 0.0
    assert flow(CURRENT, 2e6, 0.1).peak_ua == pytest.approx(COMPLIANCE_V / 2e6 * 1e6)


def test_the_motor_follows_with_a_lag_and_stops_well_within_its_time() -> None:
    motor = Motor()
    motor.update(0.005, 1.0, 75.0)
    assert 0.0 < motor.amplitude < 0.3
    for _ in range(100):
        motor.update(0.005, 1.0, 75.0)
    assert motor.amplitude == pytest.approx(1.0, abs=0.001)
    assert motor.acceleration_ms2 == pytest.approx(8.0, rel=0.01)
    ticks = 0
    while motor.amplitude:
        motor.update(0.005, 0.0, 0.0)
        ticks += 1
    assert ticks * 0.005 < 0.1
    assert motor.acceleration_ms2 == 0.0


def test_acceleration_grows_with_the_square_of_the_frequency() -> None:
    slow, fast = Motor(), Motor()
    for _ in range(200):
        slow.update(0.005, 0.5, 50.0)
        fast.update(0.005, 0.5, 100.0)
    assert fast.acceleration_ms2 == pytest.approx(4 * slow.acceleration_ms2)


def test_outputs_drain_the_battery_and_the_charger_fills_it() -> None:
    idle, busy, charged = Battery(50.0, charging=False), Battery(50.0, charging=False), Battery(99.0, charging=True)
    for _ in range(600):
        idle.update(1.0, Drive())
        busy.update(1.0, replace(CURRENT, amplitude=1.0))
        charged.update(6.0, Drive())
    assert busy.percent < idle.percent < 50.0
    assert charged.percent == 100.0


def test_a_head_warms_slowly_towards_the_skin() -> None:
    head = Head(23.0)
    head.update(1.0, air_c=23.0, skin_c=33.0, contact_cm2=1.0, amplitude=0.0)
    assert 230 < head.raw < 235
    for _ in range(400):
        head.update(1.0, air_c=33.0, skin_c=33.0, contact_cm2=1.0, amplitude=0.0)
    assert head.raw == 330


@given(st.integers(-(10**7), 10**7))
def test_the_encoder_goes_round_at_sixteen_bits(counts: int) -> None:
    raw = travel_raw(counts / 10 + 0.05)
    assert -0x8000 <= raw <= 0x7FFF
    assert (raw - counts) % 0x1_0000 == 0
