"""From a routine to the step records that a roller runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from glowtool.model.output import Pattern, Waveform
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.program import StepRecord
from glowtool.protocol.wire import layout
from glowtool.routine.models import PEAK_STEP_UA
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.routine.models import Microcurrent, Routine, Step, Vibration

_PER_MILLE: Final = 1000

#: What a record holds where an output rests: the smallest value that the wire takes.
_AT_REST: Final = {item.name: item.wire.minimum for item in layout(StepRecord)}


class OutputMaximum(Protocol):
    """The largest outputs that a person wants: `glowtool.safety.PersonalMax` is one."""

    @property
    def peak_ua(self) -> int:
        """Largest microcurrent peak in µA."""

    @property
    def amplitude_permille(self) -> int:
        """Largest vibration amplitude in ‰ of full."""


def compile_routine(routine: Routine, personal_max: OutputMaximum | None = None) -> tuple[StepRecord, ...]:
    """Return one step record for each step, with outputs within the person's maximum.

    100 % of amplitude is the person's maximum. A peak current is a quantity: it is lowered to the maximum, in whole
    steps of the source, and left out when nothing remains. Durations are rounded to 1 ms, frequencies to 0.1 Hz.
    """
    peak_ua = ceiling(CeilingId.PEAK_CURRENT)
    amplitude_permille = ceiling(CeilingId.VIBRATION_AMPLITUDE)
    if personal_max is not None:
        peak_ua = min(peak_ua, personal_max.peak_ua)
        amplitude_permille = min(amplitude_permille, personal_max.amplitude_permille)
    return tuple(_record(step, peak_ua, amplitude_permille) for step in routine.steps)


def _record(step: Step, peak_max_ua: int, amplitude_max_permille: int) -> StepRecord:
    vibration, current = step.vibration, step.microcurrent
    peak_ua = _peak_ua(current, peak_max_ua)
    low_kpa, high_kpa = step.band_kpa
    return StepRecord(
        zone=step.zone,
        direction=step.direction,
        pattern=vibration.pattern if vibration else Pattern.STEADY,
        waveform=current.waveform if current and peak_ua else Waveform.NONE,
        duration_ms=step.duration_ms,
        amplitude_permille=_amplitude_permille(vibration, amplitude_max_permille),
        vibration_dhz=round(vibration.frequency_hz * 10) if vibration else _AT_REST["vibration_dhz"],
        pattern_period_ms=_ms(vibration.period_s) if vibration else _AT_REST["pattern_period_ms"],
        peak_ua=peak_ua,
        current_dhz=round(current.frequency_hz * 10) if current else _AT_REST["current_dhz"],
        ramp_ms=_ms(step.ramp_s),
        band_low=round(low_kpa * 100),
        band_high=round(high_kpa * 100),
    )


def _ms(time_s: float) -> int:
    return round(time_s * MILLISECONDS_PER_SECOND)


def _peak_ua(current: Microcurrent | None, peak_max_ua: int) -> int:
    if current is None:
        return 0
    return min(current.peak_ua, peak_max_ua // PEAK_STEP_UA * PEAK_STEP_UA)


def _amplitude_permille(vibration: Vibration | None, amplitude_max_permille: int) -> int:
    if vibration is None:
        return 0
    return round(vibration.amplitude_percent * 10 * amplitude_max_permille / _PER_MILLE)
