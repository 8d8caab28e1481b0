"""What a step says about movement, outputs and moments, whether it is written or flat."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.face import COUNTED, Direction
from glowtool.routine.fields import CUE_RUN_LENGTH, LINE, MAX_TIMED, Model, mistake, span
from glowtool.routine.names import Named
from glowtool.routine.outputs import Keyframe, Microcurrent, Vibration
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError


class Technique(enum.Enum):
    """The way in which the roller is moved."""

    ROLLING = enum.auto()
    LONG_STROKES = enum.auto()
    SHORT_STROKES = enum.auto()
    SKIMMING = enum.auto()
    LIFTING = enum.auto()
    HOLDING = enum.auto()


class Return(enum.Enum):
    """The way back to where a stroke begins."""

    LIFT = enum.auto()
    ROLL_BACK = enum.auto()
    EITHER = enum.auto()


class Cue(Model):
    """What the coach says at one moment of a step."""

    at_s: float = Field(ge=0, lt=limit(CeilingId.STEP_DURATION), description="how long after the beginning of the step")
    text: str = Field(min_length=1, max_length=CUE_RUN_LENGTH, pattern=LINE, description="what the coach says then")


class StepBase(Model):
    """What a step says about movement and outputs, whether written or flat."""

    direction: Annotated[Direction, Named(tuple(Direction))] = Field(
        default=Direction.ANY, description="direction of the strokes"
    )
    duration_s: Annotated[float, span("duration_s")] = Field(description="how long the step lasts, rounded to 1 ms")
    technique: Annotated[Technique, Named(tuple(Technique))] = Field(
        default=Technique.ROLLING, description="how the roller is moved"
    )
    stroke_return: Annotated[Return, Named(tuple(Return))] = Field(
        default=Return.EITHER,
        alias="return",
        description="the way back after a stroke: lift the roller off, or roll it back",
    )
    vibration: Vibration | None = Field(default=None, description="left out: the motor rests")
    microcurrent: Microcurrent | None = Field(default=None, description="left out: no current flows")
    ramp_s: Annotated[float, span("ramp_s")] = Field(
        default=limit(CeilingId.SOFT_START),
        description="time that an output takes from zero to full",
    )
    keyframes: tuple[Keyframe, ...] = Field(
        default=(),
        strict=False,
        max_length=MAX_TIMED,
        description="levels at later moments of the step; between them all go in straight lines, then they hold",
    )
    strokes_per_min: float | None = Field(
        default=None, ge=1, le=120, description=f"strokes a minute asked for: {COUNTED}"
    )
    cues: tuple[Cue, ...] = Field(
        default=(), strict=False, max_length=MAX_TIMED, description="what the coach says at later moments"
    )

    @model_validator(mode="after")
    def _outputs_that_begin(self) -> Self:
        keyframes = self.keyframes
        for index, keyframe in enumerate(keyframes):
            for output, key in ((self.vibration, keyframe.of_vibration), (self.microcurrent, keyframe.of_current)):
                if key and output is None:
                    raise mistake(
                        "keyframe_without_output",
                        "has no output that it could change",
                        at=("keyframes", index, key),
                        allowed="levels of an output that the step has; one that begins later has level 0 in the step",
                    )
        rises = any(keyframe.amplitude_percent for keyframe in keyframes)
        if self.vibration and not self.vibration.amplitude_percent and not rises:
            raise _never_begins("vibration", "amplitude_percent")
        flows = any(keyframe.peak_ua or keyframe.peak_percent for keyframe in keyframes)
        if self.microcurrent and self.microcurrent.begins_at_zero and not flows:
            raise _never_begins("microcurrent", "peak_percent" if self.microcurrent.peak_ua is None else "peak_ua")
        return self

    @model_validator(mode="after")
    def _moments_in_order(self) -> Self:
        for name, moments, most_s in (
            ("keyframes", [each.at_s for each in self.keyframes], f"at most {self.duration_s:g} s"),
            ("cues", [each.at_s for each in self.cues], f"less than {self.duration_s:g} s"),
        ):
            for index, at_s in enumerate(moments):
                # Compared as a program has them, in ms, where two moments must not be one.
                earlier_ms = round(moments[index - 1] * MILLISECONDS_PER_SECOND) if index else -1
                at_ms = round(at_s * MILLISECONDS_PER_SECOND)
                place: tuple[str | int, ...] = (name, index, "at_s")
                if at_ms > self.duration_ms or (name == "cues" and at_ms >= self.duration_ms):
                    raise mistake("after_the_end", "is after the end of the step", at=place, allowed=most_s)
                if at_ms <= earlier_ms:
                    raise mistake(
                        "moments_order",
                        "is not later than the one before it",
                        at=place,
                        allowed=f"more than {moments[index - 1]:g} s",
                    )
                if name == "keyframes" and at_ms == 0:
                    raise mistake("too_early", "is at the beginning of the step", at=place, allowed="at least 0.001 s")
        return self

    @property
    def duration_ms(self) -> int:
        """The duration in whole milliseconds, as in a program."""
        return round(self.duration_s * MILLISECONDS_PER_SECOND)


def _never_begins(output: str, key: str) -> PydanticCustomError:
    return mistake(
        "never_begins",
        "stays at 0",
        at=(output, key),
        allowed=f"more than 0, or a keyframe that raises it; to have no {output}, leave it out",
    )
