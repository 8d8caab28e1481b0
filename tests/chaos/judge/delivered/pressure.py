"""Too much pressure brings a caution into every answer, then half outputs, and above harm none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge import margins
from chaos.judge.ceilings import HALF_AFTER_US, HALF_RAW, SLACK, TICKS_US, ZERO_RAW
from chaos.judge.commands.run import PATTERN

if TYPE_CHECKING:
    from chaos.judge.commands.run import Run
    from chaos.judge.margins import Nearest
    from chaos.judge.truth import Truth
    from glowsim.physics.types import Drive

#: A second over 9.3 kPa is forgotten within this many seconds below it (design).
LEAK: Final = 4

#: How much less than the true pressure the cells of a head may show: lean, tolerance, play, an offset that was tared.
SHOWN: Final = 0.85
OFF_KPA: Final = 0.5


class Pressure:
    """The memory of one power cycle."""

    def __init__(self, nearest: Nearest) -> None:
        self._nearest = nearest
        self._over_us = 0.0
        self._held = False

    def power_cycled(self) -> None:
        """Forget it: outputs begin at zero."""
        self._over_us, self._held = 0.0, False

    def judge(self, dt_us: int, highest_raw: int, truth: Truth, drive: Drive, run: Run | None) -> str:
        """Return what is wrong with the drive under the pressure of this tick, in counts less the tare."""
        if highest_raw > HALF_RAW:
            self._over_us += dt_us
        else:
            self._over_us = max(0.0, self._over_us - dt_us / LEAK)
        self._held = self._over_us >= HALF_AFTER_US + TICKS_US or (self._held and self._over_us > 0.0)
        if drive.quiet:
            return ""
        self._nearest.most(margins.PRESSURE, highest_raw / 100)
        if highest_raw > ZERO_RAW:
            return "pressure, zero"
        if truth.told_kpa * SHOWN - OFF_KPA > ZERO_RAW / 100:
            return "pressure, zero (truth)"
        if not self._over_us or run is None:
            return ""
        amplitude, peak_ua = run.most()
        if drive.amplitude <= amplitude / 2 + PATTERN and drive.peak_ua <= peak_ua / 2 + SLACK:
            return ""
        self._nearest.most(margins.HALF, self._over_us / 1000)
        return "pressure, half" if self._held else ""
