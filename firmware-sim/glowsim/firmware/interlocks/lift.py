"""A clear lift: cells and electrodes agree for a while that no head touches. Only this renews trust in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.contact import AWAY_KPA

if TYPE_CHECKING:
    from glowsim.firmware.sensors.readings import Readings

#: How long both must agree, so that noise is not mistaken for a lift (design).
CLEAR_US: Final = 50_000


class ClearLift:
    """Detects that cells and electrodes have agreed for long enough."""

    __slots__ = ("_since_us",)

    def __init__(self) -> None:
        self._since_us: int | None = None

    def seen(self, now_us: int, readings: Readings) -> bool:
        """Return whether the roller is clearly lifted at `now_us`."""
        if not readings.impedance_open or readings.highest_kpa >= AWAY_KPA:
            self._since_us = None
            return False
        if self._since_us is None:
            self._since_us = now_us
        return now_us - self._since_us >= CLEAR_US
