"""The true pressure on each head, and which sensors tell of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Truth:
    """True pressure of each head, and whether both of its cells and the electrodes' loop are told as they are."""

    left_kpa: float = 0.0
    right_kpa: float = 0.0
    left_told: bool = True
    right_told: bool = True
    loop_told: bool = True

    @property
    def told_kpa(self) -> float:
        """The highest pressure that the device can know of."""
        return max(self.left_kpa if self.left_told else 0.0, self.right_kpa if self.right_told else 0.0)

    @property
    def highest_kpa(self) -> float:
        """The highest pressure."""
        return max(self.left_kpa, self.right_kpa)
