"""The steps that most tests start from, in people's units and as wire records; a test replaces what matters to it."""

from dataclasses import replace
from typing import Final

from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import Step
from glowtool.protocol.program import StepRecord

#: A gentle vibration for a second, without current.
VIBRATION: Final = Step(
    zone=Zone.CHEEK_LEFT,
    direction=Direction.UPWARD,
    duration_s=1.0,
    amplitude=0.3,
    vibration_hz=75.0,
    pattern=Pattern.STEADY,
    period_s=1.0,
    peak_ua=0,
    current_hz=10.0,
    waveform=Waveform.NONE,
    ramp_s=4.0,
    band_low_kpa=2.0,
    band_high_kpa=5.0,
)

#: Both outputs for a second.
BOTH_OUTPUTS: Final = replace(VIBRATION, amplitude=0.4, peak_ua=120, waveform=Waveform.BIPHASIC_SQUARE)

#: Both outputs for a minute, as a record of the wire.
RECORD: Final = StepRecord(
    zone=Zone.CHEEK_LEFT,
    direction=Direction.UPWARD,
    pattern=Pattern.STEADY,
    waveform=Waveform.BIPHASIC_SQUARE,
    duration_ms=60_000,
    amplitude_permille=300,
    vibration_dhz=750,
    pattern_period_ms=1000,
    peak_ua=80,
    current_dhz=100,
    ramp_ms=4000,
    band_low=200,
    band_high=500,
)
