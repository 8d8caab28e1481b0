"""The outputs of a device into the skin, and their shapes over time."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

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

#: A motor at full amplitude that turns this much slower than it shall, in Hz, stops first and rises from zero; at less
#: amplitude it may lag by more, with the root of it. A little less than what rollers hold to.
LAG_MOST_HZ: Final = 3.5
