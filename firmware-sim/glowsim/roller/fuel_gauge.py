"""The fuel gauge: it keeps the battery's charge in the flash, so that the roller knows it at power-on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.chip import PowerLostError
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.roller.parts import FUEL_GAUGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.retained.memory import Memory
    from glowsim.physics.body import Body

_SAVE_EVERY_S: Final = 1.0


class FuelGauge:
    """Keeps the charge of a body's battery in a memory; `wall_clock_us` returns UTC in µs since 1970."""

    def __init__(self, memory: Memory, body: Body, wall_clock_us: Callable[[], int]) -> None:
        self._memory = memory
        self._body = body
        self._wall_clock_us = wall_clock_us
        self._saved_percent = -1

    async def run(self) -> None:
        """Keep the charge whenever it has changed by one percent, until cancelled."""
        while True:
            await asyncio.sleep(_SAVE_EVERY_S)
            if int(self._body.battery_percent) != self._saved_percent:
                self.keep()

    def keep(self) -> None:
        """Keep the charge now; the firmware reports a flash that takes no writes."""
        percent = self._body.battery_percent
        self._saved_percent = int(percent)
        with suppress(FlashFullError, FlashBrokenError, PowerLostError):
            self._memory.save({FUEL_GAUGE: {"percent": percent, "unix_s": self._wall_clock_us() / 1e6}})
