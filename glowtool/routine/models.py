"""The models of a routine, against which its file is validated.

Ranges come from the step in `glowtool.model`, so that every valid routine fits into a program.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.face import COUNTED, Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import MAX_STEPS, RANGES
from glowtool.routine.names import Named
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

#: The current source steps in 10 µA; a routine that asks for values between would not get them.
PEAK_STEP_UA: Final = 10

#: Text without control characters: files come from other people, and control characters would steer the terminal.
_LINE: Final = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_LINES: Final = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"

_BAND_MAX_KPA: Final = limit(CeilingId.PRESSURE_HALF)
_PERCENT: Final = 100


class Goal(enum.Enum):
    """The purpose of a routine."""

    INTRODUCTION = enum.auto()
    BLOOD_CIRCULATION = enum.auto()
    RELAXATION = enum.auto()
    LYMPHATIC_DRAINAGE = enum.auto()
    PRODUCT_ABSORPTION = enum.auto()
    MUSCLE_TONE = enum.auto()
    FINE_LINES = enum.auto()


def _range(name: str, per_unit: int = 1, *, low: float | None = None) -> FieldInfo:
    """Return the range of a number of a step, in a unit of which `per_unit` make one of the step's."""
    bounds = RANGES[name]
    found: FieldInfo = Field(ge=bounds.low * per_unit if low is None else low, le=bounds.high * per_unit)
    return found


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Vibration(_Model):
    """The motor's work during a step."""

    amplitude_percent: Annotated[float, _range("amplitude", _PERCENT, low=1)] = Field(
        description="amplitude; 100 is the person's own maximum"
    )
    frequency_hz: Annotated[float, _range("vibration_hz")] = Field(
        description="frequency, rounded to 0.1 Hz",
    )
    pattern: Annotated[Pattern, Named(tuple(Pattern))] = Field(
        default=Pattern.STEADY, description="how the amplitude goes over one period"
    )
    period_s: Annotated[float, _range("period_s")] = Field(
        default=1.0, description="period of the pattern; without meaning when steady"
    )


class Microcurrent(_Model):
    """The current between the two heads during a step."""

    peak_ua: Annotated[int, _range("peak_ua", low=PEAK_STEP_UA)] = Field(
        multiple_of=PEAK_STEP_UA, description="peak of the current; lowered to the person's own maximum"
    )
    frequency_hz: Annotated[float, _range("current_hz")] = Field(description="frequency, rounded to 0.1 Hz")
    waveform: Annotated[Waveform, Named(tuple(shape for shape in Waveform if shape is not Waveform.NONE))] = Field(
        default=Waveform.BIPHASIC_SQUARE, description="shape of the current; every shape is charge-balanced"
    )


class Step(_Model):
    """One zone of the face, for some time, with the outputs of motor and current there."""

    title: str = Field(min_length=1, max_length=60, pattern=_LINE, description="what the live view calls the step")
    zone: Annotated[Zone, Named(tuple(Zone))] = Field(description="where on the face; left and right are the wearer's")
    direction: Annotated[Direction, Named(tuple(Direction))] = Field(
        default=Direction.ANY, description="direction of the strokes"
    )
    duration_s: Annotated[float, _range("duration_s")] = Field(description="how long the step lasts, rounded to 1 ms")
    vibration: Vibration | None = Field(default=None, description="left out: the motor rests")
    microcurrent: Microcurrent | None = Field(default=None, description="left out: no current flows")
    ramp_s: Annotated[float, _range("ramp_s")] = Field(
        default=limit(CeilingId.SOFT_START),
        description="time that an output takes from zero to full",
    )
    band_kpa: tuple[
        Annotated[float, Field(ge=0, le=_BAND_MAX_KPA)], Annotated[float, Field(ge=0, le=_BAND_MAX_KPA)]
    ] = Field(
        # Strict mode would require a Python tuple, which TOML does not have.
        strict=False,
        description="pressure asked for, lower and upper edge; over the upper limit the roller halves its outputs",
        json_schema_extra={"x-allowed": f"two numbers, low then high, 0 to {_BAND_MAX_KPA:g} kPa"},
    )
    cue: str = Field(min_length=1, max_length=120, pattern=_LINE, description="what the coach tells the person to do")
    strokes_per_min: float | None = Field(
        default=None, ge=1, le=120, description=f"strokes a minute asked for: {COUNTED}"
    )

    @field_validator("band_kpa")
    @classmethod
    def _low_before_high(cls, band_kpa: tuple[float, float]) -> tuple[float, float]:
        if band_kpa[0] >= band_kpa[1]:
            raise PydanticCustomError("band_order", "has its lower edge at or above its upper edge")
        return band_kpa

    @property
    def duration_ms(self) -> int:
        """The duration in whole milliseconds, as in a program."""
        return round(self.duration_s * MILLISECONDS_PER_SECOND)


class Routine(_Model):
    """A massage from start to end: its name, its purpose, and its steps in order."""

    name: str = Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=40,
        description="what the command line calls the routine",
        json_schema_extra={
            "x-allowed": "lower-case letters and digits, words joined by hyphens, at most 40 characters"
        },
    )
    title: str = Field(min_length=1, max_length=60, pattern=_LINE, description="name for people")
    goal: Annotated[Goal, Named(tuple(Goal))] = Field(description="what the routine is for")
    description: str = Field(
        min_length=1, max_length=2000, pattern=_LINES, description="what it does, in a few sentences"
    )
    sources: tuple[Annotated[str, Field(pattern=_LINE)], ...] = Field(
        default=(), strict=False, description="where its numbers come from"
    )
    steps: tuple[Step, ...] = Field(
        strict=False, min_length=1, max_length=MAX_STEPS, description="the steps, in the order in which they run"
    )

    @field_validator("steps")
    @classmethod
    def _within_a_massage(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        limit_s = limit(CeilingId.MASSAGE_DURATION)
        total_ms = sum(step.duration_ms for step in steps)
        if total_ms > limit_s * MILLISECONDS_PER_SECOND:
            raise PydanticCustomError(
                "massage_duration",
                "last {total_s} s together",
                {"total_s": f"{total_ms / MILLISECONDS_PER_SECOND:g}", "allowed": f"at most {limit_s:g} s together"},
            )
        return steps

    @property
    def duration_s(self) -> float:
        """The duration of all steps together, in seconds."""
        return sum(step.duration_ms for step in self.steps) / MILLISECONDS_PER_SECOND

    @property
    def uses_microcurrent(self) -> bool:
        """Whether current flows in any step, so that gel is needed."""
        return any(step.microcurrent is not None for step in self.steps)
