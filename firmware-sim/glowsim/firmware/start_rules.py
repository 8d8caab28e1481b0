"""The reasons why a program may not start now, whether by a host or by the button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware.interlocks.supply import CURRENT_PERCENT, EMPTY_PERCENT
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowsim.firmware.core import Core
    from glowsim.firmware.program.executor import Program


def start_refusal(core: Core, program: Program) -> Result | None:
    """Return why a program may not start now, or None: battery, dose of the day and of places, settings."""
    percent, dose = core.readings.battery_percent, core.retained.dose
    current = any(step.peak_ua_most for step in program)
    vibration = any(step.amplitude_permille_most for step in program)
    if percent < EMPTY_PERCENT or (current and percent < CURRENT_PERCENT):
        return Result.BATTERY_LOW
    spent = (current and dose.current_spent) or (vibration and dose.vibration_spent)
    forbidden = core.retained.settings.forbid(program) or core.model.forbids(program)
    if spent or forbidden or core.retained.dwell.overrun(program) is not None:
        return Result.OVER_CEILING
    return None
