"""Dry skin: a check of impedance and pressure for skin that dries under the electrodes during the massage."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from glowtool.model.heads import HERTZ

if TYPE_CHECKING:
    from glowtool.stream.block import FloatArray


@dataclass(frozen=True, slots=True)
class DrynessSettings:
    """The limits of dry skin; all are design values, none was measured on people.

    `samples` are taken together, at ten a second: five seconds of contact, longer than an edge that lifts for a moment.
    Under `least_kpa` the offset of a cell is a large part of its reading. At `dry` times the least impedance of the
    massage the skin is dry: two heads whose one pressure is read far too high come to twice as much at most, a thin gel
    on its way through a massage of 20 minutes to less than twice. Under `moist` times it is moist again.
    """

    samples: int = 50
    least_kpa: float = 1.0
    dry: float = 2.5
    moist: float = 1.5


@dataclass(slots=True)
class DrynessState:
    """The samples collected so far, the least impedance of the massage, how long it has been high, the verdict."""

    taken: list[float] = field(default_factory=list)
    least: float = math.inf
    high: int = 0
    dry: bool = False


class DrynessDetector:
    """Compares the impedance that a contact of the same area would have with the least one of the massage."""

    def __init__(self, settings: DrynessSettings | None = None) -> None:
        self.settings = settings or DrynessSettings()
        self.state = DrynessState()

    def take(self, impedance_ohm: float, left_kpa: float, right_kpa: float) -> bool:
        """Take a sample, an infinite impedance for none; return whether the skin is dry."""
        if math.isfinite(impedance_ohm) and min(left_kpa, right_kpa) >= self.settings.least_kpa:
            # Contact area goes with force to this power, and impedance with 1/area.
            self.state.taken.append(impedance_ohm / (left_kpa**-HERTZ + right_kpa**-HERTZ))
            if len(self.state.taken) == self.settings.samples:
                self._judge(median(self.state.taken))
                self.state.taken.clear()
        return self.state.dry

    def take_all(self, impedances_ohm: FloatArray, left_kpa: FloatArray, right_kpa: FloatArray) -> None:
        """Take samples in order, each array of shape (n,)."""
        tells = np.isfinite(impedances_ohm) & (np.minimum(left_kpa, right_kpa) >= self.settings.least_kpa)
        columns = (impedances_ohm[tells].tolist(), left_kpa[tells].tolist(), right_kpa[tells].tolist())
        for impedance_ohm, left, right in zip(*columns, strict=True):
            self.take(impedance_ohm, left, right)

    def _judge(self, specific: float) -> None:
        """Judge the median of five seconds of contact; it must be high twice in a row."""
        state, settings = self.state, self.settings
        state.least = min(state.least, specific)
        state.high = state.high + 1 if specific >= settings.dry * state.least else 0
        if state.high >= 2:
            state.dry = True
        elif specific < settings.moist * state.least:
            state.dry = False
