"""The last stage before the outputs: whatever is wanted, nothing rises too fast or exceeds a cap."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from glowsim.physics.contact.electrode import SHAPES
from glowsim.physics.types import Drive
from glowtool.model.ceilings import CeilingId
from glowtool.model.output import Waveform
from glowtool.protocol.ceilings import ceiling

FULL_AMPLITUDE: Final = ceiling(CeilingId.VIBRATION_AMPLITUDE) / 1000
FULL_UA: Final = float(ceiling(CeilingId.PEAK_CURRENT))
SOFT_START_S: Final = ceiling(CeilingId.SOFT_START) / 1000

#: The step of the current source.
STEP_UA: Final = 10.0

#: A late tick must not raise an output by more than it may rise in this time.
LATE_S: Final = 0.02

#: Charge of a phase in µC and r.m.s. for a peak of 1 µA at 1 Hz, by waveform; a list, for speed.
_CHARGE: Final = [SHAPES[item].phase_mean * SHAPES[item].phase_share if item in SHAPES else 0.0 for item in Waveform]
_RMS: Final = [SHAPES[item].rms if item in SHAPES else 0.0 for item in Waveform]

_VIBRATION_HZ: Final = (
    ceiling(CeilingId.VIBRATION_FREQUENCY_MIN) / 10,
    ceiling(CeilingId.VIBRATION_FREQUENCY_MAX) / 10,
)
_CURRENT_HZ: Final = (ceiling(CeilingId.CURRENT_FREQUENCY_MIN) / 10, ceiling(CeilingId.CURRENT_FREQUENCY_MAX) / 10)


#: The most that the ceilings allow for the product of amplitude and frequency, and for the charge of one phase.
FULL_SHAKING: Final = FULL_AMPLITUDE * _VIBRATION_HZ[1] ** 2
FULL_UC: Final = FULL_UA * _CHARGE[Waveform.BIPHASIC_SQUARE] / _CURRENT_HZ[0]


class Cap(NamedTuple):
    """A cap on the outputs: absolute values, and a share of the outputs wanted."""

    amplitude_max: float = FULL_AMPLITUDE
    peak_ua_max: float = FULL_UA
    share: float = 1.0


OPEN_CAP: Final = Cap()
SHUT_CAP: Final = Cap(0.0, 0.0, 0.0)


def limit(previous: Drive, wanted: Drive, dt_s: float, cap: Cap, ramp_s: float = SOFT_START_S) -> Drive:
    """Return the outputs allowed `dt_s` after `previous`: under every cap, rising no faster than a soft start.

    That holds for amplitude and peak, and for everything else that a person feels: the acceleration, the r.m.s. of the
    current and the charge of one phase, also when the frequency or the waveform changes. `ramp_s` is a program's own
    time from zero to full; one shorter than the soft start's is ignored. Falls are immediate. Values that are not
    numbers count as zero; frequencies are clamped to the outputs' range.
    """
    rise = min(LATE_S, max(0.0, dt_s)) / max(SOFT_START_S, ramp_s)
    vibration_hz = _within(wanted.vibration_hz, _VIBRATION_HZ)
    current_hz = _within(wanted.current_hz, _CURRENT_HZ)
    amplitude = _bounded(
        wanted.amplitude * cap.share, min(cap.amplitude_max, FULL_AMPLITUDE), _risen(previous, vibration_hz, rise)
    )
    peak_ua = _bounded(
        wanted.peak_ua * cap.share,
        min(cap.peak_ua_max, FULL_UA),
        _risen_ua(previous, wanted.waveform, current_hz, rise),
    )
    vibration_hz = vibration_hz if amplitude > 0.0 else 0.0
    current_hz = current_hz if peak_ua > 0.0 else 0.0
    waveform = wanted.waveform if peak_ua > 0.0 else Waveform.NONE
    if (
        amplitude == previous.amplitude
        and peak_ua == previous.peak_ua
        and vibration_hz == previous.vibration_hz
        and current_hz == previous.current_hz
        and waveform is previous.waveform
        and wanted.cue is previous.cue
    ):
        return previous
    return Drive(amplitude, vibration_hz, peak_ua, current_hz, waveform, wanted.cue)


def quantised(level: Drive) -> Drive:
    """Return the drive as the hardware can deliver it: the current rounded down to its steps."""
    peak_ua = level.peak_ua - level.peak_ua % STEP_UA
    if peak_ua == 0.0:
        return Drive(level.amplitude, level.vibration_hz, 0.0, 0.0, Waveform.NONE, level.cue)
    if peak_ua == level.peak_ua:
        return level
    return Drive(level.amplitude, level.vibration_hz, peak_ua, level.current_hz, level.waveform, level.cue)


def _risen(previous: Drive, vibration_hz: float, rise: float) -> float:
    """Return the largest amplitude at which neither it nor the acceleration at this frequency rises too far."""
    risen = previous.amplitude + rise * FULL_AMPLITUDE
    if vibration_hz <= previous.vibration_hz or previous.amplitude == 0.0:
        return risen
    shaking = previous.amplitude * previous.vibration_hz**2 + rise * FULL_SHAKING
    return min(risen, shaking / vibration_hz**2)


def _risen_ua(previous: Drive, waveform: Waveform, current_hz: float, rise: float) -> float:
    """Return the largest peak at which neither it nor the r.m.s. or phase charge of this waveform rises too far."""
    if waveform is Waveform.NONE:
        return 0.0
    risen = previous.peak_ua + rise * FULL_UA
    if previous.peak_ua == 0.0 or (waveform is previous.waveform and current_hz == previous.current_hz):
        # Neither rises faster than the peak: full r.m.s. and full charge are those of a square wave.
        return risen
    rms_ua = previous.peak_ua * _RMS[previous.waveform] + rise * FULL_UA
    charge_uc = previous.peak_ua * _CHARGE[previous.waveform] / previous.current_hz + rise * FULL_UC
    return min(risen, rms_ua / _RMS[waveform], charge_uc / (_CHARGE[waveform] / current_hz))


def _bounded(wanted: float, cap: float, risen: float) -> float:
    if 0.0 <= wanted <= cap and wanted <= risen:
        return wanted
    return max(0.0, min(wanted, cap, risen)) if math.isfinite(wanted) else 0.0


def _within(value: float, bounds: tuple[float, float]) -> float:
    low, high = bounds
    if low <= value <= high:
        return value
    return high if math.isfinite(value) and value > high else low
