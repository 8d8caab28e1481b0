"""The mapping of a file's columns to channels, as a person writes it in TOML."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from glowtool.errors import InputError
from glowtool.kit.storage.files import storing
from glowtool.kit.storage.toml_file import read_toml_text
from glowtool.kit.text.toml import parse_toml
from glowtool.kit.text.toml_lines import key_lines, line_of
from glowtool.model.channel import Place, Quantity
from glowtool.model.face import Zone
from glowtool.model.names import member_of, name_of
from glowtool.problem import Problem
from glowtool.store.bounds import CHANNELS_MAX, RATE_MAX_HZ
from glowtool.store.times import EARLIEST_UTC, LATEST_UTC

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf
    from pathlib import Path

#: Units of a column, by quantity, in the quantity's SI unit.
UNITS: Final[MappingOf[Quantity, MappingOf[str, float]]] = {
    Quantity.PRESSURE: {
        "Pa": 1.0,
        "hPa": 100.0,
        "kPa": 1000.0,
        "mbar": 100.0,
        "bar": 100_000.0,
        "mmHg": 133.322387415,
        "N/cm2": 10_000.0,
        "psi": 6894.757293168,
    },
    Quantity.TRAVEL: {"m": 1.0, "cm": 0.01, "mm": 0.001},
}

#: Units of a column of times, in seconds.
TIMES: Final[MappingOf[str, float]] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "min": 60.0}

PLACES: Final = tuple(name_of(place) for place in Place if place is not Place.BETWEEN_HEADS)
ZONES: Final = tuple(name_of(zone) for zone in Zone)
QUANTITIES: Final = tuple(name_of(quantity) for quantity in UNITS)


def _one_of(*allowed: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}")
        return value

    return AfterValidator(check)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FileFacts(_Part):
    """How the text of the file is written. `header_lines` stand before the data; the last of them names columns."""

    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    encoding: Annotated[str, Field(max_length=40)] = "utf-8"
    header_lines: Annotated[int, Field(ge=0, le=1000)] = 1

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.separator == self.decimal:
            raise ValueError(f"separator and decimal are both {self.decimal!r}")
        return self


class TimeFacts(_Part):
    """When each row was measured: a column of times, or a rate at which the rows follow one another."""

    column: str | None = None
    unit: Annotated[str, _one_of(*TIMES)] = "s"
    rate_hz: Annotated[int | None, Field(ge=1, le=RATE_MAX_HZ)] = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.column is None) == (self.rate_hz is None):
            raise ValueError("takes either a column or rate_hz")
        return self


class ChannelFacts(_Part):
    """A column that is a channel: its value is `column × scale + offset`, in the unit."""

    column: str
    place: Annotated[str, _one_of(*PLACES)]
    unit: str
    quantity: Annotated[str, _one_of(*QUANTITIES)] = "pressure"
    scale: float = 1.0
    offset: float = 0.0

    @model_validator(mode="after")
    def _known(self) -> Self:
        units = UNITS[self.kind]
        if self.unit not in units:
            raise ValueError(f"unit {self.unit!r} of {self.quantity} is none of {', '.join(units)}")
        if self.scale == 0:
            raise ValueError("scale is 0, so every value would be the same")
        return self

    @property
    def kind(self) -> Quantity:
        """The quantity."""
        return member_of(Quantity, self.quantity.replace("-", "_"))

    @property
    def where(self) -> Place:
        """The place on the tool."""
        return member_of(Place, self.place.replace("-", "_"))

    @property
    def name(self) -> str:
        """The name of the channel in the log."""
        return f"{self.quantity}_{self.place}".replace("-", "_")

    @property
    def factor(self) -> float:
        """What one of its units is in SI."""
        return UNITS[self.kind][self.unit]


class SessionFacts(_Part):
    """What the file does not say: where on the face it was, when it began, what measured it, the band asked for."""

    zone: Annotated[str, _one_of(*ZONES)]
    title: Annotated[str, Field(min_length=1, max_length=60)] = "Imported recording"
    device: Annotated[str, Field(min_length=1, max_length=60)] = "another device"
    started: datetime | None = None
    band_kpa: Annotated[tuple[float, float], Field()] = (2.0, 5.0)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        low, high = self.band_kpa
        if not 0 <= low < high <= 12:
            raise ValueError(f"band_kpa is {low:g} to {high:g}; allowed: from 0 to 12, the lower first")
        if self.started is not None and (self.started.tzinfo is None or not EARLIEST_UTC <= self.started <= LATEST_UTC):
            raise ValueError("started has no time zone, or is no time of a clock; write 2026-11-30T18:00:00+01:00")
        return self

    @property
    def face(self) -> Zone:
        """The zone of the face."""
        return member_of(Zone, self.zone.replace("-", "_"))


class Mapping(_Part):
    """The whole mapping."""

    file: FileFacts = FileFacts()
    time: TimeFacts
    session: SessionFacts
    channels: Annotated[tuple[ChannelFacts, ...], Field(min_length=1, max_length=CHANNELS_MAX)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [channel.name for channel in self.channels]
        twice = next((channel for channel in self.channels if names.count(channel.name) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice.quantity} at {twice.place} is given twice")
        return self


def read_mapping(path: Path) -> Mapping:
    """Return the mapping in a file; raises `InputError` with the line, the key, its value and what is allowed."""
    try:
        with storing(f"read {path}"):
            text = read_toml_text(path)
        return mapping_of(text)
    except InputError as error:
        raise InputError(f"{path}: {error.says}", advice=error.advice, problems=error.problems) from error


def mapping_of(text: str) -> Mapping:
    """Return the mapping in a text; raises `InputError`."""
    content = parse_toml(text)
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = first["loc"]
        what = first["msg"].removeprefix("Value error, ")
        given = first["input"]
        problem = Problem(
            path=".".join(map(str, place)),
            line=line_of(key_lines(text), place),
            value=repr(given) if isinstance(given, str | int | float) else "",
            what=what[:1].lower() + what[1:],
            allowed="",
        )
        raise InputError(str(problem), problems=(problem,)) from error
