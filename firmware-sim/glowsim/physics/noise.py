"""Seeded randomness at the price of a list look-up: numpy draws in blocks, ticks take one number at a time."""

from __future__ import annotations

from typing import Final

import numpy as np

_BLOCK: Final = 4096


class Noise:
    """A stream of standard normal numbers, the same for the same seed and order of calls."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._block: list[float] = []

    def normal(self) -> float:
        """Return the next number: mean 0, standard deviation 1."""
        if not self._block:
            self._block = self._generator.standard_normal(_BLOCK).tolist()
        return self._block.pop()

    def phase(self) -> float:
        """Return an angle in radians, uniform over a full turn."""
        return float(self._generator.uniform(0.0, 2.0 * np.pi))


def noise_for(seed: int, part: int) -> Noise:
    """Return the noise of one part of the body, so that parts do not disturb each other's numbers."""
    return Noise(np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=(part,)))))
