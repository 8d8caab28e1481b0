"""What the fields of routines share, flat and written: ranges, texts, and the base of the models.

Ranges come from the step in `glowtool.model`, so that every valid routine fits into a program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, LiteralString

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.program import RANGES

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

#: The current source steps in 10 µA; a routine that asks for values between would not get them.
PEAK_STEP_UA: Final = 10

#: Text without control characters: files come from other people, and control characters would steer the terminal.
LINE: Final = r"^[^\u0000-\u001f\u007f-\u009f]*$"
LINES: Final = r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$"

#: What the command line calls a routine.
NAME: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
NAME_LENGTH: Final = 40
NAME_ALLOWED: Final = f"lower-case letters and digits, words joined by hyphens, at most {NAME_LENGTH} characters"

#: The longest title and cue of a step as people write them, and as they run: those may say the other side, or a piece.
TITLE_LENGTH: Final = 60
CUE_LENGTH: Final = 120
TITLE_RUN_LENGTH: Final = 100
CUE_RUN_LENGTH: Final = 160

#: What a step without these numbers asks for.
DEFAULT_BAND_KPA: Final = (2.0, 5.0)
DEFAULT_VIBRATION_HZ: Final = 75.0
DEFAULT_CURRENT_HZ: Final = 10.0

BAND_MAX_KPA: Final = limit(CeilingId.PRESSURE_HALF)

#: A longer list does not fit on a roller, and nobody follows it.
MAX_TIMED: Final = 64

PERCENT: Final = 100


class Model(BaseModel):
    """The base of all models of routines: they do not change, and take no unknown key."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


def span(name: str, per_unit: int = 1, *, low: float | None = None) -> FieldInfo:
    """Return the range of a number of a step, in a unit of which `per_unit` make one of the step's."""
    bounds = RANGES[name]
    found: FieldInfo = Field(ge=bounds.low * per_unit if low is None else low, le=bounds.high * per_unit)
    return found


def mistake(
    kind: LiteralString, words: LiteralString, *, at: tuple[str | int, ...], allowed: str, **told: str
) -> PydanticCustomError:
    """Return what a model finds about several keys together; `at` is the place of the mistake inside it."""
    return PydanticCustomError(kind, words, {"at": at, "allowed": allowed, **told})


Band = tuple[Annotated[float, Field(ge=0, le=BAND_MAX_KPA)], Annotated[float, Field(ge=0, le=BAND_MAX_KPA)]]

Amplitude = Annotated[float, span("amplitude", PERCENT)]
VibrationHz = Annotated[float, span("vibration_hz")]
Peak = Annotated[int, span("peak_ua"), Field(multiple_of=PEAK_STEP_UA)]
PeakPercent = Annotated[float, Field(ge=0, le=PERCENT)]
CurrentHz = Annotated[float, span("current_hz")]


def low_before_high(band_kpa: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return a band whose lower edge is below its upper edge; raises `PydanticCustomError` for another."""
    if band_kpa is not None and band_kpa[0] >= band_kpa[1]:
        raise PydanticCustomError("band_order", "has its lower edge at or above its upper edge")
    return band_kpa
