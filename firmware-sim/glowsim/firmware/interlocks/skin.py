"""Knowledge of the skin's contact impedance, and the condition for it: cells and impedance that move as one."""

from __future__ import annotations

import math
from typing import Final

#: What is sure of any skin, in counts of the impedance times cm²: the wettest, under gel, has 1 kΩ cm², and some less
#: is taken for it (design).
WETTEST: Final = 70.0

#: The skin is proved when the cells have accounted for so much of the change of the impedance: cells that stand still
#: account for none of it (design).
ACCOUNTED: Final = 1.35

#: What is shown of one skin does not change by so much without a lift: then the cells stand still while the contact
#: changes, or claim one that is not there (design).
DOUBTED: Final = 4.0

#: A skin that falls by this factor at once got wet, or seemed drier before than it was (design).
WETTED: Final = 2.0


class SkinKnown:
    """The skin's c, in counts of the impedance times cm², from one clear lift to the next.

    It is taken for no more than the least that cells and impedance have shown. Cells that stick, with noise or without,
    show a c that changes with the contact: so before cells and impedance have swept over a part of their range as one,
    as they do in every landing, nothing is taken for sure but the wettest skin; and when they part later, nothing at
    all.
    """

    __slots__ = ("_fewest", "_least", "_most", "_proved", "_shown", "doubted", "sure")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know nothing: the next contact is another one."""
        self._least, self._shown = math.inf, 0.0
        self._fewest, self._most = math.inf, 0.0
        self._proved = self.doubted = False
        self.sure = WETTEST

    def show(self, contacts: float, areas_cm2: float) -> None:
        """Learn from the impedance of both contacts, in counts, and from the area that the cells claim for them."""
        shown = contacts * areas_cm2
        if shown * WETTED < self._shown:
            # What was proved of it before holds for this much less; what was not is to be proved anew.
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
