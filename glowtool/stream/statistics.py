"""Running statistics of a step: the time that each head touched the skin, and its pressure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.stream.block import Reading, period_us
from glowtool.units import seconds_from_us

if TYPE_CHECKING:
    from glowtool.stream.heads import Head

#: Pressure is summed in whole steps of this size, so that sums are exact and their order does not matter.
_STEP_KPA: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Moments:
    """One head in contact, in one step; mean (exact to 1e-9 kPa), minimum and maximum are None without contact."""

    step: int
    head: Head
    samples: int
    contact_samples: int
    contact_s: float
    mean_kpa: float | None
    minimum_kpa: float | None
    maximum_kpa: float | None


@dataclass(frozen=True, slots=True)
class StatisticsSettings:
    """The settings: `step` is the step of the first samples, −1 for none."""

    step: int = -1


@dataclass(slots=True)
class _Tally:
    samples: int = 0
    contact_samples: int = 0
    total_steps: int = 0
    minimum_kpa: float = float("inf")
    maximum_kpa: float = float("-inf")


@dataclass(slots=True)
class StatisticsState:
    """The step in progress and its tally for each head."""

    step: int
    period_us: int = 0
    tallies: dict[Head, _Tally] = field(default_factory=dict)


class RunningStatistics:
    """Counts, means and extremes over contact. Percentiles need all samples, and are computed afterwards."""

    def __init__(self, settings: StatisticsSettings | None = None) -> None:
        self.settings = settings or StatisticsSettings()
        self.state = StatisticsState(self.settings.step)

    def process(self, reading: Reading) -> tuple[Moments, ...]:
        """Count one reading; nothing is settled before the step ends."""
        self.state.period_us = period_us(reading.rate_hz)
        for head in reading.layout.names:
            tally = self.state.tallies.setdefault(head, _Tally())
            tally.samples += len(reading)
            pressed_kpa = reading.floats(f"pressure_{head}_kpa")[reading.flags(f"contact_{head}")]
            if len(pressed_kpa):
                tally.contact_samples += len(pressed_kpa)
                tally.total_steps += int(np.rint(pressed_kpa / _STEP_KPA).astype(np.int64).sum())
                tally.minimum_kpa = min(tally.minimum_kpa, float(pressed_kpa.min()))
                tally.maximum_kpa = max(tally.maximum_kpa, float(pressed_kpa.max()))
        return ()

    def begin(self, step: int) -> tuple[Moments, ...]:
        """Begin another step; return the moments of the one that ends, left head first."""
        ended = self.moments
        self.state = StatisticsState(step, self.state.period_us)
        return ended

    def flush(self) -> tuple[Moments, ...]:
        """Return the moments of the step in progress."""
        return self.begin(self.state.step)

    @property
    def moments(self) -> tuple[Moments, ...]:
        """The step in progress, as far as it has come."""
        return tuple(self._moments(head, tally) for head, tally in self.state.tallies.items())

    def _moments(self, head: Head, tally: _Tally) -> Moments:
        count = tally.contact_samples
        contact_s = seconds_from_us(count * self.state.period_us)
        if count == 0:
            return Moments(self.state.step, head, tally.samples, 0, 0.0, None, None, None)
        mean_kpa = tally.total_steps / count * _STEP_KPA
        return Moments(
            self.state.step, head, tally.samples, count, contact_s, mean_kpa, tally.minimum_kpa, tally.maximum_kpa
        )
