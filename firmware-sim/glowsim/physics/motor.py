"""The vibration motor: it follows its drive with a lag; acceleration grows with amplitude and frequency squared."""

from __future__ import annotations

from typing import Final

#: Spin-up of a small eccentric-mass motor, and its run-down with the windings shorted (assumptions).
LAG_S: Final = 0.04
BRAKE_S: Final = 0.012

#: Acceleration at full amplitude and the reference frequency, r.m.s. (assumption).
REFERENCE_MS2: Final = 8.0
REFERENCE_HZ: Final = 75.0

#: Below this amplitude friction stops the rotor (assumption).
STANDSTILL: Final = 0.01


class Motor:
    """One eccentric-mass motor."""

    __slots__ = ("amplitude", "vibration_hz")

    def __init__(self) -> None:
        self.amplitude = 0.0
        self.vibration_hz = 0.0

    def update(self, dt_s: float, amplitude: float, vibration_hz: float) -> None:
        """Advance by `dt_s` under a drive; the frequency stays where it was while the rotor runs down."""
        lag_s = BRAKE_S if amplitude == 0.0 else LAG_S
        self.amplitude += (amplitude - self.amplitude) * dt_s / (lag_s + dt_s)
        if amplitude > 0.0:
            self.vibration_hz = vibration_hz
        elif self.amplitude < STANDSTILL:
            self.amplitude = 0.0
            self.vibration_hz = 0.0

    @property
    def acceleration_ms2(self) -> float:
        """Acceleration of the heads, r.m.s., in m/s²: a rotating mass pulls with the square of its speed."""
        return REFERENCE_MS2 * self.amplitude * (self.vibration_hz / REFERENCE_HZ) ** 2
