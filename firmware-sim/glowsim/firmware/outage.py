"""The time in which the firmware does not run: power that fails, and a mind that hangs until its watchdog bites."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

#: From power or reset to the first tick (assumption).
BOOT_US: Final = 300_000

#: The output stage shuts by itself when the firmware has not refreshed it for so long, so that a hang is not a
#: current that nobody watches (design).
OUTPUT_STAGE_US: Final = 20_000

#: The processor's own watchdog resets it when the firmware has not run for so long (design).
PROCESSOR_WATCHDOG_US: Final = 250_000


class ResetCause(enum.StrEnum):
    """Why the firmware starts."""

    POWER_ON = "power on"
    BROWN_OUT = "brown-out"
    SOFTWARE = "software"
    WATCHDOG = "watchdog"


@dataclass(frozen=True, slots=True)
class Outage:
    """The firmware does not run, and starts again for `cause` after `off_us`; None: when power comes back.

    The outputs keep what they had for `outputs_us`.
    """

    cause: ResetCause
    off_us: int | None = BOOT_US
    outputs_us: int = 0
