"""The battery and its gauge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glowsim.physics.types import Drive

#: A small Li-ion cell and what it feeds (assumptions).
CAPACITY_MAH: Final = 500.0
BASE_MA: Final = 8.0
MOTOR_MA: Final = 120.0
SOURCE_MA: Final = 6.0
CHARGER_MA: Final = 250.0

_SECONDS_PER_HOUR: Final = 3600.0


class Battery:
    """Charge in percent, drained by the outputs, filled by the charger."""

    def __init__(self, percent: float, *, charging: bool) -> None:
        self.percent = min(100.0, max(0.0, percent))
        self.charging = charging

    def update(self, dt_s: float, drive: Drive) -> None:
        """Advance by `dt_s` under a drive."""
        load_ma = BASE_MA + MOTOR_MA * drive.amplitude + (SOURCE_MA if drive.peak_ua > 0.0 else 0.0)
        net_ma = (CHARGER_MA if self.charging else 0.0) - load_ma
        gained = 100.0 * net_ma * dt_s / (CAPACITY_MAH * _SECONDS_PER_HOUR)
        self.percent = min(100.0, max(0.0, self.percent + gained))
