"""A scenario's settings for the roller's own parts: cells, motor, heat of the heads, battery."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from glowsim.physics.battery import BatteryParameters
from glowsim.physics.body import BodyParameters
from glowsim.physics.cells import CellParameters
from glowsim.physics.heat import HeatParameters
from glowsim.physics.motor import MotorParameters

_BODY: Final = BodyParameters()
_CELLS: Final = CellParameters()
_MOTOR: Final = MotorParameters()
_HEAT: Final = HeatParameters()
_BATTERY: Final = BatteryParameters()

#: The keys of `[battery]` that are its state at power-on; the others are the cell's.
_STATE: Final = frozenset({"percent", "charging", "charge_percent_per_h"})


class Part(BaseModel):
    """A table of a scenario. Strict: it refuses whatever an editor refuses by the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Cells(Part):
    """The four pressure cells; see `CellParameters`."""

    gain_tolerance: Annotated[float, Field(ge=0, le=0.2)] = _CELLS.gain_tolerance
    offset_kpa: Annotated[float, Field(ge=0, le=5)] = _CELLS.offset_kpa
    noise_kpa: Annotated[float, Field(ge=0, le=1)] = _CELLS.noise_kpa
    hysteresis_kpa: Annotated[float, Field(ge=0, le=1)] = _CELLS.hysteresis_kpa
    thermal_kpa_per_k: Annotated[float, Field(ge=0, le=0.1)] = _CELLS.thermal_kpa_per_k
    wander_kpa: Annotated[float, Field(ge=0, le=1)] = _CELLS.wander_kpa

    def parameters(self) -> CellParameters:
        """Return the parameters of the cells."""
        return CellParameters(**self.model_dump())


class Motor(Part):
    """The vibration motor; see `MotorParameters`."""

    lag_s: Annotated[float, Field(gt=0, le=0.5)] = _MOTOR.lag_s
    brake_s: Annotated[float, Field(gt=0, le=0.1)] = _MOTOR.brake_s
    standstill: Annotated[float, Field(gt=0, le=0.1)] = _MOTOR.standstill
    eccentric_g_mm: Annotated[float, Field(ge=0, le=100)] = _MOTOR.eccentric_g_mm
    tool_g: Annotated[float, Field(ge=10, le=2000)] = _MOTOR.tool_g
    tissue_g_per_cm2: Annotated[float, Field(ge=0, le=50)] = _MOTOR.tissue_g_per_cm2

    def parameters(self) -> MotorParameters:
        """Return the parameters of the motor."""
        return MotorParameters(**self.model_dump())


class Heat(Part):
    """The heat of one head; see `HeatParameters`."""

    capacity_j_per_k: Annotated[float, Field(gt=0, le=1000)] = _HEAT.capacity_j_per_k
    skin_w_per_k_cm2: Annotated[float, Field(ge=0, le=10)] = _HEAT.skin_w_per_k_cm2
    air_w_per_k: Annotated[float, Field(ge=0, le=10)] = _HEAT.air_w_per_k
    motor_w: Annotated[float, Field(ge=0, le=20)] = _HEAT.motor_w

    def parameters(self) -> HeatParameters:
        """Return the parameters of the heads' heat."""
        return HeatParameters(**self.model_dump())


class Battery(Part):
    """The battery: its state at power-on, and its cell; see `BatteryParameters`.

    Without `percent`, its charge is that of the last power-off plus the time in the cradle.
    """

    percent: Annotated[float, Field(ge=0, le=100)] | None = None
    charging: bool = _BODY.charging
    charge_percent_per_h: Annotated[float, Field(ge=0, le=500)] = 50.0
    capacity_mah: Annotated[float, Field(ge=10, le=20_000)] = _BATTERY.capacity_mah
    base_ma: Annotated[float, Field(ge=0, le=500)] = _BATTERY.base_ma
    motor_ma: Annotated[float, Field(ge=0, le=2000)] = _BATTERY.motor_ma
    source_ma: Annotated[float, Field(ge=0, le=500)] = _BATTERY.source_ma
    charger_ma: Annotated[float, Field(ge=0, le=5000)] = _BATTERY.charger_ma
    taper_percent: Annotated[float, Field(gt=0, le=100)] = _BATTERY.taper_percent
    cutoff_ma: Annotated[float, Field(ge=0, le=500)] = _BATTERY.cutoff_ma
    resistance_ohm: Annotated[float, Field(ge=0, le=5)] = _BATTERY.resistance_ohm
    cold_per_k: Annotated[float, Field(ge=0, le=0.5)] = _BATTERY.cold_per_k
    regulator_v: Annotated[float, Field(ge=1, le=4.2)] = _BATTERY.regulator_v
    heat_j_per_k: Annotated[float, Field(gt=0, le=1000)] = _BATTERY.heat_j_per_k
    loss_w_per_k: Annotated[float, Field(ge=0, le=10)] = _BATTERY.loss_w_per_k

    def parameters(self) -> BatteryParameters:
        """Return the parameters of the battery's cell."""
        return BatteryParameters(**self.model_dump(exclude=set(_STATE)))
