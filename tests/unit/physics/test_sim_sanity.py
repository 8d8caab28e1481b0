"""Energy, heat and contact of the simulated body make physical sense, whatever the numbers."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.physics.battery import OPEN_CIRCUIT_V, Battery, BatteryParameters, open_circuit_v
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.cells import RAW_FULL, CellParameters, Cells
from glowsim.physics.contact.area import Contact
from glowsim.physics.contact.electrode import loop_ohm
from glowsim.physics.contact.skin import Skin, SkinParameters
from glowsim.physics.heat import Head
from glowsim.physics.motor import Motor
from glowsim.physics.noise import noise_for
from glowsim.physics.source import sources
from glowsim.physics.types import IMPEDANCE_OPEN, Cue, Drive
from glowtool.model.face import Direction
from glowtool.model.heads import settled_area_cm2
from glowtool.model.output import Waveform
from pages.body import PARAMETERS

EXACT = CellParameters(
    gain_tolerance=0.0, offset_kpa=0.0, noise_kpa=0.0, hysteresis_kpa=0.0, thermal_kpa_per_k=0.0, wander_kpa=0.0
)
BUSY = Drive(1.0, 75.0, 400.0, 20.0, Waveform.BIPHASIC_SQUARE)
SHARE = st.floats(0.0, 1.0)
AREA = st.floats(0.05, 4.5)
WORKING = replace(BUSY, cue=Cue(0, Direction.UPWARD))


@pytest.mark.parametrize(("title", "parameters"), PARAMETERS)
def test_every_parameter_says_its_unit_and_its_source(title: str, parameters: type) -> None:
    said = list(sources(parameters))
    assert len(said) == len(fields(parameters))
    assert all(source.unit and source.text for _, _, source in said), title


@given(AREA, AREA, SHARE, SHARE)
def test_impedance_falls_with_area_and_with_moisture(area: float, other: float, dry: float, wet: float) -> None:
    dry, wet = sorted((dry, wet))
    dry_ohm, wet_ohm = (SkinParameters(moisture).contact_ohm_cm2 for moisture in (dry, wet))
    assert loop_ohm(wet_ohm, area, other) <= loop_ohm(dry_ohm, area, other)
    assert loop_ohm(dry_ohm, area + 0.1, other) < loop_ohm(dry_ohm, area, other)


@given(st.lists(st.floats(0.0, 40.0), min_size=1, max_size=60))
def test_contact_area_stays_between_nothing_and_what_the_pressure_can_make(pressures: list[float]) -> None:
    contact = Contact()
    most = settled_area_cm2(max(pressures))
    for pressure_kpa in pressures:
        assert 0.0 <= contact.update(0.005, pressure_kpa) <= most + 1e-9


@given(moisture=SHARE, bare=SHARE, drying_s=st.floats(1.0, 7200.0), steps=st.integers(1, 50))
def test_gel_dries_towards_bare_skin_and_never_past_it(
    moisture: float, bare: float, drying_s: float, steps: int
) -> None:
    skin = Skin(SkinParameters(moisture, bare_moisture=bare, drying_s=drying_s))
    seen = [skin.moisture]
    for _ in range(steps):
        skin.update(30.0)
        seen.append(skin.moisture)
    assert all(after <= before for before, after in pairwise(seen))
    assert seen[-1] >= min(moisture, bare)
    assert skin.contact_ohm_cm2 >= SkinParameters(moisture).contact_ohm_cm2


def test_drying_does_not_depend_on_the_step_in_time() -> None:
    coarse, fine = Skin(SkinParameters(1.0)), Skin(SkinParameters(1.0))
    coarse.update(600.0)
    for _ in range(12_000):
        fine.update(0.05)
    assert fine.moisture == pytest.approx(coarse.moisture, rel=1e-9)
    assert fine.moisture == pytest.approx(0.3 + 0.7 * 0.6065, abs=0.001)


@given(st.floats(0.0, 100.0), st.floats(0.0, 1.0), st.floats(-10.0, 45.0))
def test_a_loaded_battery_sags_more_the_more_it_gives_and_the_colder_it_is(
    percent: float, amplitude: float, celsius: float
) -> None:
    idle, loaded, cold = (Battery(percent, charging=False, temperature_c=each) for each in (celsius, celsius, -20.0))
    idle.update(0.05, Drive(), celsius)
    loaded.update(0.05, replace(BUSY, amplitude=amplitude), celsius)
    cold.update(0.05, replace(BUSY, amplitude=amplitude), celsius)
    assert cold.voltage_v <= loaded.voltage_v <= idle.voltage_v <= open_circuit_v(idle.percent)
    assert 0.0 < loaded.supply_share <= 1.0


@given(st.floats(30.0, 100.0), st.floats(0.0, 1.0), st.integers(1, 600))
def test_charge_taken_is_load_times_time(percent: float, amplitude: float, seconds: int) -> None:
    battery, usual = Battery(percent, charging=False), BatteryParameters()
    for _ in range(seconds):
        battery.update(1.0, replace(BUSY, amplitude=amplitude))
    load_ma = usual.base_ma + usual.source_ma + usual.motor_ma * amplitude
    assert (percent - battery.percent) / 100.0 * usual.capacity_mah == pytest.approx(load_ma * seconds / 3600.0)


def test_a_charge_tapers_off_and_ends_full() -> None:
    battery = Battery(20.0, charging=True)
    gains = []
    for _ in range(240):
        before = battery.percent
        battery.update(60.0, Drive())
        gains.append(battery.percent - before)
    assert gains[0] > 0.7
    assert all(after <= before + 1e-9 for before, after in pairwise(gains))
    assert battery.percent == pytest.approx(100.0)
    assert max(battery.temperature_c, 26.0) < 40.0


def test_the_voltage_at_rest_rises_with_charge() -> None:
    volts = [open_circuit_v(percent / 2) for percent in range(201)]
    assert all(before < after for before, after in pairwise(volts))
    assert (volts[0], volts[-1]) == (OPEN_CIRCUIT_V[0][1], OPEN_CIRCUIT_V[-1][1])


@given(
    start_c=st.floats(0.0, 45.0),
    air_c=st.floats(0.0, 45.0),
    skin_c=st.floats(25.0, 45.0),
    contact_cm2=st.floats(0.0, 4.5),
    dt_s=st.floats(0.001, 3600.0),
)
def test_without_a_motor_a_head_stays_between_what_surrounds_it(
    start_c: float, air_c: float, skin_c: float, contact_cm2: float, dt_s: float
) -> None:
    head = Head(start_c)
    around = [start_c, air_c, *([skin_c] if contact_cm2 else [])]
    for _ in range(5):
        head.update(dt_s, air_c=air_c, skin_c=skin_c, contact_cm2=contact_cm2, amplitude=0.0)
        assert min(around) - 1e-9 <= head.temperature_c <= max(around) + 1e-9


def test_motor_and_contact_warm_the_heads() -> None:
    lying, shaken, pressed = Head(23.0), Head(23.0), Head(23.0)
    for _ in range(600):
        lying.update(1.0, air_c=23.0, skin_c=33.0, contact_cm2=0.0, amplitude=0.0)
        shaken.update(1.0, air_c=23.0, skin_c=33.0, contact_cm2=0.0, amplitude=1.0)
        pressed.update(1.0, air_c=23.0, skin_c=33.0, contact_cm2=1.0, amplitude=0.0)
    assert lying.temperature_c == pytest.approx(23.0)
    assert 24.0 < shaken.temperature_c < 27.0
    assert 31.0 < pressed.temperature_c < 33.0


@given(st.lists(st.tuples(SHARE, st.floats(40.0, 150.0)), min_size=1, max_size=40), SHARE)
def test_a_motor_never_gives_more_than_it_was_asked_for(drives: list[tuple[float, float]], supply: float) -> None:
    motor, most, fastest = Motor(), 0.0, 0.0
    for amplitude, hz in drives:
        motor.update(0.005, amplitude, hz, supply)
        most, fastest = max(most, min(amplitude, supply)), max(fastest, hz)
        assert 0.0 <= motor.amplitude <= most + 1e-12
        assert motor.vibration_hz <= fastest + 1e-9
        assert motor.shaking_ms2(1.0) <= motor.acceleration_ms2


def test_hysteresis_reads_higher_on_the_way_down_than_on_the_way_up() -> None:
    cells = Cells(replace(EXACT, hysteresis_kpa=0.2), noise_for(1, 1))
    up = [cells.sense((kpa, kpa, kpa, kpa))[0] for kpa in (0.0, 1.0, 2.0, 3.0, 4.0)]
    down = [cells.sense((kpa, kpa, kpa, kpa))[0] for kpa in (3.0, 2.0, 1.0)]
    assert up == [0, 90, 190, 290, 390]
    assert down == [310, 210, 110]


@given(st.lists(st.floats(0.0, 60.0), min_size=2, max_size=50))
def test_a_cell_without_noise_follows_within_half_its_hysteresis(pressures: list[float]) -> None:
    cells = Cells(replace(EXACT, hysteresis_kpa=0.1), noise_for(1, 1))
    for kpa in pressures:
        raw = cells.sense((kpa, kpa, kpa, kpa))[2]
        assert 0 <= raw <= RAW_FULL
        assert abs(raw - min(RAW_FULL, 100.0 * kpa)) <= 5.0 + 0.5 + 1e-6


def test_zeros_drift_with_time_and_with_warmth() -> None:
    cells = Cells(replace(EXACT, wander_kpa=0.05), noise_for(1, 1))
    for _ in range(60 * 20):
        cells.drift(1.0, 25.0, 25.0)
    assert any(abs(raw - 500) > 3 for raw in cells.sense((5.0, 5.0, 5.0, 5.0)))
    warm = Cells(replace(EXACT, thermal_kpa_per_k=0.05), noise_for(1, 1))
    warm.drift(1.0, 25.0, 35.0)
    left, rear, *right = warm.sense((5.0, 5.0, 5.0, 5.0))
    assert (left, rear) == (500, 500)
    assert all(abs(raw - 500) > 3 for raw in right)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), moisture=SHARE)
def test_a_working_body_gives_what_is_asked_and_no_more(seed: int, moisture: float) -> None:
    body = Body(BodyParameters(skin=SkinParameters(moisture)), seed)
    for tick in range(600):
        sensed, delivered = body.update(tick * 5000, WORKING)
        assert delivered.peak_ua <= WORKING.peak_ua
        assert delivered.amplitude <= WORKING.amplitude
        # The least contact on dry skin is beyond what the channel can tell from an open loop.
        assert sensed.impedance_raw == IMPEDANCE_OPEN or delivered.contact_area_cm2 > 0.0
        assert (delivered.peak_ua == 0.0) == (delivered.contact_area_cm2 == 0.0)
