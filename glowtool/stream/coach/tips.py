"""The sentences of the coach, and which of them contradict each other."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from glowtool.model.face import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tip(enum.Enum):
    """A piece of advice, in the order of importance; its value is the sentence."""

    LAY_ON = "Put the roller on the skin."
    BOTH_HEADS = "Lay both heads on the skin."
    EVEN_OUT = "Press alike with both heads."
    PRESS_LESS = "Press less."
    PRESS_MORE = "Press a little more."
    KEEP_MOVING = "Keep the roller moving."
    UPWARD = "Stroke upward."
    DOWNWARD = "Stroke downward."
    OUTWARD = "Stroke outward."
    INWARD = "Stroke inward."
    LIFT_BACK = "Lift the roller on the way back."
    SLOWER = "A little slower."
    FASTER = "A little faster."
    WELL_DONE = "Well done, keep it like this."

    @property
    def words(self) -> str:
        """The sentence."""
        return self.value


#: What to say when the strokes go the wrong way.
TIP_OF_DIRECTION: Final[Mapping[Direction, Tip]] = {
    Direction.UPWARD: Tip.UPWARD,
    Direction.DOWNWARD: Tip.DOWNWARD,
    Direction.OUTWARD: Tip.OUTWARD,
    Direction.INWARD: Tip.INWARD,
}

_WAYS: Final = tuple(TIP_OF_DIRECTION.values())

#: Sentences that ask for more of something, each with those that ask for less of it.
_OPPOSED: Final[tuple[tuple[Tip, tuple[Tip, ...]], ...]] = (
    (Tip.PRESS_MORE, (Tip.PRESS_LESS,)),
    (Tip.PRESS_LESS, (Tip.LAY_ON,)),
    (Tip.SLOWER, (Tip.FASTER, Tip.KEEP_MOVING)),
    (Tip.LIFT_BACK, (Tip.LAY_ON,)),
    *((way, tuple(other for other in _WAYS if other is not way)) for way in _WAYS),
    # Whoever was just praised did nothing wrong, and the other way round.
    (Tip.WELL_DONE, tuple(tip for tip in Tip if tip is not Tip.WELL_DONE)),
)

_CONTRADICTIONS: Final = frozenset(
    pair for tip, others in _OPPOSED for other in others for pair in ((tip, other), (other, tip))
)


def contradict(one: Tip, other: Tip) -> bool:
    """Return whether a person who hears both within a few seconds would not know which of them to follow."""
    return (one, other) in _CONTRADICTIONS
