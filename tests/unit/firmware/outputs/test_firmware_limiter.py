"""The limiter alone lets nothing above a ceiling pass, whatever is wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.outputs.limiter import FULL_UA, OPEN_CAP, SHUT_CAP, Cap, limit, quantised
from glowsim.physics.types import Drive
from glowtool.model.output import Waveform

ANYTHING = st.floats(allow_nan=True, allow_infinity=True)
WANTED = st.builds(Drive, ANYTHING, ANYTHING, ANYTHING, ANYTHING, st.sampled_from(Waveform))
CAPS = st.builds(Cap, st.floats(0.0, 1.0), st.floats(0.0, 400.0), st.floats(0.0, 1.0))
FULL = Drive(1.0, 75.0, 400.0, 10.0, Waveform.BIPHASIC_SQUARE)


@given(
    wanted=st.lists(st.tuples(WANTED, CAPS, st.floats(0.0, 10.0), st.floats(0.0, 60.0)), max_size=40),
)
def test_no_sequence_of_wishes_passes_a_cap_or_rises_too_fast(
    wanted: list[tuple[Drive, Cap, float, float]],
) -> None:
    level = Drive()
    for wish, cap, dt_s, ramp_s in wanted:
        previous, level = level, limit(level, wish, dt_s, cap, ramp_s)
        counted_s = min(dt_s, 0.02)
        assert 0.0 <= level.amplitude <= min(cap.amplitude_max, previous.amplitude + counted_s / 4 + 1e-9)
        assert 0.0 <= level.peak_ua <= min(cap.peak_ua_max, previous.peak_ua + FULL_UA * counted_s / 4 + 1e-9)
        assert level.amplitude == 0.0 or 40.0 <= level.vibration_hz <= 150.0
        assert level.peak_ua == 0.0 or (1.0 <= level.current_hz <= 100.0 and level.waveform is not Waveform.NONE)


def test_a_fall_is_immediate() -> None:
    assert limit(FULL, Drive(), 0.005, OPEN_CAP).quiet
    assert limit(FULL, FULL, 0.005, SHUT_CAP).quiet


def test_a_share_halves_what_is_wanted_and_stays_there() -> None:
    level = FULL
    for _ in range(10):
        level = limit(level, FULL, 0.005, Cap(share=0.5))
    assert (level.amplitude, level.peak_ua) == (0.5, 200.0)


def test_full_output_takes_the_soft_start_or_a_longer_ramp() -> None:
    for ramp_s, ticks in ((0.0, 800), (4.0, 800), (8.0, 1600)):
        level = Drive()
        for _ in range(ticks - 1):
            level = limit(level, FULL, 0.005, OPEN_CAP, ramp_s)
        assert level.amplitude < 1.0
        level = limit(limit(level, FULL, 0.005, OPEN_CAP, ramp_s), FULL, 0.005, OPEN_CAP, ramp_s)
        assert level.amplitude == pytest.approx(1.0)


@given(st.floats(0.0, 400.0))
def test_the_source_moves_in_its_steps_and_never_above_the_level(peak_ua: float) -> None:
    drive = quantised(Drive(0.3, 75.0, peak_ua, 10.0, Waveform.MODULATED))
    assert peak_ua - 10.0 < drive.peak_ua <= peak_ua
    assert drive.peak_ua % 10.0 == 0.0
    assert (drive.waveform is Waveform.NONE) == (drive.peak_ua == 0.0)
