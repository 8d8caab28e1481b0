"""The soft start as a line that no output may stand above."""

from __future__ import annotations

from typing import Final

from chaos.wire import SOFT_START_S

#: The numbers are binary fractions.
SLACK: Final = 1e-6


class Rise:
    """The steepest rise so far: no value may stand above an earlier one by more than the slope allows.

    `excess` is the most that one stood above, `full_us` the shortest time from zero to full, reckoned from values of at
    least half, less what is allowed above.
    """

    def __init__(self, full: float, allowance: float) -> None:
        self._full = full
        self._slope = full / (SOFT_START_S * 1e6)
        self._allowed = allowance + SLACK
        self._lowest = 0.0
        self._zero_us = 0
        self.excess = 0.0
        self.full_us = float("inf")

    def passes(self, time_us: int, value: float) -> bool:
        """Return whether `value` rose too fast."""
        if value == 0.0:
            self._zero_us = time_us
        elif value >= 0.5 * self._full:
            self.full_us = min(self.full_us, (time_us - self._zero_us) * self._full / (value - self._allowed))
        level = value - self._slope * time_us
        if level < self._lowest:
            self._lowest = level
            return False
        self.excess = max(self.excess, level - self._lowest)
        return level > self._lowest + self._allowed
