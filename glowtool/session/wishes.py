"""What a person can ask for while a massage runs, and from where it was asked; a stop is no wish, and waits for none.

Ending, lowering and noting are one class of wishes, starting, raising and lengthening the other: a face lets a person
do the first by one stroke of a key, and asks for a second, deliberate one for the others.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

#: The time by which a step is lengthened where nobody says another one.
EXTRA_S: Final = 30.0

#: How much of the routine's own level a massage gets quieter or stronger by, in percent of that level.
TRIM_STEP_PERCENT: Final = 10

#: The quietest level of a massage that runs; who wants less pauses it, or switches the current off.
QUIETEST_PERCENT: Final = 10

#: A mark is a short note; its words are cut here.
MARK_CHARACTERS: Final = 200


class Wish(enum.StrEnum):
    """What is asked of a massage that runs."""

    PAUSE = "pause"
    """Outputs to zero, the place is kept."""
    RESUME = "resume"
    """Go on from there, with a soft start."""
    SKIP = "skip"
    """Go to the next step, with a soft start; after the last one the massage is complete."""
    EXTEND = "extend"
    """Lengthen the step in progress."""
    QUIETER = "quieter"
    """Lower both outputs, by a tenth of the routine's own level."""
    STRONGER = "stronger"
    """Raise both outputs again, at most to the routine's own level."""
    NO_CURRENT = "no-current"
    """Switch the microcurrent off for the rest of the massage; nothing brings it back."""
    MARK = "mark"
    """Note this moment in the log."""

    @property
    def raises(self) -> bool:
        """Whether it starts, raises or lengthens something, so that it must be deliberate."""
        return self in _RAISING


_RAISING: Final = frozenset({Wish.RESUME, Wish.SKIP, Wish.EXTEND, Wish.STRONGER})

#: The wishes that scale the outputs.
TRIMMING: Final = frozenset({Wish.QUIETER, Wish.STRONGER, Wish.NO_CURRENT})


class By(enum.StrEnum):
    """From where a massage is steered."""

    KEY = "a key"
    TERMINAL = "another terminal"
    PROGRAM = "a program"


@dataclass(frozen=True, slots=True)
class Ask:
    """One wish: `text` is that of a mark, `extra_s` the time for `EXTEND`."""

    wish: Wish
    by: By = By.PROGRAM
    text: str = ""
    extra_s: float = EXTRA_S
