"""The time at one place grows while outputs are on there, and is given back while they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge import margins
from chaos.judge.ceilings import PLACE_US

if TYPE_CHECKING:
    from chaos.judge.commands.run import Run
    from chaos.judge.margins import Nearest
    from glowsim.physics.types import Drive

#: What the device and the judge may count differently about edges of steps.
ABOUT_US: Final = 100_000


class Dwell:
    """The time on each place, over massages and losses of power; while the power is off nothing is given back."""

    def __init__(self, nearest: Nearest) -> None:
        self._nearest = nearest
        self._worked_us: dict[int, int] = {}

    def judge(self, dt_us: int, drive: Drive, run: Run | None) -> str:
        """Return whether a place is worked for too long."""
        here = None if run is None or drive.quiet else run.step.zone
        for place in [place for place in self._worked_us if place != here]:
            left_us = self._worked_us[place] - dt_us
            if left_us > 0:
                self._worked_us[place] = left_us
            else:
                del self._worked_us[place]
        if here is None:
            return ""
        worked_us = self._worked_us[here] = self._worked_us.get(here, 0) + dt_us
        self._nearest.most(margins.DWELL, worked_us / 1e6)
        return "one place for too long" if worked_us > PLACE_US + ABOUT_US else ""
