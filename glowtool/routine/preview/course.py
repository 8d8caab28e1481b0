"""The outputs of a program over time, as they come out: along the lines, no faster than the ramp, patterns as a range.

By the formulas of docs/reference/protocol.md, "What comes out". A roller holds back more where contact, pressure or
heat ask for it; nothing here gives more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Pattern, Waveform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.model.program import Program, Step

#: Full acceleration, in shares of full amplitude times Hz²: its rise is soft, too.
_FULL_SHAKING: Final = limit(CeilingId.VIBRATION_FREQUENCY_MAX) ** 2
_FULL_UA: Final = limit(CeilingId.PEAK_CURRENT)

#: How much of the ramp's rise over its period a pattern takes at most, as the roller does it.
_MARGIN: Final = 0.9
_RISING: Final[Mapping[Pattern, float]] = {
    Pattern.STEADY: 0.0,
    Pattern.PULSE: 0.25,
    Pattern.WAVE: 1 / math.pi,
    Pattern.RAMP: 1.0,
}

#: The r.m.s. of a waveform, and the charge of one of its phases at 1 Hz, for a peak of 1.
_RMS: Final[Mapping[Waveform, float]] = {
    Waveform.NONE: 1.0,
    Waveform.BIPHASIC_SQUARE: 1.0,
    Waveform.BIPHASIC_PULSE: math.sqrt(1 / 10),
    Waveform.MODULATED: math.sqrt(1 / 2),
}
_CHARGE: Final[Mapping[Waveform, float]] = {
    Waveform.NONE: 1.0,
    Waveform.BIPHASIC_SQUARE: 1 / 2,
    Waveform.BIPHASIC_PULSE: 1 / 20,
    Waveform.MODULATED: 1 / math.pi,
}
#: The largest charge of a phase, that of a square wave at the lowest frequency.
_FULL_CHARGE: Final = _FULL_UA * _CHARGE[Waveform.BIPHASIC_SQUARE] / limit(CeilingId.CURRENT_FREQUENCY_MIN)

_TICK_S: Final = 0.1


class Moment(NamedTuple):
    """The outputs at one moment: the amplitude and the lowest of its pattern as shares of full, the peak in µA."""

    at_s: float
    amplitude: float
    lowest: float
    peak_ua: float
    vibration_hz: float
    current_hz: float = 0.0
    waveform: Waveform = Waveform.NONE


def course_of(program: Program, tick_s: float = _TICK_S) -> tuple[Moment, ...]:
    """Return the outputs of a program that runs without pauses, every tick from 0 on, and at its end."""
    found: list[Moment] = [Moment(0.0, 0.0, 0.0, 0.0, program[0].vibration_hz if program.steps else 0.0)]
    begin_s = 0.0
    for step in program:
        duration_s = step.duration_ms / 1000
        ticks = max(1, math.ceil(duration_s / tick_s))
        for number in range(1, ticks + 1):
            inside_s = duration_s * number / ticks
            found.append(_next(found[-1], step, begin_s + inside_s, inside_s, duration_s / ticks))
        begin_s += duration_s
    return (*found, found[-1]._replace(amplitude=0.0, lowest=0.0, peak_ua=0.0))


def corners(course: tuple[Moment, ...]) -> Iterator[Moment]:
    """Yield the moments at which a line of the course bends; between them it goes straight."""
    yield course[0]
    for before, moment, after in zip(course, course[1:], course[2:], strict=False):
        if after.at_s <= moment.at_s or _bends(before, moment, after):
            yield moment
    yield course[-1]


def _next(before: Moment, step: Step, at_s: float, inside_s: float, passed_s: float) -> Moment:
    wanted = step.levels_at(inside_s)
    rise = passed_s / step.ramp_s
    amplitude = min(wanted.amplitude, before.amplitude + rise)
    if before.amplitude > 0 and wanted.vibration_hz > before.vibration_hz:
        shaking = before.amplitude * before.vibration_hz**2 + rise * _FULL_SHAKING
        amplitude = min(amplitude, shaking / wanted.vibration_hz**2)
    depth = min(wanted.amplitude, _MARGIN * _RISING[step.pattern] * step.period_s / step.ramp_s)
    lowest = min(amplitude, wanted.amplitude - depth)
    peak_ua = min(wanted.peak_ua, before.peak_ua + rise * _FULL_UA)
    if before.peak_ua > 0 and (step.waveform, wanted.current_hz) != (before.waveform, before.current_hz):
        rms = before.peak_ua * _RMS[before.waveform] + rise * _FULL_UA
        charge = before.peak_ua * _CHARGE[before.waveform] / before.current_hz + rise * _FULL_CHARGE
        most = charge * wanted.current_hz / _CHARGE[step.waveform]
        peak_ua = min(peak_ua, rms / _RMS[step.waveform], most)
    return Moment(at_s, amplitude, lowest, peak_ua, wanted.vibration_hz, wanted.current_hz, step.waveform)


def _bends(before: Moment, moment: Moment, after: Moment) -> bool:
    first_s, then_s = moment.at_s - before.at_s, after.at_s - moment.at_s
    # In shares of full a second; what is less is rounding.
    one, other = _slopes(before, moment, first_s), _slopes(moment, after, then_s)
    return any(abs(a - b) > 1e-7 for a, b in zip(one, other, strict=True))


def _slopes(one: Moment, other: Moment, passed_s: float) -> tuple[float, float, float]:
    return (
        (other.amplitude - one.amplitude) / passed_s,
        (other.lowest - one.lowest) / passed_s,
        (other.peak_ua - one.peak_ua) / _FULL_UA / passed_s,
    )
