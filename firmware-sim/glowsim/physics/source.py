"""The source of each physical parameter: every number carries its unit and its origin as data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ASSUMPTION: Final = "assumption"

_KEY: Final = "source"


@dataclass(frozen=True, slots=True)
class Source:
    """The unit of a parameter, and the origin of its default."""

    unit: str
    text: str


def source(unit: str, text: str = ASSUMPTION) -> Mapping[str, Source]:
    """Return the metadata of a dataclass field: its unit, and the source or reason of its default."""
    return {_KEY: Source(unit, text)}


def sources(parameters: type) -> Iterator[tuple[str, object, Source]]:
    """Yield name, default and source of each parameter of a class; KeyError for a parameter without a source."""
    for item in fields(parameters):
        yield item.name, item.default, item.metadata[_KEY]
