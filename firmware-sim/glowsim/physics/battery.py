"""The battery: charge, open-circuit voltage, sag under load, temperature, and a charger that tapers off."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.physics.source import source

if TYPE_CHECKING:
    from glowsim.physics.types import Drive

#: Charge in percent and voltage at rest, linear in between: the usual shape of a cobalt Li-ion cell.
OPEN_CIRCUIT_V: Final[tuple[tuple[float, float], ...]] = (
    (0.0, 3.00),
    (5.0, 3.45),
    (10.0, 3.60),
    (20.0, 3.69),
    (40.0, 3.77),
    (60.0, 3.87),
    (80.0, 4.02),
    (100.0, 4.20),
)
_PERCENTS: Final = [percent for percent, _ in OPEN_CIRCUIT_V]

_REFERENCE_C: Final = 25.0
_SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class BatteryParameters:
    """A small Li-ion cell, its loads, and its charger."""

    capacity_mah: float = field(default=500.0, metadata=source("mAh"))
    base_ma: float = field(default=8.0, metadata=source("mA", "assumption: radio, sensors and LEDs"))
    motor_ma: float = field(default=120.0, metadata=source("mA", "assumption: a small eccentric-mass motor at full"))
    source_ma: float = field(default=6.0, metadata=source("mA", "assumption: step-up converter of the current source"))
    charger_ma: float = field(default=250.0, metadata=source("mA", "0.5 C, the usual rate for a small cell"))
    taper_percent: float = field(default=15.0, metadata=source("%", "assumption: charge left when voltage is constant"))
    cutoff_ma: float = field(default=25.0, metadata=source("mA", "C/20, the usual end of charge"))
    resistance_ohm: float = field(default=0.18, metadata=source("Ω", "assumption: cell, protection and wiring, 25 °C"))
    cold_per_k: float = field(default=0.025, metadata=source("1/K", "assumption: resistance doubles towards -15 °C"))
    regulator_v: float = field(default=3.3, metadata=source("V", "assumption: below it the motor gets less"))
    heat_j_per_k: float = field(default=10.0, metadata=source("J/K", "assumption: 10 g at 1 J/(g K)"))
    loss_w_per_k: float = field(default=0.02, metadata=source("W/K", "assumption: inside a closed handle"))


_USUAL: Final = BatteryParameters()


def open_circuit_v(percent: float) -> float:
    """Return the voltage at rest for a charge of 0 to 100 percent."""
    at = min(len(_PERCENTS) - 1, max(1, bisect_right(_PERCENTS, percent)))
    (low, low_v), (high, high_v) = OPEN_CIRCUIT_V[at - 1 : at + 1]
    return low_v + (high_v - low_v) * (percent - low) / (high - low)


class Battery:
    """Charge in percent, drained by the outputs, filled by the charger; `voltage_v` is the voltage under load."""

    __slots__ = ("_parameters", "charging", "percent", "temperature_c", "voltage_v")

    def __init__(
        self,
        percent: float,
        *,
        charging: bool,
        parameters: BatteryParameters = _USUAL,
        temperature_c: float = _REFERENCE_C,
    ) -> None:
        self._parameters = parameters
        self.percent = min(100.0, max(0.0, percent))
        self.charging = charging
        self.temperature_c = temperature_c
        self.voltage_v = open_circuit_v(self.percent)

    def update(self, dt_s: float, drive: Drive, ambient_c: float = _REFERENCE_C) -> None:
        """Advance by `dt_s` under a drive."""
        parameters = self._parameters
        load_ma = parameters.base_ma + parameters.motor_ma * drive.amplitude
        if drive.peak_ua > 0.0:
            load_ma += parameters.source_ma
        net_ma = self.charge_ma - load_ma
        gained = 100.0 * net_ma * dt_s / (parameters.capacity_mah * _SECONDS_PER_HOUR)
        self.percent = min(100.0, max(0.0, self.percent + gained))
        drop_v = net_ma * 1e-3 * self.resistance_ohm
        self.voltage_v = open_circuit_v(self.percent) + drop_v
        heat_w = abs(net_ma * 1e-3 * drop_v)
        cooling = parameters.loss_w_per_k * dt_s / (parameters.heat_j_per_k + parameters.loss_w_per_k * dt_s)
        self.temperature_c += (ambient_c - self.temperature_c) * cooling + heat_w * dt_s / parameters.heat_j_per_k

    @property
    def charge_ma(self) -> float:
        """The charger's current in mA: constant at first, then falling to the cut-off."""
        if not self.charging or self.percent >= 100.0:
            return self._parameters.base_ma if self.charging else 0.0
        share = min(1.0, (100.0 - self.percent) / self._parameters.taper_percent)
        return max(self._parameters.cutoff_ma, self._parameters.charger_ma * share)

    @property
    def resistance_ohm(self) -> float:
        """Internal resistance: more in the cold, and towards empty."""
        cold_k = max(0.0, _REFERENCE_C - self.temperature_c)
        empty = 1.0 + max(0.0, 10.0 - self.percent) / 10.0
        return self._parameters.resistance_ohm * (1.0 + self._parameters.cold_per_k * cold_k) * empty

    @property
    def supply_share(self) -> float:
        """The motor's share of its full voltage, 0 to 1."""
        return min(1.0, max(0.0, self.voltage_v / self._parameters.regulator_v))
