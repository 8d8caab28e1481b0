"""The current source's voltage and current tell the load, and only what such a measurement can tell."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.contact.electrode import COMPLIANCE_V
from glowsim.physics.contact.sense import NOISE_V, UA_PER_COUNT, VOLT_PER_COUNT, SourceSense
from glowsim.physics.noise import noise_for
from glowsim.physics.types import Drive
from glowtool.model.output import Waveform

CURRENT = Drive(0.0, 0.0, 200.0, 20.0, Waveform.BIPHASIC_SQUARE)


@given(st.integers(0, 2**31), st.floats(20.0, 400.0), st.floats(1500.0, 150_000.0))
def test_voltage_over_current_is_the_load(seed: int, peak_ua: float, ohm: float) -> None:
    volt_raw, ua_raw = SourceSense(noise_for(seed, 2)).read(peak_ua, ohm)
    noise_ohm = 6.0 * NOISE_V / (peak_ua * 1e-6)
    assert abs(volt_raw * VOLT_PER_COUNT / (ua_raw * UA_PER_COUNT * 1e-6) - ohm) < 0.06 * ohm + noise_ohm
    assert abs(ua_raw * UA_PER_COUNT - peak_ua) < 0.03 * peak_ua + 1.0


def test_an_open_loop_takes_the_whole_supply_and_no_current() -> None:
    volt_raw, ua_raw = SourceSense(noise_for(1, 2)).read(0.0, math.inf)
    assert abs(volt_raw * VOLT_PER_COUNT - COMPLIANCE_V) < 2.0
    assert ua_raw <= 5


def test_a_source_that_drives_nothing_measures_nothing() -> None:
    body = Body(BodyParameters(), 1)
    body.press(3.5)
    for tick in range(1, 100):
        body.update(5000 * tick, Drive())
    assert body.update(500_000, Drive())[0].source_raw == (0, 0)
    sensed, delivered = body.update(505_000, CURRENT)
    volt_raw, ua_raw = sensed.source_raw
    assert delivered.peak_ua == 200.0
    ratio = volt_raw * VOLT_PER_COUNT / (ua_raw * UA_PER_COUNT * 1e-6) / (10.0 * sensed.impedance_raw)
    assert 0.95 < ratio < 1.05, "both see the same loop"
