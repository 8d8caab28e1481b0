"""The pressure of each head: the mean of its two cells through a causal low-pass filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from glowtool.protocol.channels import Channel, Place, Quantity
from glowtool.stream.block import FloatArray, Head, Reading
from glowtool.stream.columns import CONVERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: By sampling rate in Hz. A hand presses at a few Hz; the motor's 40 Hz and more is taken out.
CUTOFF_HZ: Final[Mapping[int, float]] = {50: 8.0, 100: 10.0, 200: 10.0, 400: 10.0}

CELLS: Final[Mapping[Head, tuple[Place, Place]]] = {
    Head.LEFT: (Place.LEFT_FRONT, Place.LEFT_REAR),
    Head.RIGHT: (Place.RIGHT_FRONT, Place.RIGHT_REAR),
}


def cell_columns(channels: tuple[Channel, ...]) -> dict[Head, tuple[str, ...]]:
    """Return the calibrated pressure columns of each head; fewer than two where the roller lacks cells."""
    name = CONVERSIONS[Quantity.PRESSURE].name
    return {
        head: tuple(
            name(item) for item in channels if item.row.quantity is Quantity.PRESSURE and item.row.place in places
        )
        for head, places in CELLS.items()
    }


@dataclass(frozen=True, slots=True)
class LowPassSettings:
    """A Butterworth low-pass of second order."""

    channels: tuple[Channel, ...]
    rate_hz: int
    order: int = 2


@dataclass(slots=True)
class LowPassState:
    """The filter's memory, shape (sections, 2, heads), and the sample that it waits for."""

    memory: FloatArray | None = None
    next_sample: int = 0


class LowPass:
    """Adds `pressure_l_kpa` and `pressure_r_kpa`.

    The filter starts settled at the first sample, and anew after a gap: it must not smear what it has not seen.
    A head without cells reads NaN.
    """

    def __init__(self, settings: LowPassSettings) -> None:
        from scipy import signal  # noqa: PLC0415 - takes most of a second, which `import glowtool.stream` must not

        self.settings = settings
        self.state = LowPassState()
        self._cells = cell_columns(settings.channels)
        cutoff_hz = CUTOFF_HZ.get(settings.rate_hz, 0.16 * settings.rate_hz)
        self._sections = cast("FloatArray", signal.butter(settings.order, cutoff_hz, fs=settings.rate_hz, output="sos"))
        self._settled = cast("FloatArray", signal.sosfilt_zi(self._sections))
        self._filter = signal.sosfilt

    def process(self, reading: Reading) -> Reading:
        """Filter one reading."""
        if len(reading) == 0:
            return reading.adding({f"pressure_{head}_kpa": np.empty(0) for head in Head})
        pressure = np.stack([self._mean(reading, head) for head in Head], axis=1)
        state = self.state
        if state.memory is None or reading.first_sample != state.next_sample:
            state.memory = self._settled[:, :, np.newaxis] * pressure[0]
        filtered, state.memory = self._filter(self._sections, pressure, axis=0, zi=state.memory)
        state.next_sample = reading.first_sample + len(reading)
        columns = {f"pressure_{head}_kpa": np.ascontiguousarray(filtered[:, at]) for at, head in enumerate(Head)}
        return reading.adding(columns)

    def flush(self) -> None:
        """Nothing is held back."""

    def _mean(self, reading: Reading, head: Head) -> FloatArray:
        names = self._cells[head]
        if not names:
            return np.full(len(reading), np.nan)
        total = reading.floats(names[0]).copy()
        for name in names[1:]:
            total += reading.floats(name)
        return total / len(names)
