"""The compilation of a routine to the program that a device runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import RANGES, Keyframe, Step
from glowtool.protocol.program import as_carried
from glowtool.routine.fields import PEAK_STEP_UA, PERCENT
from glowtool.routine.lines import Line, at_ms, line_of
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.model.face import Zone
    from glowtool.model.program import Program
    from glowtool.routine import models


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

    100 % is the person's maximum. A peak in µA is absolute: it is lowered to the maximum, in whole steps of the source,
    and left out when nothing remains. Numbers are rounded to the resolution of the protocol.
    """
    most = _Most(limit(CeilingId.PEAK_CURRENT), limit(CeilingId.VIBRATION_AMPLITUDE))
    if personal_max is not None:
        most = _Most(min(most.peak_ua, personal_max.peak_ua), min(most.amplitude, personal_max.amplitude))
    zones = _zones(routine)
    # Here, and not first in a driver: this one program is linted, published, judged by both gates, held against what
    # the roller reports, and logged as these records, whatever device runs it. A number that rounds up over a ceiling
    # would else be refused at the wire only, after the person has said yes and the log has begun.
    return as_carried(_step(step, zone, most) for step, zone in zip(routine.steps, zones, strict=True))


class _Most(NamedTuple):
    peak_ua: float
    amplitude: float


class _Levels(NamedTuple):
    """The four lines of a step, each in the units of a program."""

    amplitude: Line
    vibration_hz: Line
    peak_ua: Line
    current_hz: Line

    def at(self, moment_ms: int) -> Keyframe:
        return Keyframe(
            moment_ms / MILLISECONDS_PER_SECOND,
            self.amplitude.at(moment_ms),
            self.vibration_hz.at(moment_ms),
            round(self.peak_ua.at(moment_ms)),
            self.current_hz.at(moment_ms),
        )


def _zones(routine: models.Routine) -> Iterator[Zone]:
    """Yield the zone of each step. A program has no step without one: a rest has its neighbour's."""
    zone = next(step.zone for step in routine.steps if step.zone is not None)
    for step in routine.steps:
        zone = zone if step.zone is None else step.zone
        yield zone


def _step(asked: models.Step, zone: Zone, most: _Most) -> Step:
    vibration, current = asked.vibration, asked.microcurrent
    levels = _levels(asked, most)
    moments = dict.fromkeys(map(at_ms, asked.keyframes))
    begin, *later = (levels.at(moment) for moment in (0, *moments))
    changes = any(replace(point, at_s=begin.at_s) != begin for point in later)
    flows = any(point.peak_ua for point in (begin, *later))
    low_kpa, high_kpa = asked.band_kpa or (0.0, 0.0)
    return Step(
        zone=zone,
        direction=asked.direction,
        duration_s=asked.duration_s,
        amplitude=begin.amplitude,
        vibration_hz=begin.vibration_hz,
        pattern=vibration.pattern if vibration else Pattern.STEADY,
        period_s=vibration.period_s if vibration else RANGES["period_s"].low,
        peak_ua=begin.peak_ua,
        current_hz=begin.current_hz,
        waveform=current.waveform if current and flows else Waveform.NONE,
        ramp_s=asked.ramp_s,
        band_low_kpa=low_kpa,
        band_high_kpa=high_kpa,
        keyframes=tuple(later) if changes else (),
    )


def _levels(asked: models.Step, most: _Most) -> _Levels:
    vibration, current, keyframes = asked.vibration, asked.microcurrent, asked.keyframes

    def amplitude(percent: float | None) -> float | None:
        return None if percent is None else percent * most.amplitude / PERCENT

    def peak_ua(said: models.Microcurrent | models.Keyframe | None) -> float | None:
        wanted = None if said is None else said.peak_within_ua(most.peak_ua)
        return None if wanted is None else int(wanted // PEAK_STEP_UA) * PEAK_STEP_UA

    return _Levels(
        line_of(
            amplitude(vibration.amplitude_percent if vibration else 0) or 0.0,
            keyframes,
            lambda each: amplitude(each.amplitude_percent),
        ),
        line_of(
            vibration.frequency_hz if vibration else RANGES["vibration_hz"].low,
            keyframes,
            lambda each: each.vibration_hz,
        ),
        line_of(peak_ua(current) or 0.0, keyframes, peak_ua),
        line_of(
            current.frequency_hz if current else RANGES["current_hz"].low,
            keyframes,
            lambda each: each.current_hz,
        ),
    )
