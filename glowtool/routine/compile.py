"""The compilation of a routine to the program that a device runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import RANGES, Step
from glowtool.protocol.program import as_carried
from glowtool.routine.models import PEAK_STEP_UA

if TYPE_CHECKING:
    from glowtool.model.program import Program
    from glowtool.routine import models

_PERCENT: Final = 100


class OutputMaximum(Protocol):
    """The largest outputs that a person wants; `glowtool.safety.PersonalMax` implements it."""

    @property
    def peak_ua(self) -> float:
        """Largest microcurrent peak in µA."""

    @property
    def amplitude(self) -> float:
        """Largest vibration amplitude as a share of full."""


def compile_routine(routine: models.Routine, personal_max: OutputMaximum | None = None) -> Program:
    """Return one step of a program for each step, with outputs within the person's maximum.

    100 % of amplitude is the person's maximum. A peak current is absolute: it is lowered to the maximum, in whole steps
    of the source, and left out when nothing remains. Numbers are rounded to the resolution of the protocol.
    """
    peak_ua, amplitude = limit(CeilingId.PEAK_CURRENT), limit(CeilingId.VIBRATION_AMPLITUDE)
    if personal_max is not None:
        peak_ua, amplitude = min(peak_ua, personal_max.peak_ua), min(amplitude, personal_max.amplitude)
    # Here, and not first in a driver: this one program is linted, published, judged by both gates, held against what
    # the roller reports, and logged as these records, whatever device runs it. A number that rounds up over a ceiling
    # would else be refused at the wire only, after the person has said yes and the log has begun.
    return as_carried(_step(step, peak_ua, amplitude) for step in routine.steps)


def _step(asked: models.Step, peak_max_ua: float, amplitude_max: float) -> Step:
    vibration, current = asked.vibration, asked.microcurrent
    peak_ua = _peak_ua(current, peak_max_ua)
    low_kpa, high_kpa = asked.band_kpa
    return Step(
        zone=asked.zone,
        direction=asked.direction,
        duration_s=asked.duration_s,
        amplitude=vibration.amplitude_percent * amplitude_max / _PERCENT if vibration else 0.0,
        vibration_hz=vibration.frequency_hz if vibration else RANGES["vibration_hz"].low,
        pattern=vibration.pattern if vibration else Pattern.STEADY,
        period_s=vibration.period_s if vibration else RANGES["period_s"].low,
        peak_ua=peak_ua,
        current_hz=current.frequency_hz if current else RANGES["current_hz"].low,
        waveform=current.waveform if current and peak_ua else Waveform.NONE,
        ramp_s=asked.ramp_s,
        band_low_kpa=low_kpa,
        band_high_kpa=high_kpa,
    )


def _peak_ua(current: models.Microcurrent | None, peak_max_ua: float) -> int:
    if current is None:
        return 0
    return min(current.peak_ua, int(peak_max_ua // PEAK_STEP_UA) * PEAK_STEP_UA)
