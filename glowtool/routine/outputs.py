"""What the two outputs do during a step: their levels at its beginning, and the keyframes that they go to."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import RANGES
from glowtool.routine.fields import (
    DEFAULT_CURRENT_HZ,
    DEFAULT_VIBRATION_HZ,
    PERCENT,
    Amplitude,
    CurrentHz,
    Model,
    Peak,
    PeakPercent,
    VibrationHz,
    mistake,
    span,
)
from glowtool.routine.names import Named

_PEAK_WAYS = f"peak_ua, 0 to {RANGES['peak_ua'].high:g} µA, or peak_percent, 0 to 100 %, not both"


class Vibration(Model):
    """The motor's work during a step."""

    amplitude_percent: Amplitude = Field(
        description="amplitude; 100 is the person's own maximum. 0: a keyframe begins the vibration"
    )
    frequency_hz: VibrationHz = Field(default=DEFAULT_VIBRATION_HZ, description="frequency, rounded to 0.1 Hz")
    pattern: Annotated[Pattern, Named(tuple(Pattern))] = Field(
        default=Pattern.STEADY, description="how the amplitude goes over one period"
    )
    period_s: Annotated[float, span("period_s")] = Field(
        default=1.0, description="period of the pattern; without meaning when steady"
    )


class Microcurrent(Model):
    """The current between the two heads during a step: its peak in µA or in percent of the person's own maximum."""

    peak_ua: Peak | None = Field(
        default=None,
        description="peak of the current; lowered to the person's own maximum. 0: a keyframe begins the current",
    )
    peak_percent: PeakPercent | None = Field(
        default=None, description="peak of the current, in place of `peak_ua`; 100 is the person's own maximum"
    )
    frequency_hz: CurrentHz = Field(default=DEFAULT_CURRENT_HZ, description="frequency, rounded to 0.1 Hz")
    waveform: Annotated[Waveform, Named(tuple(shape for shape in Waveform if shape is not Waveform.NONE))] = Field(
        default=Waveform.BIPHASIC_SQUARE, description="shape of the current; every shape is charge-balanced"
    )

    @model_validator(mode="after")
    def _one_peak(self) -> Self:
        if self.peak_ua is None and self.peak_percent is None:
            raise mistake("peak_missing", "is missing", at=("peak_ua",), allowed=_PEAK_WAYS)
        if self.peak_ua is not None and self.peak_percent is not None:
            raise mistake("peak_twice", "says the peak a second time", at=("peak_percent",), allowed=_PEAK_WAYS)
        return self

    @property
    def begins_at_zero(self) -> bool:
        """Whether no current flows before a keyframe begins it."""
        return not self.peak_ua and not self.peak_percent

    def peak_within_ua(self, most_ua: float) -> float:
        """Return the peak for a person whose own maximum is `most_ua`."""
        return _within(self.peak_ua, self.peak_percent, most_ua) or 0.0


class Keyframe(Model):
    """The levels at one moment of a step. A number that it leaves out is not touched: its line goes on to the next."""

    at_s: float = Field(gt=0, le=limit(CeilingId.STEP_DURATION), description="how long after the beginning of the step")
    amplitude_percent: Amplitude | None = Field(default=None, description="amplitude of the vibration then")
    vibration_hz: VibrationHz | None = Field(default=None, description="frequency of the vibration then")
    peak_ua: Peak | None = Field(default=None, description="peak of the current then")
    peak_percent: PeakPercent | None = Field(
        default=None, description="peak of the current then, in percent of the person's own maximum"
    )
    current_hz: CurrentHz | None = Field(default=None, description="frequency of the current then")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.peak_ua is not None and self.peak_percent is not None:
            raise mistake("peak_twice", "says the peak a second time", at=("peak_percent",), allowed=_PEAK_WAYS)
        if not self.of_vibration and not self.of_current:
            raise mistake(
                "keyframe_empty",
                "names no level",
                at=(),
                allowed="at least one of amplitude_percent, vibration_hz, peak_ua, peak_percent, current_hz",
            )
        return self

    @property
    def of_vibration(self) -> str:
        """The key that speaks of the vibration; empty: none does."""
        return _given(amplitude_percent=self.amplitude_percent, vibration_hz=self.vibration_hz)

    @property
    def of_current(self) -> str:
        """The key that speaks of the current; empty: none does."""
        return _given(peak_ua=self.peak_ua, peak_percent=self.peak_percent, current_hz=self.current_hz)

    def peak_within_ua(self, most_ua: float) -> float | None:
        """Return the peak for a person whose own maximum is `most_ua`; None: the keyframe does not touch it."""
        return _within(self.peak_ua, self.peak_percent, most_ua)


def _given(**levels: float | None) -> str:
    return next((name for name, level in levels.items() if level is not None), "")


def _within(peak_ua: int | None, peak_percent: float | None, most_ua: float) -> float | None:
    if peak_ua is not None:
        return min(peak_ua, most_ua)
    return None if peak_percent is None else peak_percent * most_ua / PERCENT
