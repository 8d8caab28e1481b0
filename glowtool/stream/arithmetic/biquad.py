"""A filter of second order: the small loop for a handful of samples, scipy's for blocks, with the same bits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.arithmetic.compiled import COMPILED

if TYPE_CHECKING:
    from glowtool.stream.block import FloatArray

#: From this many samples on a compiled filter is quicker than the small loop, once scipy is there.
_COMPILED_FROM: Final = 150

_SQRT_2: Final = math.sqrt(2)


@dataclass(frozen=True, slots=True)
class Biquad:
    """A filter of second order as coefficients of its transfer function, a0 being 1; one for input gain 1."""

    b0: float
    b1: float
    b2: float
    a1: float
    a2: float

    @classmethod
    def low_pass(cls, cutoff_hz: float, rate_hz: float) -> Biquad:
        """Return the Butterworth low-pass: the bilinear transform of 1/(s² + √2 s + 1), with its cut-off prewarped."""
        k = math.tan(math.pi * cutoff_hz / rate_hz)
        scale = 1 / (1 + _SQRT_2 * k + k * k)
        gain = k * k * scale
        return cls(gain, 2 * gain, gain, 2 * (k * k - 1) * scale, (1 - _SQRT_2 * k + k * k) * scale)

    def settled(self, values: FloatArray) -> FloatArray:
        """Return the memory, shape (n, 2), after constant inputs of shape (n,) for ever."""
        second = self.b2 - self.a2
        return np.outer(values, (self.b1 - self.a1 + second, second))

    def filter(self, values: FloatArray, memory: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the outputs for inputs of shape (n, samples), and the memory after them.

        Direct form II transposed, bit for bit the same however the samples are cut into blocks.
        """
        samples = values.shape[1]
        if samples >= _COMPILED_FROM and COMPILED.pays(values.size):
            return self._compiled(values, memory)
        outputs = np.empty_like(values)
        left = np.empty_like(memory)
        for at, row in enumerate(values.tolist()):
            outputs[at], left[at] = self._row(row, *memory[at].tolist())
        return outputs, left

    def _row(self, values: list[float], first: float, second: float) -> tuple[list[float], tuple[float, float]]:
        b0, b1, b2, a1, a2 = self.b0, self.b1, self.b2, self.a1, self.a2
        outputs = []
        for value in values:
            output = b0 * value + first
            first = b1 * value - a1 * output + second
            second = b2 * value - a2 * output
            outputs.append(output)
        return outputs, (first, second)

    def _compiled(self, values: FloatArray, memory: FloatArray) -> tuple[FloatArray, FloatArray]:
        sections = np.array([[self.b0, self.b1, self.b2, 1.0, self.a1, self.a2]])
        outputs, left = COMPILED.sosfilt(sections, values, axis=1, zi=memory[np.newaxis])
        return outputs, left[0]
