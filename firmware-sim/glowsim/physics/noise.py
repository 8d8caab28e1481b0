"""Seeded randomness at the cost of a list look-up: numpy draws blocks, and ticks take one number at a time."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

_BLOCK: Final = 4096


class Noise:
    """A stream of standard normal numbers; the same seed and order of calls give the same numbers."""

    __slots__ = ("_block", "_generator")

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._block: list[float] = []

    def normal(self) -> float:
        """Return the next number: mean 0, standard deviation 1."""
        if not self._block:
            self.ready(1)
        return self._block.pop()

    def ready(self, count: int) -> list[float]:
        """Return a list whose last `count` numbers are the next ones; the caller pops them from its end."""
        if len(self._block) < count:
            self._block[:0] = self._generator.standard_normal(_BLOCK).tolist()
        return self._block

    def happens(self, probability: float) -> bool:
        """Draw whether something of this probability happens; a probability of zero draws nothing."""
        return probability > 0.0 and 0.5 * math.erfc(self.normal() / math.sqrt(2.0)) < probability

    def varied(self, share: float) -> float:
        """Return a factor around 1 with this standard deviation, cut off at four of them and at a fifth."""
        return min(1.0 + 4.0 * share, max(0.2, 1.0 - 4.0 * share, 1.0 + share * self.normal()))

    def phase(self) -> float:
        """Return an angle in radians, uniform over a full turn."""
        return float(self._generator.uniform(0.0, 2.0 * np.pi))


def noise_for(seed: int, part: int) -> Noise:
    """Return the noise of one part of the body, independent of the other parts."""
    return Noise(np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=(part,)))))
