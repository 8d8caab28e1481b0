"""The record of one person: answers of the screening, own maxima, days of massages, and when the heads were cleaned."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import StoreError
from glowtool.model.ceilings import CeilingId, limit
from glowtool.safety.bounds import Person
from glowtool.safety.screening import Answer, Flag, Reply
from glowtool.store.times import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

FORMAT_VERSION: Final = 1

#: Older days and cleanings are dropped: the rules look back sixty days, and a person at most a year.
_MOST: Final = 400


class _Part(BaseModel):
    # An unknown field is damage, since a later version has another number: nothing of a screening may be overlooked.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GivenAnswer(_Part):
    """The answer to one question of the screening."""

    reply: Annotated[Reply, Field(description="no, yes, or agreed: yes, and a professional agreed")]
    on: Annotated[date, Field(description="the day on which it was given")]


class Profile(_Part):
    """One person, without the name, which stands in the list of people."""

    format_version: Annotated[int, Field(ge=1, le=FORMAT_VERSION)] = FORMAT_VERSION
    peak_ua: Annotated[
        float | None, Field(ge=0, le=limit(CeilingId.PEAK_CURRENT), description="own maximum of the current, µA")
    ] = None
    amplitude: Annotated[
        float | None,
        Field(ge=0, le=limit(CeilingId.VIBRATION_AMPLITUDE), description="own maximum of vibration, share of full"),
    ] = None
    answers: Annotated[dict[Flag, GivenAnswer], Field(description="the screening")] = Field(default_factory=dict)
    days: Annotated[tuple[date, ...], Field(description="days with a massage, ascending")] = ()
    cleaned: Annotated[tuple[Moment, ...], Field(description="when the heads were cleaned, ascending")] = ()
    massages_since: Annotated[int, Field(ge=0, description="massages since the heads were cleaned")] = 0

    @property
    def person(self) -> Person:
        """What the rules of safety have to know."""
        return Person(
            answers={flag: Answer(given.reply, given.on.toordinal()) for flag, given in self.answers.items()},
            peak_ua=self.peak_ua,
            amplitude=self.amplitude,
            days=tuple(day.toordinal() for day in self.days),
        )

    def answering(self, replies: Mapping[Flag, Reply], on: date) -> Self:
        """Return the profile with these answers in place of earlier ones to the same questions."""
        given = {flag: GivenAnswer(reply=reply, on=on) for flag, reply in replies.items()}
        return self.model_copy(update={"answers": {**self.answers, **given}})

    def massaged(self, on: date) -> Self:
        """Return the profile with one more massage, on that day."""
        days = tuple(sorted({*self.days, on}))[-_MOST:]
        return self.model_copy(update={"days": days, "massages_since": self.massages_since + 1})

    def having_cleaned(self, at: Moment) -> Self:
        """Return the profile with the heads cleaned at that time."""
        return self.model_copy(update={"cleaned": tuple(sorted({*self.cleaned, at}))[-_MOST:], "massages_since": 0})


def profile_bytes(profile: Profile) -> bytes:
    """Return a profile as it is kept."""
    return (json.dumps(profile.model_dump(mode="json"), indent=2) + "\n").encode()


def profile_in(content: bytes, where: str) -> Profile:
    """Return the profile in a file; raises `StoreError`, since no output may rest on half of a screening."""
    try:
        return Profile.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        raise StoreError(
            f"{where} is damaged at {place} ({first['msg']}), so nothing of it counts and no output is given",
            advice="move it away and answer anew with `glowtool safety screening --again`, or update glowtool",
        ) from error
