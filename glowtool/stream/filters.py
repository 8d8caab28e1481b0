"""The pressure of each head: the mean of its cells through a causal low-pass filter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.stream.block import FloatArray, Reading
    from glowtool.stream.layout import HeadLayout

#: By sampling rate in Hz. A hand presses at a few Hz; the filter removes the motor's 40 Hz and more.
CUTOFF_HZ: Final[Mapping[int, float]] = {50: 8.0, 100: 10.0, 200: 10.0, 400: 10.0}

#: From this many samples on, scipy's compiled filter is worth the second that it takes to load: without it, ten samples
#: (as in live use) take 6 µs, a million 0.3 s.
_COMPILED_FROM: Final = 3_000_000

_SQRT_2: Final = math.sqrt(2)


@dataclass(frozen=True, slots=True)
class LowPassSettings:
    """A Butterworth low-pass of second order."""

    rate_hz: int


@dataclass(slots=True)
class LowPassState:
    """The filter's memory, shape (2, heads), and the index of the next sample."""

    memory: FloatArray | None = None
    next_sample: int = 0


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
        """Return the memory, shape (2, n), after constant inputs of shape (n,) for ever."""
        second = self.b2 - self.a2
        return np.outer((self.b1 - self.a1 + second, second), values)

    def filter(self, values: FloatArray, memory: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the outputs for inputs of shape (samples, n), and the memory after them.

        Direct form II transposed, bit for bit the same however the samples are cut into blocks.
        """
        if len(values) >= _COMPILED_FROM:
            return self._compiled(values, memory)
        columns = [self._column(values[:, at].tolist(), memory[:, at].tolist()) for at in range(values.shape[1])]
        return np.array([out for out, _ in columns]).T, np.array([left for _, left in columns]).T

    def _column(self, values: list[float], memory: list[float]) -> tuple[list[float], list[float]]:
        b0, b1, b2, a1, a2 = self.b0, self.b1, self.b2, self.a1, self.a2
        first, second = memory
        outputs = []
        for value in values:
            output = b0 * value + first
            first = b1 * value - a1 * output + second
            second = b2 * value - a2 * output
            outputs.append(output)
        return outputs, [first, second]

    def _compiled(self, values: FloatArray, memory: FloatArray) -> tuple[FloatArray, FloatArray]:
        from scipy import signal  # noqa: PLC0415 - takes a second of its own, which no command that is live can spare

        sections = np.array([[self.b0, self.b1, self.b2, 1.0, self.a1, self.a2]])
        outputs, left = signal.sosfilt(sections, values, axis=0, zi=memory[np.newaxis])
        return outputs, left[0]


class LowPass:
    """Adds the pressure of each head, such as `pressure_l_kpa`.

    The filter starts settled at the first sample, and again after a gap: it must not smear over missing samples.
    """

    def __init__(self, settings: LowPassSettings) -> None:
        self.settings = settings
        self.state = LowPassState()
        cutoff_hz = CUTOFF_HZ.get(settings.rate_hz, 0.16 * settings.rate_hz)
        self._biquad = Biquad.low_pass(cutoff_hz, settings.rate_hz)

    def process(self, reading: Reading) -> Reading:
        """Filter one reading."""
        heads = reading.layout.heads
        if len(reading) == 0 or not heads:
            return reading.adding({f"pressure_{each.head}_kpa": np.empty(0) for each in heads})
        pressure = np.stack([_mean(reading, each) for each in heads], axis=1)
        state = self.state
        if state.memory is None or reading.first_sample != state.next_sample:
            state.memory = self._biquad.settled(pressure[0])
        filtered, state.memory = self._biquad.filter(pressure, state.memory)
        state.next_sample = reading.first_sample + len(reading)
        columns = {f"pressure_{each.head}_kpa": np.ascontiguousarray(filtered[:, at]) for at, each in enumerate(heads)}
        return reading.adding(columns)

    def flush(self) -> None:
        """Nothing is held back."""


def _mean(reading: Reading, layout: HeadLayout) -> FloatArray:
    first, *others = layout.cells
    total = reading.floats(first.column).copy()
    for cell in others:
        total += reading.floats(cell.column)
    return total / len(layout.cells)
