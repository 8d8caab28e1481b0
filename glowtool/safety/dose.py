"""The dose of a massage: what went into the skin, as sums that add up over massages, days and rollers.

Charge and shaking are upper estimates. A roller tells the amplitude of its motor, and no acceleration: full amplitude
at some frequency counts as the shaking of a usual small motor in a tool of 180 g, weighted as hands feel it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import SILENT, Levels
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.model.program import Step

EIGHT_HOURS_S: Final = 8 * 3600.0

#: The daily values of directive 2002/44/EC for hand and arm, in m/s² as A(8): from the first on, something is to be
#: done, and the second is not to be passed. None exist for a face.
ACTION_MS2: Final = 2.5
LIMIT_MS2: Final = 5.0

#: An eccentric of 9.17 g mm that shakes 180 g (assumption), r.m.s., over the square of the frequency.
_MS2_PER_HZ2: Final = 9.17e-6 * (2 * math.pi) ** 2 / math.sqrt(2) / 0.18

#: From 16 Hz on, the weighting of ISO 5349-1 falls with the frequency, from about 1.
_WEIGHTED_FROM_HZ: Final = 16.0

_UC_PER_MC: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Dose:
    """Seconds with current and with vibration, charge of both phases in mC, and weighted acceleration² × time."""

    current_s: float = 0.0
    vibration_s: float = 0.0
    charge_mc: float = 0.0
    shaking_m2_per_s3: float = 0.0

    def __add__(self, other: Dose) -> Dose:
        return Dose(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))

    @property
    def a8_ms2(self) -> float:
        """The vibration as A(8), in m/s²: the steady one that would shake as much in eight hours."""
        return math.sqrt(max(0.0, self.shaking_m2_per_s3) / EIGHT_HOURS_S)


NO_DOSE: Final = Dose()

#: All that a day allows, for what nobody knows: a ledger that was damaged counts as that.
WHOLE_DAY: Final = Dose(
    limit(CeilingId.DAY_CURRENT),
    limit(CeilingId.DAY_VIBRATION),
    limit(CeilingId.DAY_CURRENT) * limit(CeilingId.PEAK_CURRENT) / _UC_PER_MC,
)


def shaking_ms2(amplitude: float, vibration_hz: float) -> float:
    """Return the weighted acceleration of an amplitude (share of full) at a frequency, r.m.s. in m/s²."""
    return amplitude * _MS2_PER_HZ2 * vibration_hz * min(vibration_hz, _WEIGHTED_FROM_HZ)


def dose_of(levels: Levels, time_s: float) -> Dose:
    """Return the dose of outputs that stay as they are for a time."""
    return Dose(
        time_s if levels.peak_ua > 0 else 0.0,
        time_s if levels.amplitude > 0 else 0.0,
        levels.peak_ua * time_s / _UC_PER_MC,
        shaking_ms2(levels.amplitude, levels.vibration_hz) ** 2 * time_s,
    )


def planned(steps: Iterable[Step]) -> Dose:
    """Return the most that steps can deliver in their time: each of them at its largest levels throughout."""
    whole = NO_DOSE
    for step in steps:
        whole += dose_of(most_of(step), step.duration_ms / MILLISECONDS_PER_SECOND)
    return whole


def most_of(step: Step) -> Levels:
    """Return the largest of each level at any moment of a step."""
    first, *later = (point.levels for point in step.points)
    for levels in later:
        first = larger(first, levels)
    return first


def most_of_all(steps: Iterable[Step]) -> Levels:
    """Return the largest of each level at any moment of any step."""
    most = SILENT
    for step in steps:
        most = larger(most, most_of(step))
    return most


def larger(one: Levels, other: Levels) -> Levels:
    """Return the larger of each level."""
    return Levels(
        max(one.amplitude, other.amplitude),
        max(one.vibration_hz, other.vibration_hz),
        max(one.peak_ua, other.peak_ua),
        max(one.current_hz, other.current_hz),
    )
