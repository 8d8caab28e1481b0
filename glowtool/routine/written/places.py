"""The places that a written routine names: a region of the face, and the side of it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from glowtool.model.face import Zone
from glowtool.model.names import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Side(enum.Enum):
    """A side of the face, the wearer's own; both: first the left, then the right."""

    LEFT = enum.auto()
    RIGHT = enum.auto()
    BOTH = enum.auto()


class Region(enum.Enum):
    """A region of the face; most of them have two sides."""

    FOREHEAD = enum.auto()
    TEMPLE = enum.auto()
    CHEEK = enum.auto()
    JAW = enum.auto()
    CHIN = enum.auto()
    NECK_SIDE = enum.auto()
    NECK_FRONT = enum.auto()
    ORBIT = enum.auto()
    MOUTH = enum.auto()


#: The zone of each region and side; a region in the middle has one, under None.
_ZONES: Final[Mapping[tuple[Region, Side | None], Zone]] = {
    (Region.FOREHEAD, Side.LEFT): Zone.FOREHEAD_LEFT,
    (Region.FOREHEAD, Side.RIGHT): Zone.FOREHEAD_RIGHT,
    (Region.TEMPLE, Side.LEFT): Zone.TEMPLE_LEFT,
    (Region.TEMPLE, Side.RIGHT): Zone.TEMPLE_RIGHT,
    (Region.CHEEK, Side.LEFT): Zone.CHEEK_LEFT,
    (Region.CHEEK, Side.RIGHT): Zone.CHEEK_RIGHT,
    (Region.JAW, Side.LEFT): Zone.JAW_LEFT,
    (Region.JAW, Side.RIGHT): Zone.JAW_RIGHT,
    (Region.CHIN, None): Zone.CHIN,
    (Region.NECK_SIDE, Side.LEFT): Zone.NECK_SIDE_LEFT,
    (Region.NECK_SIDE, Side.RIGHT): Zone.NECK_SIDE_RIGHT,
    (Region.NECK_FRONT, None): Zone.NECK_FRONT,
    (Region.ORBIT, Side.LEFT): Zone.ORBIT_LEFT,
    (Region.ORBIT, Side.RIGHT): Zone.ORBIT_RIGHT,
    (Region.MOUTH, None): Zone.MOUTH,
}

_PLACES: Final = {zone: place for place, zone in _ZONES.items()}

#: The other side of each; both sides are their own.
OTHER: Final[Mapping[Side, Side]] = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT, Side.BOTH: Side.BOTH}

#: The zones with a side, by name: `cheek-left` is `cheek` and `left`.
BY_ZONE_NAME: Final[Mapping[str, tuple[Region, Side | None]]] = {name_of(zone): _PLACES[zone] for zone in Zone}

_WORDS: Final[Mapping[Region, str]] = {
    Region.NECK_SIDE: "side of the neck",
    Region.NECK_FRONT: "front of the neck",
    Region.ORBIT: "orbit of the eye",
}


def has_sides(region: Region) -> bool:
    """Return whether a region has a left and a right side."""
    return (region, None) not in _ZONES


def zone_of(region: Region, side: Side | None) -> Zone:
    """Return the zone of one side of a region, or of a region in the middle."""
    return _ZONES[region, side]


def place_of(zone: Zone) -> tuple[Region, Side | None]:
    """Return the region and the side of a zone; None: it is in the middle."""
    return _PLACES[zone]


def other_side(zone: Zone) -> Zone | None:
    """Return the same zone on the other side of the face; None for a zone in the middle."""
    region, side = _PLACES[zone]
    return None if side is None else _ZONES[region, OTHER[side]]


def words_of_zone(zone: Zone) -> str:
    """Return a zone for a sentence: "left side of the neck"."""
    region, side = _PLACES[zone]
    words = _WORDS.get(region, name_of(region))
    return words if side is None else f"{name_of(side)} {words}"
