"""The values that firmware and body exchange at every tick, and the truth that the body keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from glowtool.model.face import Direction
from glowtool.model.output import Waveform
from glowtool.model.program import NO_STEP

#: The firmware's tick. While telemetry runs at 400 Hz it is the shorter one.
TICK_US: Final = 5_000
TICK_FAST_US: Final = 2_500

#: The impedance channel's reading of an open circuit.
IMPEDANCE_OPEN: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class Cue:
    """What the ring of LEDs shows, and what the hand follows: the step in progress and the direction it asks for."""

    step: int = NO_STEP
    direction: Direction = Direction.ANY

    @property
    def working(self) -> bool:
        """Whether a step is in progress, so that a hand should work."""
        return self.step != NO_STEP


@dataclass(frozen=True, slots=True)
class Drive:
    """What the firmware asks of motor driver, current source and ring of LEDs. The default is everything off.

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
        """Whether neither motor nor current source is asked for anything."""
        return self.amplitude == 0.0 and self.peak_ua == 0.0


# This one and the next are not frozen, because one is made at every tick, and freezing costs five times as much.
@dataclass(slots=True)
class Sensed:
    """What the firmware can see in this tick, in raw counts of the channel table; nobody changes it.

    Cells are left-front, left-rear, right-front, right-rear; pairs are left, right. `source_raw` is what the current
    source measures of itself at the crest of a phase, voltage and current; both zero while it drives nothing.
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
    """What electrode and motor really did in this tick: the truth by which safety is judged; nobody changes it.

    `phase_charge_uc` is the charge of the positive and of the negative phase, both counted positive.
    `contact_area_cm2` is that of the head with the smaller contact, which sets the density.
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
