"""The pressure of each head: the mean of its cells through a causal low-pass filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.arithmetic.biquad import Biquad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.stream.block import FloatArray, Reading
    from glowtool.stream.layout import HeadLayout

#: By sampling rate in Hz. A hand presses at a few Hz; the filter removes the motor's 40 Hz and more.
CUTOFF_HZ: Final[Mapping[int, float]] = {50: 8.0, 100: 10.0, 200: 10.0, 400: 10.0}


@dataclass(frozen=True, slots=True)
class LowPassSettings:
    """A Butterworth low-pass of second order."""

    rate_hz: int


@dataclass(slots=True)
class LowPassState:
    """The filter's memory, shape (heads, 2), and the index of the next sample."""

    memory: FloatArray | None = None
    next_sample: int = 0


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
        pressure = np.empty((len(heads), len(reading)))
        for row, each in zip(pressure, heads, strict=True):
            _mean_into(row, reading, each)
        state = self.state
        if state.memory is None or reading.first_sample != state.next_sample:
            state.memory = self._biquad.settled(pressure[:, 0])
        filtered, state.memory = self._biquad.filter(pressure, state.memory)
        state.next_sample = reading.first_sample + len(reading)
        return reading.adding(dict(zip(self._names(reading), filtered, strict=True)))

    def flush(self) -> None:
        """Nothing is held back."""

    def _names(self, reading: Reading) -> tuple[str, ...]:
        return tuple(f"pressure_{each.head}_kpa" for each in reading.layout.heads)


def _mean_into(row: FloatArray, reading: Reading, layout: HeadLayout) -> None:
    first, *others = layout.cells
    row[:] = reading.floats(first.column)
    for cell in others:
        row += reading.floats(cell.column)
    if others:
        row /= len(layout.cells)
