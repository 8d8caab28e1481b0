"""The skin's contact impedance, and how it is known: by cells and impedance that move together."""

from __future__ import annotations

import math
from typing import Final

#: The least of any skin, in counts of the impedance times cm²: the wettest, under gel, has 1 kΩ cm², and somewhat less
#: is assumed (design).
WETTEST: Final = 70.0

#: The skin is proved once the cells account for this much of the impedance's change: cells that stand still account for
#: none of it (design).
ACCOUNTED: Final = 1.35

#: One skin does not seem to change by this much without a lift; if it does, the cells stand still while the contact
#: changes, or claim a contact that is not there (design).
DOUBTED: Final = 4.0

#: A skin that falls by this factor at once has got wet, or seemed drier than it was (design).
WETTED: Final = 2.0


class SkinKnown:
    """The skin's c, in counts of the impedance times cm², from one clear lift to the next.

    The value used is never more than the least that cells and impedance have shown. Cells that stick, with noise or
    without, show a c that changes with the contact. So until cells and impedance have moved together over a part of
    their range, as in every landing, only the wettest skin is certain; and if they part later, nothing is.
    """

    __slots__ = ("_fewest", "_least", "_most", "_proved", "_shown", "doubted", "sure")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget the skin: the next contact is a new one."""
        self._least, self._shown = math.inf, 0.0
        self._fewest, self._most = math.inf, 0.0
        self._proved = self.doubted = False
        self.sure = WETTEST

    def show(self, contacts: float, areas_cm2: float) -> None:
        """Learn from the impedance of both contacts, in counts, and from the areas that the cells claim."""
        shown = contacts * areas_cm2
        if shown * WETTED < self._shown:
            # A value proved before also holds for this much less; any other must be proved anew.
            self._least *= shown / self._shown
            self._shown = shown
            self._fewest = self._most = contacts
        self._fewest = min(self._fewest, contacts)
        self._most = max(self._most, contacts)
        self._shown = max(self._shown, shown)
        self._least = min(self._least, shown)
        if self._shown > DOUBTED * self._least:
            self.doubted = True
        if not self._proved and self._most * self._least >= ACCOUNTED * self._fewest * self._shown:
            self._proved = True
        self.sure = self._least if self._proved or self._least < WETTEST else WETTEST
