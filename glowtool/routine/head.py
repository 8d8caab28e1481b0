"""What a routine says about itself before its steps: its name, its purpose, and what is known about it."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from glowtool.routine.fields import LINE, LINES, MAX_TIMED, NAME, NAME_ALLOWED, NAME_LENGTH, Model
from glowtool.routine.names import Named


class Goal(enum.Enum):
    """The purpose of a routine."""

    INTRODUCTION = enum.auto()
    BLOOD_CIRCULATION = enum.auto()
    RELAXATION = enum.auto()
    LYMPHATIC_DRAINAGE = enum.auto()
    PRODUCT_ABSORPTION = enum.auto()
    MUSCLE_TONE = enum.auto()
    FINE_LINES = enum.auto()
    OTHER = enum.auto()


class Evidence(Model):
    """A claim that a routine rests on, and how far it carries."""

    claim: str = Field(min_length=1, max_length=300, pattern=LINE, description="what was found, in one sentence")
    source: str = Field(min_length=1, max_length=200, pattern=LINE, description="where: study or document, and year")
    participants: int | None = Field(
        default=None, ge=1, le=100_000, description="how many people took part, if people did"
    )
    funded_by: str | None = Field(
        default=None, min_length=1, max_length=120, pattern=LINE, description="who paid for it, if that is known"
    )


class Head(Model):
    """The name of a routine and its purpose, with what is known about it."""

    name: str = Field(
        pattern=NAME,
        max_length=NAME_LENGTH,
        description="what the command line calls the routine",
        json_schema_extra={"x-allowed": NAME_ALLOWED},
    )
    title: str = Field(min_length=1, max_length=60, pattern=LINE, description="name for people")
    goal: Annotated[Goal, Named(tuple(Goal))] = Field(description="what the routine is for")
    description: str = Field(
        min_length=1, max_length=2000, pattern=LINES, description="what it does, in a few sentences"
    )
    sources: tuple[Annotated[str, Field(max_length=1000, pattern=LINE)], ...] = Field(
        default=(), strict=False, max_length=MAX_TIMED, description="where its numbers come from"
    )
    evidence: tuple[Evidence, ...] = Field(
        default=(), strict=False, max_length=MAX_TIMED, description="what studies found, their size, and who paid"
    )
