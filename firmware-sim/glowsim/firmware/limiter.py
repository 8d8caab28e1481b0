"""The last thing before the outputs: whatever is wanted, nothing rises too fast or passes a cap."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from glowsim.physics.types import Drive
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.vocabulary import Waveform

FULL_AMPLITUDE: Final = ceiling(CeilingId.VIBRATION_AMPLITUDE) / 1000
FULL_UA: Final = float(ceiling(CeilingId.PEAK_CURRENT))
SOFT_START_S: Final = ceiling(CeilingId.SOFT_START) / 1000

#: The current source's step.
STEP_UA: Final = 10.0

#: A tick that came late must not raise an output by more than this much time's worth.
LATE_S: Final = 0.02

_VIBRATION_HZ: Final = (
    ceiling(CeilingId.VIBRATION_FREQUENCY_MIN) / 10,
    ceiling(CeilingId.VIBRATION_FREQUENCY_MAX) / 10,
)
_CURRENT_HZ: Final = (ceiling(CeilingId.CURRENT_FREQUENCY_MIN) / 10, ceiling(CeilingId.CURRENT_FREQUENCY_MAX) / 10)


class Cap(NamedTuple):
    """How much of the outputs is allowed: absolute caps, and a share of what is wanted."""

    amplitude_max: float = FULL_AMPLITUDE
    peak_ua_max: float = FULL_UA
    share: float = 1.0


OPEN_CAP: Final = Cap()
SHUT_CAP: Final = Cap(0.0, 0.0, 0.0)


def limit(previous: Drive, wanted: Drive, dt_s: float, cap: Cap, ramp_s: float = SOFT_START_S) -> Drive:
    """Return what the outputs may do `dt_s` after `previous`: under every cap, rising no faster than a soft start.

    `ramp_s` is a program's own time from zero to full; a shorter one than the soft start's does not count. Falls are
    immediate. Values that are no numbers count as zero; frequencies are brought into the outputs' range.
    """
    rise = min(LATE_S, max(0.0, dt_s)) / max(SOFT_START_S, ramp_s)
    amplitude = _bounded(
        wanted.amplitude * cap.share, min(cap.amplitude_max, FULL_AMPLITUDE), previous.amplitude + rise * FULL_AMPLITUDE
    )
    peak_ua = _bounded(wanted.peak_ua * cap.share, min(cap.peak_ua_max, FULL_UA), previous.peak_ua + rise * FULL_UA)
    if wanted.waveform is Waveform.NONE:
        peak_ua = 0.0
    vibration_hz = _within(wanted.vibration_hz, _VIBRATION_HZ) if amplitude > 0.0 else 0.0
    current_hz = _within(wanted.current_hz, _CURRENT_HZ) if peak_ua > 0.0 else 0.0
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
    """Return the drive that the hardware can do at most: the current in its steps, rounded down."""
    peak_ua = level.peak_ua - level.peak_ua % STEP_UA
    if peak_ua == 0.0:
        return Drive(level.amplitude, level.vibration_hz, 0.0, 0.0, Waveform.NONE, level.cue)
    if peak_ua == level.peak_ua:
        return level
    return Drive(level.amplitude, level.vibration_hz, peak_ua, level.current_hz, level.waveform, level.cue)


def _bounded(wanted: float, cap: float, risen: float) -> float:
    if 0.0 <= wanted <= cap and wanted <= risen:
        return wanted
    return max(0.0, min(wanted, cap, risen)) if math.isfinite(wanted) else 0.0


def _within(value: float, bounds: tuple[float, float]) -> float:
    low, high = bounds
    if low <= value <= high:
        return value
    return high if math.isfinite(value) and value > high else low
