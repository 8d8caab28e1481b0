"""The day's dose: how long each output was on today, kept over a loss of power.

A new day begins when the clock says so, and, while the clock is not set, after 24 hours with the power on. A host
that moves the clock of a running device gets no new day by it, neither at once nor sooner than it would have come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowsim.physics.types import Drive

CURRENT_US_MAX: Final = ceiling(CeilingId.DAY_CURRENT) * MICROSECONDS_PER_SECOND
VIBRATION_US_MAX: Final = ceiling(CeilingId.DAY_VIBRATION) * MICROSECONDS_PER_SECOND
_DAY_ON_US: Final = 24 * 3600 * MICROSECONDS_PER_SECOND


@dataclass(slots=True)
class DayDose:
    """Time with output, and the day it belongs to; `day` is None as long as no clock has said which one it is."""

    day: int | None = None
    on_us: int = 0
    current_us: int = 0
    vibration_us: int = 0

    @property
    def current_spent(self) -> bool:
        """Whether the day's current is used up."""
        return self.current_us >= CURRENT_US_MAX

    @property
    def vibration_spent(self) -> bool:
        """Whether the day's vibration is used up."""
        return self.vibration_us >= VIBRATION_US_MAX

    def pass_time(self, dt_us: int, day: int | None, drive: Drive) -> None:
        """Count `dt_us` under `drive`; begin anew when a day is over. `day` is the clock's, None when not set."""
        self.on_us += dt_us
        if (day is None and self.on_us >= _DAY_ON_US) or (day is not None and self.day is not None and day > self.day):
            self.on_us = self.current_us = self.vibration_us = 0
        if day is not None:
            # A clock that was set back gives its day, and no new dose with it.
            self.day = day
        if drive.peak_ua > 0.0:
            self.current_us += dt_us
        if drive.amplitude > 0.0:
            self.vibration_us += dt_us
