"""The tare: it is taken only in the air, at rest and within bounds; one that does not fit the air is detected.

A tare taken under load would shift every pressure ceiling. So the loop between the heads must be open, and the cells
must stand still near their zero, for a whole second. A stored tare is compared with the air again and again: a cell
that reads less there than its zero was tared under load, or its zero has moved since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.sensors.readings import KPA_PER_COUNT, NO_TARE, OPEN_COUNTS, Tare

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.physics.types import Sensed

#: How far a sound cell may read from zero in the air (design).
TARE_MOST_KPA: Final = 1.0
TARE_MOST_COUNTS: Final = round(TARE_MOST_KPA / KPA_PER_COUNT)

#: How long the roller must be in the air without a break before a tare (design).
STILL_US: Final = 1_000_000

#: The noise of an untouched cell stays within this; a hand's does not (design).
STILL_COUNTS: Final = 20

#: A cell this far below its zero for this long in the air has a different zero (design): noise alone cannot do that.
BELOW_COUNTS: Final = 30
BELOW_US: Final = 200_000


class InTheAir:
    """The cells' readings since the loop opened, as long as they stand still."""

    def __init__(self) -> None:
        self._since_us: int | None = None
        self._low: Tare = NO_TARE
        self._high: Tare = NO_TARE
        self._below_us: int | None = None

    def look(self, now_us: int, sensed: Sensed) -> None:
        """Take one tick."""
        if sensed.impedance_raw < OPEN_COUNTS:
            self._since_us = None
            return
        cells = sensed.cells_raw
        low, high = _each(min, self._low, cells), _each(max, self._high, cells)
        if self._since_us is None or any(b - a > STILL_COUNTS for a, b in zip(low, high, strict=True)):
            self._since_us, low, high = now_us, cells, cells
        self._low, self._high = low, high

    def zero(self, now_us: int) -> Tare | None:
        """Return the zeros of the cells; None unless the readings prove them."""
        if self._since_us is None or now_us - self._since_us < STILL_US:
            return None
        a, b, c, d = (max(0, low + high) // 2 for low, high in zip(self._low, self._high, strict=True))
        return (a, b, c, d) if max(self._high) <= TARE_MOST_COUNTS else None

    def contradicts(self, now_us: int, sensed: Sensed, tare: Tare) -> bool:
        """Return whether the air has shown for long enough that a tare does not fit these cells."""
        if tare == NO_TARE or sensed.impedance_raw < OPEN_COUNTS or not _below(sensed.cells_raw, tare):
            self._below_us = None
            return False
        if self._below_us is None:
            self._below_us = now_us
        return now_us - self._below_us >= BELOW_US


def plausible(tare: Tare) -> bool:
    """Return whether a stored tare could have been taken."""
    return all(0 <= zero <= TARE_MOST_COUNTS for zero in tare)


def _below(cells: Tare, tare: Tare) -> bool:
    return any(raw < zero - BELOW_COUNTS for raw, zero in zip(cells, tare, strict=True))


def _each(choose: Callable[[int, int], int], one: Tare, other: Tare) -> Tare:
    a, b, c, d = map(choose, one, other)
    return a, b, c, d
