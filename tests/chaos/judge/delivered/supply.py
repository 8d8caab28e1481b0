"""Charger and battery: no output on a charger, no current from a weak battery, a soft end before it is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos.judge import margins
from chaos.judge.ceilings import EMPTY_PERCENT, TICKS_US, WEAK_PERCENT
from chaos.judge.margins import SOFT_END_US

if TYPE_CHECKING:
    from chaos.judge.margins import Nearest
    from glowsim.physics.types import Delivered, Drive, Sensed


class Supply:
    """Since when the roller is on the charger, and since when its battery is empty."""

    def __init__(self, nearest: Nearest) -> None:
        self._nearest = nearest
        self._charging_us: int | None = None
        self._empty_us: int | None = None

    def judge(self, now_us: int, sensed: Sensed, delivered: Delivered, drive: Drive) -> str:
        """Return what may not be driven by this supply."""
        if sensed.battery_percent >= EMPTY_PERCENT:
            self._empty_us = None
        elif self._empty_us is None:
            self._empty_us = now_us
        if not sensed.charging:
            self._charging_us = None
        elif self._charging_us is None:
            self._charging_us = now_us
        elif not delivered.quiet:
            self._nearest.most(margins.CHARGER, (now_us - self._charging_us) / 1000)
        return "" if drive.quiet else self._driven(now_us, sensed, drive)

    def _driven(self, now_us: int, sensed: Sensed, drive: Drive) -> str:
        if sensed.charging:
            return "charging lock"
        if drive.peak_ua > 0.0:
            self._nearest.least(margins.WEAK, sensed.battery_percent)
            if sensed.battery_percent < WEAK_PERCENT:
                return "battery, current"
        if self._empty_us is None:
            return ""
        lasted_us = now_us - self._empty_us
        self._nearest.most(margins.EMPTY, lasted_us / 1000)
        return "battery, empty" if lasted_us > SOFT_END_US + TICKS_US else ""
