"""The outputs of a device into the skin, and their shapes over time."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.units import SHARE, spoken


class Output(enum.StrEnum):
    """The outputs of a device into the skin."""

    VIBRATION = "vibration"
    MICROCURRENT = "microcurrent"


class Pattern(enum.IntEnum):
    """The course of the vibration's amplitude over one pattern period."""

    STEADY = 0
    PULSE = 1
    WAVE = 2
    RAMP = 3


class Waveform(enum.IntEnum):
    """The shape of the microcurrent. Every shape is charge-balanced: both phases carry the same charge."""

    NONE = 0
    BIPHASIC_SQUARE = 1
    BIPHASIC_PULSE = 2
    MODULATED = 3


@dataclass(frozen=True, slots=True)
class Levels:
    """The outputs at one moment: amplitude as a share of full, peak in µA, and both frequencies."""

    amplitude: float = 0.0
    vibration_hz: float = 0.0
    peak_ua: float = 0.0
    current_hz: float = 0.0

    @property
    def zero(self) -> bool:
        """Whether all outputs are zero."""
        return self.amplitude == 0 and self.peak_ua == 0

    def __str__(self) -> str:
        return (
            f"{spoken(self.amplitude, SHARE)} at {self.vibration_hz:g} Hz and {self.peak_ua:g} µA at "
            f"{self.current_hz:g} Hz"
        )


SILENT: Final = Levels()

# The motor takes its time to turn faster, and to shake less. Where its amplitude has not yet fallen and its frequency
# lags behind, the way to the new frequency would shake by up to HALFWAY × amplitude × lag² more than either end of it.
# A roller that would exceed full shaking × TOLERATED by that stops the motor for its run-down, and begins from zero.

#: The time constant with which a motor's amplitude and frequency follow its drive, from its characterisation.
LAG_S: Final = 0.05

#: A shorted motor stands still after this long.
RUN_DOWN_MS: Final = 100

#: How often a roller looks at its motor.
TICK_S: Final = 0.005

#: How far the shaking may exceed the line of the soft start, as a share of full (design).
TOLERATED: Final = 0.0005

#: The largest excess on the way, as a share of amplitude × lag².
HALFWAY: Final = 0.75

#: Hosts keep within this share of the lag at which a roller stops a motor: devices round levels, and moments to
#: milliseconds.
_KEPT: Final = 0.9

#: What hosts let a motor at full amplitude lag, in Hz. At less amplitude it may lag by more, with the root of it.
LAG_MOST_HZ: Final = _KEPT * math.sqrt(TOLERATED / HALFWAY) * limit(CeilingId.VIBRATION_FREQUENCY_MAX)
