"""The display's content while a host pairs, as data and as the sentence that the person reads."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final


class Shows(enum.StrEnum):
    """The sentences of the display; a value has a place for the digits, if there are any."""

    PASSKEY = "passkey {:06d}"
    """Six digits to type at the host."""
    COMPARISON = "same {:06d}?"
    """Six digits to compare with those that the host shows."""
    READY = "ready to pair"
    """A host may begin; digits come with the attempt, if there are any."""
    FULL = "no room for another host"
    """The host that has just tried is refused, because all places for bonds are taken."""
    PAIRED = "paired"
    """The host is bonded, and the window is closed."""
    CLOSED = "pairing closed"
    """The window has closed without a bond."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One state of the display, and its digits, if any; `str` gives its text, such as `passkey 004711`."""

    shows: Shows
    digits: int = 0

    def __str__(self) -> str:
        return self.shows.value.format(self.digits)

    @property
    def passkey(self) -> int | None:
        """The passkey on the display; None when it shows something else."""
        return self.digits if self.shows is Shows.PASSKEY else None

    @property
    def asks_to_compare(self) -> bool:
        """Whether the display asks if the host shows the same digits."""
        return self.shows is Shows.COMPARISON


READY: Final = Screen(Shows.READY)
FULL: Final = Screen(Shows.FULL)
PAIRED: Final = Screen(Shows.PAIRED)
CLOSED: Final = Screen(Shows.CLOSED)
