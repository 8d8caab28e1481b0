"""The written routine: the tree as in its file, with rests, repeats, mirrors and included routines."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self, cast

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from glowtool.kit.text.nearest import closest
from glowtool.model.names import name_of
from glowtool.model.program import MAX_STEPS
from glowtool.routine.fields import (
    BAND_MAX_KPA,
    CUE_LENGTH,
    DEFAULT_BAND_KPA,
    LINE,
    NAME,
    NAME_ALLOWED,
    NAME_LENGTH,
    TITLE_LENGTH,
    Band,
    Model,
    low_before_high,
    mistake,
    span,
)
from glowtool.routine.head import Head
from glowtool.routine.names import Named
from glowtool.routine.steps import StepBase
from glowtool.routine.written.places import BY_ZONE_NAME, Region, Side, has_sides

#: Deeper nesting of repeats, and longer chains of included routines, are a mistake.
MAX_DEPTH: Final = 8

#: More rounds than steps that fit on a roller are a mistake.
MAX_ROUNDS: Final = MAX_STEPS

_REGIONS: Final = tuple(Region)
_MIDDLE: Final = ", ".join(name_of(region) for region in _REGIONS if not has_sides(region))


class WrittenStep(StepBase):
    """One place on the face for some time; with both sides, first the left one, then the right one, each as long."""

    title: str | None = Field(
        default=None,
        min_length=1,
        max_length=TITLE_LENGTH,
        pattern=LINE,
        description="what the live view calls the step; left out: the zone",
    )
    zone: Annotated[Region, Named(_REGIONS, also=tuple(BY_ZONE_NAME))] = Field(
        description="where on the face; left and right are the wearer's. `cheek-left` is `cheek` with its side"
    )
    side: Annotated[Side, Named(tuple(Side))] | None = Field(
        default=None,
        description="the side of the face; `both`, which is also what is meant when it is left out: the left one, "
        "then the right one, each for `duration_s`",
    )
    band_kpa: Band = Field(
        default=DEFAULT_BAND_KPA,
        # Strict mode would require a Python tuple, which TOML does not have.
        strict=False,
        description="pressure asked for, lower and upper edge; over the upper limit the roller halves its outputs",
        json_schema_extra={"x-allowed": f"two numbers, low then high, 0 to {BAND_MAX_KPA:g} kPa"},
    )
    cue: str | None = Field(
        default=None,
        min_length=1,
        max_length=CUE_LENGTH,
        pattern=LINE,
        description="what the coach tells the person to do; left out: direction and zone",
    )

    _low_before_high = field_validator("band_kpa")(low_before_high)

    @model_validator(mode="before")
    @classmethod
    def _zone_with_its_side(cls, data: object) -> object:
        """Take `cheek-left` apart, so that there is one way to say where a step is."""
        if not isinstance(data, dict) or not isinstance(zone := data.get("zone"), str) or zone not in BY_ZONE_NAME:
            return data
        region, side = BY_ZONE_NAME[zone]
        if side is None:
            return data
        if data.get("side") not in {None, name_of(side)}:
            raise mistake(
                "side_twice", "differs from the side that the zone names", at=("side",), allowed=name_of(side)
            )
        return {**data, "zone": region, "side": side}

    @model_validator(mode="before")
    @classmethod
    def _both_sides(cls, data: object) -> object:
        if not isinstance(data, dict) or data.get("side") is not None:
            return data
        zone = data.get("zone")
        region = next((each for each in Region if zone is each or zone == name_of(each)), None)
        return {**data, "side": Side.BOTH} if region is not None and has_sides(region) else data

    @model_validator(mode="after")
    def _side_of_what_has_one(self) -> Self:
        if self.side is not None and not has_sides(self.zone):
            allowed = f"no side for {_MIDDLE}: they are in the middle"
            raise mistake("no_sides", "is for a zone without sides", at=("side",), allowed=allowed)
        return self


class Rest(Model):
    """A time without outputs, with the roller off the skin."""

    rest_s: Annotated[float, span("duration_s")] = Field(description="how long the rest lasts, rounded to 1 ms")
    title: str = Field(
        default="Rest",
        min_length=1,
        max_length=TITLE_LENGTH,
        pattern=LINE,
        description="what the live view calls the rest",
    )
    cue: str = Field(
        default="Lift the roller off and rest",
        min_length=1,
        max_length=CUE_LENGTH,
        pattern=LINE,
        description="what the coach tells the person to do",
    )


class Mirror(Model):
    """The other side: every step since the last mirror of the same list that is on one side, again on the other one."""

    mirror: Literal[True] = Field(
        description="true: the steps before, on the other side of the face", json_schema_extra={"x-allowed": "true"}
    )


class Include(Model):
    """The steps of another routine, by its name."""

    include: str = Field(
        pattern=NAME,
        max_length=NAME_LENGTH,
        description="the name of a built-in routine, or of one of your own",
        json_schema_extra={"x-allowed": NAME_ALLOWED},
    )


class Repeat(Model):
    """Steps that are run several times, one round after the other."""

    repeat: int = Field(ge=1, le=MAX_ROUNDS, description="how many rounds")
    steps: tuple[Item, ...] = Field(
        strict=False, min_length=1, max_length=MAX_STEPS, description="the steps of one round"
    )


#: The kinds of items: the tag that pydantic puts into places, the key that tells the kind, and the model.
KINDS: Final[dict[str, tuple[str, type[Model]]]] = {
    "<include>": ("include", Include),
    "<repeat>": ("repeat", Repeat),
    "<mirror>": ("mirror", Mirror),
    "<rest>": ("rest_s", Rest),
    "<step>": ("zone", WrittenStep),
}

_MODELS: Final = {model: tag for tag, (_, model) in KINDS.items()}


def _kind(data: object) -> str:
    """Return the tag of an item's kind; a table without a telling key is what its keys are nearest to."""
    if not isinstance(data, dict):
        return _MODELS.get(cast("type[Model]", type(data)), "<step>")
    telling = {key: tag for tag, (key, _) in KINDS.items()}
    for key, tag in telling.items():
        if key in data:
            return tag
    if "steps" in data:
        return "<repeat>"
    near = (closest(key, telling) for key in data if isinstance(key, str))
    return next((telling[key] for key in near if key is not None), "<step>")


Item = Annotated[
    Annotated[Include, Tag("<include>")]
    | Annotated[Repeat, Tag("<repeat>")]
    | Annotated[Mirror, Tag("<mirror>")]
    | Annotated[Rest, Tag("<rest>")]
    | Annotated[WrittenStep, Tag("<step>")],
    Discriminator(_kind),
]

Repeat.model_rebuild()


class WrittenRoutine(Head):
    """A routine as it is written, in a file or on the command line."""

    steps: tuple[Item, ...] = Field(
        strict=False, min_length=1, max_length=MAX_STEPS, description="what is done, in order"
    )
