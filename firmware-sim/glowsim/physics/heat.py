"""The heads' temperature: heat flows from skin (through the contact area), air and motor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from glowsim.physics.source import source

RAW_PER_K: Final = 10.0


@dataclass(frozen=True, slots=True)
class HeatParameters:
    """One head as a lump of metal."""

    capacity_j_per_k: float = field(default=12.0, metadata=source("J/K", "24 g of steel at 0.5 J/(g K); mass assumed"))
    skin_w_per_k_cm2: float = field(
        default=0.33, metadata=source("W/(K cm²)", "assumption: gel and perfused skin; a head follows within a minute")
    )
    air_w_per_k: float = field(default=0.04, metadata=source("W/K", "10 W/(m² K), still air, over 40 cm²"))
    motor_w: float = field(default=0.12, metadata=source("W", "assumption: a quarter of the motor's power, by head"))


_USUAL: Final = HeatParameters()


class Head:
    """The temperature of one head in °C."""

    __slots__ = ("_parameters", "temperature_c")

    def __init__(self, temperature_c: float, parameters: HeatParameters = _USUAL) -> None:
        self._parameters = parameters
        self.temperature_c = temperature_c

    def update(self, dt_s: float, *, air_c: float, skin_c: float, contact_cm2: float, amplitude: float) -> None:
        """Advance by `dt_s` in air, on skin with this contact (0: lifted), with the motor at an amplitude of 0 to 1.

        The step is implicit in time, so none is too long: the temperature never overshoots.
        """
        parameters = self._parameters
        skin_w_per_k = parameters.skin_w_per_k_cm2 * contact_cm2
        share = dt_s / parameters.capacity_j_per_k
        flow = skin_w_per_k * skin_c + parameters.air_w_per_k * air_c + parameters.motor_w * amplitude
        self.temperature_c = (self.temperature_c + share * flow) / (
            1.0 + share * (skin_w_per_k + parameters.air_w_per_k)
        )

    @property
    def raw(self) -> int:
        """The temperature channel's count, 0.1 °C each."""
        return min(1250, max(-400, round(self.temperature_c * RAW_PER_K)))
