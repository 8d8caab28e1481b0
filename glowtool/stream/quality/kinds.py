"""The faults of pressure cells: their kinds, their words, and the limits that live and later judgement share."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A working cell under pressure never reads the same for this long: its noise is more than a step. A cell that nothing
#: touches may.
STILL_S: Final = 0.25

#: Below this, a still cell may simply be in the air; from `TOUCHED_KPA` on, its neighbour is not.
IN_THE_AIR_KPA: Final = 0.05
TOUCHED_KPA: Final = 0.5

#: When a cell stays at the end of its range and its neighbour reads less than this share of it, the hand is not the
#: cause.
HARD_SHARE: Final = 0.5

#: The largest reading in the air: three times the sum of a cell's tolerance, drift with warmth, and wandering.
AIR_KPA: Final = 0.25
#: The tissue releases a cell later than the electrodes.
LET_GO_S: Final = 0.15

#: Over a second of contact, one cell of a head reads this many times the other (as a natural logarithm: 1.4 times).
APART: Final = 0.33
#: And this much of it came during the massage.
CHANGED: Final = 0.33
#: This is added to both before the division, so that light touches weigh little.
SOFTENED_KPA: Final = 0.2
#: This many windows, of one more, have to show it: a hand that leans on one edge comes back.
LASTING: Final = 3

#: This many windows at the beginning show how the hand holds the roller.
BEGINNING: Final = 8

#: The median change of a cell from sample to sample, over a second, is smaller than this, whatever the hand does.
NOISY_KPA: Final = 0.25
NOISIER: Final = 4.0

WINDOW_S: Final = 1.0


class CellFaultKind(enum.StrEnum):
    """The kind of a cell's fault."""

    STUCK = "stuck"
    DEAD = "dead"
    SATURATED = "saturated"
    OFFSET = "offset"
    DRIFTS = "drifts"
    DISAGREES = "disagrees"
    NOISY = "noisy"


#: What a reader is told afterwards.
MEANINGS: Final[Mapping[CellFaultKind, str]] = {
    CellFaultKind.STUCK: "kept one value while the hand moved",
    CellFaultKind.DEAD: "read nothing while the cell beside it was pressed",
    CellFaultKind.SATURATED: "read the end of its range while the cell beside it did not",
    CellFaultKind.OFFSET: "read a pressure with the head in the air",
    CellFaultKind.DRIFTS: "read a pressure with the head in the air, and had read none before",
    CellFaultKind.DISAGREES: "read another pressure than the cell beside it and the other head",
    CellFaultKind.NOISY: "read mostly noise",
}

#: What a person is told at the moment at which it shows.
NOW: Final[Mapping[CellFaultKind, str]] = {
    CellFaultKind.STUCK: "does not move any more",
    CellFaultKind.DEAD: "reads nothing any more",
    CellFaultKind.SATURATED: "stays at the end of its range",
    CellFaultKind.OFFSET: "reads a pressure in the air",
    CellFaultKind.DRIFTS: "has drifted: it reads a pressure in the air",
    CellFaultKind.DISAGREES: "reads another pressure than the cells around it",
    CellFaultKind.NOISY: "reads mostly noise",
}
