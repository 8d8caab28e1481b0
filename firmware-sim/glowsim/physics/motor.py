"""The vibration motor: it follows its drive with a lag, and its acceleration grows with the square of its speed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from glowsim.physics.source import source


@dataclass(frozen=True, slots=True)
class MotorParameters:
    """A small eccentric-mass motor, and the mass that it shakes."""

    lag_s: float = field(default=0.04, metadata=source("s", "assumption: spin-up of a small motor with overdrive"))
    brake_s: float = field(default=0.012, metadata=source("s", "assumption: run-down with the windings shorted"))
    standstill: float = field(default=0.01, metadata=source("share", "assumption: friction stops the rotor"))
    eccentric_g_mm: float = field(default=9.17, metadata=source("g mm", "assumption: 1.8 g, 5 mm off the axis"))
    tool_g: float = field(default=180.0, metadata=source("g", "assumption: mass of the whole tool"))
    tissue_g_per_cm2: float = field(default=4.0, metadata=source("g/cm²", "assumption: tissue that moves along"))


_USUAL: Final = MotorParameters()


class Motor:
    """One eccentric-mass motor. `amplitude` is the effective share of its eccentric mass, 0 to 1."""

    __slots__ = ("_parameters", "_per_hz2", "amplitude", "vibration_hz")

    def __init__(self, parameters: MotorParameters = _USUAL) -> None:
        self._parameters = parameters
        # A mass m that turns at radius r accelerates a mass M by m r ω² / M at its peak, and by 1/√2 of that r.m.s.
        self._per_hz2 = parameters.eccentric_g_mm * 1e-6 * (2.0 * math.pi) ** 2 / math.sqrt(2.0)
        self.amplitude = 0.0
        self.vibration_hz = 0.0

    def update(self, dt_s: float, amplitude: float, vibration_hz: float, supply_share: float = 1.0) -> None:
        """Advance by `dt_s` under a drive, of which a weak supply delivers only a share.

        The frequency follows with the same lag, starts at the requested value, and is held while the rotor runs down.
        """
        parameters = self._parameters
        if amplitude > 0.0:
            share = dt_s / (parameters.lag_s + dt_s)
            self.amplitude += ((amplitude if amplitude < supply_share else supply_share) - self.amplitude) * share
            if self.vibration_hz == 0.0:
                self.vibration_hz = vibration_hz
            else:
                self.vibration_hz += (vibration_hz - self.vibration_hz) * share
        elif self.amplitude > 0.0:
            self.amplitude -= self.amplitude * dt_s / (parameters.brake_s + dt_s)
            if self.amplitude < parameters.standstill:
                self.amplitude = self.vibration_hz = 0.0
        else:
            self.vibration_hz = 0.0

    @property
    def acceleration_ms2(self) -> float:
        """The acceleration of the heads in the air, r.m.s., in m/s²."""
        return self.shaking_ms2(0.0)

    def shaking_ms2(self, contact_cm2: float) -> float:
        """Return the acceleration, r.m.s., in m/s², of heads with this contact area: tissue shakes along."""
        moved_kg = (self._parameters.tool_g + self._parameters.tissue_g_per_cm2 * contact_cm2) * 1e-3
        return self._per_hz2 * self.amplitude * self.vibration_hz * self.vibration_hz / moved_kg
