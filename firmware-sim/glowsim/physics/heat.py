"""The heads' temperature: drawn to the skin in contact and to the air otherwise, warmed by the motor."""

from __future__ import annotations

from typing import Final

#: Time constants and the motor's share (assumptions; slow, as device.md says).
SKIN_LAG_S: Final = 40.0
AIR_LAG_S: Final = 300.0
MOTOR_K_PER_S: Final = 0.01

RAW_PER_K: Final = 10.0


class Head:
    """The temperature of one head in °C."""

    __slots__ = ("temperature_c",)

    def __init__(self, temperature_c: float) -> None:
        self.temperature_c = temperature_c

    def update(self, dt_s: float, around_c: float, *, contact: bool, amplitude: float) -> None:
        """Advance by `dt_s` with skin or air of `around_c` about the head."""
        lag_s = SKIN_LAG_S if contact else AIR_LAG_S
        self.temperature_c += (around_c - self.temperature_c) * dt_s / (lag_s + dt_s) + MOTOR_K_PER_S * amplitude * dt_s

    @property
    def raw(self) -> int:
        """The temperature channel's count, 0.1 °C each."""
        return min(1250, max(-400, round(self.temperature_c * RAW_PER_K)))
