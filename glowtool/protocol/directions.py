"""Which way a direction is for the encoders, and which strokes count as strokes of a step that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.protocol.vocabulary import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The sign of travel that serves each direction: the encoders count up when the tool rolls up the face or outward
#: from its middle. A step that asks for any direction has no sign.
SIGN_OF_DIRECTION: Final[Mapping[Direction, int]] = {
    Direction.ANY: 0,
    Direction.UPWARD: 1,
    Direction.DOWNWARD: -1,
    Direction.OUTWARD: 1,
    Direction.INWARD: -1,
}

#: The rule of `counts` in words, for whoever writes a routine or reads a rate.
COUNTED: Final = (
    "the strokes in the step's direction count, and rolling back does not; where any direction will do, each way counts"
)


def counts(asked: Direction, length_mm: float) -> bool:
    """Return whether a stroke of this signed length is one that a step which asks for this direction counts."""
    return SIGN_OF_DIRECTION[asked] * length_mm >= 0
