"""The time in which the firmware does not run: the power fails, or the firmware hangs until its watchdog resets it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

#: From power or reset to the first tick (assumption).
BOOT_US: Final = 300_000

#: The output stage shuts off when the firmware has not refreshed it for this long, so that no current flows
#: unsupervised during a hang (design).
OUTPUT_STAGE_US: Final = 20_000

#: The processor's own watchdog resets it when the firmware has not run for this long (design).
PROCESSOR_WATCHDOG_US: Final = 250_000


class ResetCause(enum.StrEnum):
    """The reason why the firmware starts."""

    POWER_ON = "power on"
    BROWN_OUT = "brown-out"
    SOFTWARE = "software"
    WATCHDOG = "watchdog"


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage: the firmware does not run, and starts again for `cause` after `off_us`; None: when power returns.

    The outputs keep their levels for `outputs_us`.
    """

    cause: ResetCause
    off_us: int | None = BOOT_US
    outputs_us: int = 0
