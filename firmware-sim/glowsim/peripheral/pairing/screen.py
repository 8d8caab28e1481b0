"""The display's content while a host pairs, as data; its text is the sentence that the person reads."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final


class Shows(enum.StrEnum):
    """What the display can say; the value is its sentence, with a place for the digits where it has any."""

    PASSKEY = "passkey {:06d}"
    """Six digits to type at the host."""
    COMPARISON = "same {:06d}?"
    """Six digits to compare with those that the host shows."""
    READY = "ready to pair"
    """A host may begin; digits come with the attempt, or not at all."""
    FULL = "no room for another host"
    """The host that has just tried is refused: as many bonds as are kept."""
    PAIRED = "paired"
    """The host is bonded, and the window closed."""
    CLOSED = "pairing closed"
    """The window closed without a bond."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One state of the display, and its digits if it shows any; `str` of it is what stands there, `passkey 004711`."""

    shows: Shows
    digits: int = 0

    def __str__(self) -> str:
        return self.shows.value.format(self.digits)

    @property
    def passkey(self) -> int | None:
        """The passkey that is shown, None when something else is."""
        return self.digits if self.shows is Shows.PASSKEY else None

    @property
    def asks_to_compare(self) -> bool:
        """Whether a person is asked whether the host shows the same digits."""
        return self.shows is Shows.COMPARISON


READY: Final = Screen(Shows.READY)
FULL: Final = Screen(Shows.FULL)
PAIRED: Final = Screen(Shows.PAIRED)
CLOSED: Final = Screen(Shows.CLOSED)
