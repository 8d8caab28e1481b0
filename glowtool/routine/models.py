"""The routine as it runs: flat steps, one after the other; what is written is expanded to it, and logs keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.face import Zone
from glowtool.model.program import MAX_STEPS
from glowtool.routine.fields import CUE_RUN_LENGTH, LINE, PEAK_STEP_UA, TITLE_RUN_LENGTH, Band, low_before_high
from glowtool.routine.head import Evidence, Goal, Head
from glowtool.routine.names import Named
from glowtool.routine.outputs import Keyframe, Microcurrent, Vibration
from glowtool.routine.steps import Cue, Return, StepBase, Technique
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "PEAK_STEP_UA",
    "Cue",
    "Evidence",
    "Goal",
    "Keyframe",
    "Microcurrent",
    "Return",
    "Routine",
    "Step",
    "Technique",
    "Vibration",
]


class Step(StepBase):
    """One zone of the face, for some time, with the outputs of motor and current there; or a rest, with neither."""

    title: str = Field(
        min_length=1, max_length=TITLE_RUN_LENGTH, pattern=LINE, description="what the live view calls the step"
    )
    zone: Annotated[Zone, Named(tuple(Zone))] | None = Field(
        default=None, description="where on the face; left and right are the wearer's. None: a rest"
    )
    band_kpa: Band | None = Field(
        default=None,
        # Strict mode would require a Python tuple, which TOML does not have.
        strict=False,
        description="pressure asked for, lower and upper edge; None: a rest",
    )
    cue: str = Field(
        min_length=1, max_length=CUE_RUN_LENGTH, pattern=LINE, description="what the coach tells the person to do"
    )

    _low_before_high = field_validator("band_kpa")(low_before_high)

    @model_validator(mode="after")
    def _zone_or_rest(self) -> Self:
        if self.zone is None and (self.band_kpa or self.vibration or self.microcurrent):
            raise PydanticCustomError("rest_works", "is a rest with an output or a pressure")
        if self.zone is not None and self.band_kpa is None:
            raise PydanticCustomError("band_missing", "has a zone, but no pressure")
        return self

    @property
    def is_rest(self) -> bool:
        """Whether nothing is worked: no zone, no outputs, no pressure."""
        return self.zone is None


class Routine(Head):
    """A massage from start to end: its name, its purpose, and its steps in order."""

    steps: tuple[Step, ...] = Field(
        strict=False, min_length=1, max_length=MAX_STEPS, description="the steps, in the order in which they run"
    )

    @field_validator("steps")
    @classmethod
    def _within_a_massage(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if all(step.is_rest for step in steps):
            raise PydanticCustomError("only_rests", "are rests only", {"allowed": "at least one step with a zone"})
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
    def uses_vibration(self) -> bool:
        """Whether the motor runs in any step."""
        return any(step.vibration is not None for step in self.steps)

    @property
    def uses_microcurrent(self) -> bool:
        """Whether current flows in any step, so that gel is needed."""
        return any(step.microcurrent is not None for step in self.steps)

    @property
    def peak_most_ua(self) -> float:
        """The largest peak of the current at any moment, for a person whose own maximum is the ceiling."""
        most_ua = limit(CeilingId.PEAK_CURRENT)
        said: list[Microcurrent | Keyframe] = []
        for step in self.steps:
            said += () if step.microcurrent is None else (step.microcurrent, *step.keyframes)
        return max((each.peak_within_ua(most_ua) or 0.0 for each in said), default=0.0)

    def worked(self) -> Iterator[tuple[int, Step]]:
        """Yield the steps that are no rests, each with its number from 0."""
        return ((index, step) for index, step in enumerate(self.steps) if not step.is_rest)
