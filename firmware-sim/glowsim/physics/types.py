"""The values that firmware and body exchange in every tick, and the truth that the body keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from glowtool.model.face import Direction
from glowtool.model.output import Waveform
from glowtool.model.program import NO_STEP

#: The firmware's tick; the shorter one applies while telemetry runs at 400 Hz.
TICK_US: Final = 5_000
TICK_FAST_US: Final = 2_500

#: The impedance channel's reading of an open circuit.
IMPEDANCE_OPEN: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Cue:
    """The cue that the ring of LEDs shows and the hand follows: the step in progress, and its direction."""

    step: int = NO_STEP
    direction: Direction = Direction.ANY

    @property
    def working(self) -> bool:
        """Whether a step is in progress, so that the hand should work."""
        return self.step != NO_STEP


@dataclass(frozen=True, slots=True)
class Drive:
    """The firmware's request to motor driver, current source and ring of LEDs. By default everything is off.

    `amplitude` is a share of full, 0 to 1.
    """

    amplitude: float = 0.0
    vibration_hz: float = 0.0
    peak_ua: float = 0.0
    current_hz: float = 0.0
    waveform: Waveform = Waveform.NONE
    cue: Cue = Cue()

    @property
    def quiet(self) -> bool:
        """Whether neither the motor nor the current source is driven."""
        return self.amplitude == 0.0 and self.peak_ua == 0.0


# This class and the next are not frozen: one is made in every tick, and freezing costs five times as much.
@dataclass(slots=True)
class Sensed:
    """The readings of one tick, in raw counts of the channel table; they must not be changed.

    Cells are left-front, left-rear, right-front, right-rear; pairs are left, right. `source_raw` holds the current
    source's own voltage and current at the crest of a phase; both are zero while it drives nothing.
    """

    cells_raw: tuple[int, int, int, int]
    travel_raw: tuple[int, int]
    impedance_raw: int
    head_temp_raw: tuple[int, int]
    battery_percent: int
    charging: bool
    source_raw: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Delivered:
    """What electrodes and motor really did in one tick: the truth by which safety is judged; it must not be changed.

    `phase_charge_uc` is the charge of the positive and of the negative phase, both counted positive.
    `contact_area_cm2` is the area of the smaller contact, which sets the density.
    """

    peak_ua: float
    phase_charge_uc: tuple[float, float]
    density_rms_ua_cm2: float
    contact_area_cm2: float
    amplitude: float
    vibration_hz: float
    acceleration_ms2: float

    @property
    def quiet(self) -> bool:
        """Whether no current flows and nothing moves."""
        return self.peak_ua == 0.0 and self.amplitude == 0.0
