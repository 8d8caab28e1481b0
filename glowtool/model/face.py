"""The zones of the face, and the directions of strokes."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Zone(enum.IntEnum):
    """The zones of the face that a step can work. Left and right are the wearer's own."""

    FOREHEAD_LEFT = 1
    FOREHEAD_RIGHT = 2
    TEMPLE_LEFT = 3
    TEMPLE_RIGHT = 4
    CHEEK_LEFT = 5
    CHEEK_RIGHT = 6
    JAW_LEFT = 7
    JAW_RIGHT = 8
    CHIN = 9
    NECK_SIDE_LEFT = 10
    NECK_SIDE_RIGHT = 11
    NECK_FRONT = 12
    ORBIT_LEFT = 13
    ORBIT_RIGHT = 14
    MOUTH = 15


class Direction(enum.IntEnum):
    """The direction of stroke that a step asks for, as the wearer sees it."""

    ANY = 0
    UPWARD = 1
    DOWNWARD = 2
    OUTWARD = 3
    INWARD = 4


#: The sign of travel for each direction: the encoders count up when the tool rolls up the face or outward
#: from its middle. A step that asks for any direction has no sign.
SIGN_OF_DIRECTION: Final[Mapping[Direction, int]] = {
    Direction.ANY: 0,
    Direction.UPWARD: 1,
    Direction.DOWNWARD: -1,
    Direction.OUTWARD: 1,
    Direction.INWARD: -1,
}

#: The rule of `counts` in words, for people who write a routine or read a rate.
COUNTED: Final = "strokes in the step's direction count, rolling back does not; with any direction allowed, all count"


def counts(asked: Direction, length_mm: float) -> bool:
    """Return whether a step with this direction counts a stroke of this signed length."""
    return SIGN_OF_DIRECTION[asked] * length_mm >= 0
