"""The roller's body, and the hand that holds it: each call is one step in time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.physics.battery import Battery, BatteryParameters
from glowsim.physics.cells import CellParameters, Cells
from glowsim.physics.contact.area import Contact
from glowsim.physics.contact.electrode import NO_FLOW, flow, impedance_raw, loop_ohm
from glowsim.physics.contact.sense import UNDRIVEN, SourceSense
from glowsim.physics.contact.skin import Skin, SkinParameters
from glowsim.physics.hand.hand import LEAN, Hand, HandParameters
from glowsim.physics.heat import Head, HeatParameters
from glowsim.physics.motor import Motor, MotorParameters
from glowsim.physics.noise import noise_for
from glowsim.physics.travel import travel_raw
from glowsim.physics.types import Delivered, Drive, Sensed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowsim.physics.hand.diary import Stroke, Touch

#: How often slow quantities are advanced: heat, charge, moisture, drift.
SLOW_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class BodyParameters:
    """The person who holds the roller, the person's skin, and the charge of the battery."""

    hand: HandParameters = field(default_factory=HandParameters)
    skin: SkinParameters = field(default_factory=SkinParameters)
    cells: CellParameters = field(default_factory=CellParameters)
    battery_percent: float = 80.0
    charging: bool = False
    ambient_c: float = 23.0
    motor: MotorParameters = field(default_factory=MotorParameters)
    battery: BatteryParameters = field(default_factory=BatteryParameters)
    heat: HeatParameters = field(default_factory=HeatParameters)


class Body:
    """Everything outside the firmware. Seeded: the same seed and the same inputs give the same outputs.

    The methods other than `update` are what a person or a mishap does to it, from the next update on.
    """

    def __init__(self, parameters: BodyParameters, seed: int) -> None:
        self._ambient_c = parameters.ambient_c
        self._skin_c = parameters.skin.temperature_c
        self._hand = Hand(parameters.hand, noise_for(seed, 0))
        self._electrodes_off = False, False
        self._cells = Cells(parameters.cells, noise_for(seed, 1))
        self._source = SourceSense(noise_for(seed, 2))
        self._left, self._right = Contact(), Contact()
        self._heads = (
            Head(parameters.ambient_c, parameters.heat),
            Head(parameters.ambient_c, parameters.heat),
        )
        self._motor = Motor(parameters.motor)
        self._skin = Skin(parameters.skin)
        self._battery = Battery(
            parameters.battery_percent,
            charging=parameters.charging,
            parameters=parameters.battery,
            temperature_c=parameters.ambient_c,
        )
        self._time_us: int | None = None
        self._waiting_s = 0.0
        self._temp_raw = self._heads[0].raw, self._heads[1].raw
        self._supply_share = self._battery.supply_share

    @property
    def battery_percent(self) -> float:
        """Charge of the battery, 0 to 100; saved with the roller's state."""
        return self._battery.percent

    @property
    def moisture(self) -> float:
        """Moisture of the skin, 0 to 1."""
        return self._skin.moisture

    @property
    def strokes(self) -> Sequence[Stroke]:
        """The last hundred thousand completed strokes, as they truly were."""
        return self._hand.diary.strokes

    def place_on_charger(self, *, charging: bool) -> None:
        """Put the roller into its cradle, or take it out of it."""
        self._battery.charging = charging

    def set_battery(self, percent: float) -> None:
        """Set the battery's charge, 0 to 100."""
        self._battery.percent = min(100.0, max(0.0, percent))

    def wet_skin(self, moisture: float) -> None:
        """Put gel on, or wipe it off: set the skin's moisture, 0 to 1, from which it dries."""
        self._skin.wet(moisture)

    def lift(self) -> None:
        """Hold the roller off the skin, or walk away from it, until `set_down`; the person ignores cues."""
        self._hand.lifted = True

    def set_down(self) -> None:
        """Let the person follow the cues again."""
        self._hand.lifted = False

    def press(self, pressure_kpa: float | None) -> None:
        """Press both heads evenly without moving, whatever the cues say; None: follow the cues again.

        Raises `ValueError` for a negative pressure.
        """
        if pressure_kpa is not None and not 0.0 <= pressure_kpa < math.inf:
            raise ValueError(f"a hand cannot press with {pressure_kpa} kPa; allowed: 0 or more")
        self._hand.pressed_kpa = pressure_kpa

    def lift_electrodes(self, left: bool, right: bool) -> None:  # noqa: FBT001 - a pair of heads, not a switch
        """Let electrodes lose the skin although their heads are pressed, or regain it."""
        self._electrodes_off = left, right

    def heat_heads(self, temperature_c: float) -> None:
        """Set the temperature of both heads; from then on it follows skin, air and motor."""
        for head in self._heads:
            head.temperature_c = temperature_c
        self._temp_raw = self._heads[0].raw, self._heads[1].raw

    def truth(self) -> tuple[tuple[Stroke, ...], tuple[Touch, ...]]:
        """Return all strokes and contacts so far; those in progress are returned as if they ended now."""
        return self._hand.truth()

    def power_cycle(self) -> None:
        """Restart the device's clock with the next update; strokes and contacts in progress end with the old one."""
        self._hand.start_over()
        self._time_us = None

    def update(self, time_us: int, drive: Drive) -> tuple[Sensed, Delivered]:
        """Advance to `time_us` with `drive` applied since the last call; return what is sensed and delivered.

        Raises `ValueError` when time goes back.
        """
        dt_s = 0.0 if self._time_us is None else (time_us - self._time_us) * 1e-6
        if dt_s < 0.0:
            raise ValueError(f"the body is at {self._time_us} µs and cannot go back to {time_us} µs")
        self._time_us = time_us
        hand, motor = self._hand, self._motor
        hand.update(time_us, dt_s, drive.cue)
        left_off, right_off = self._electrodes_off
        left_cm2 = 0.0 if left_off else self._left.update(dt_s, hand.left_kpa)
        right_cm2 = 0.0 if right_off else self._right.update(dt_s, hand.right_kpa)
        if drive.amplitude > 0.0 or motor.amplitude > 0.0:
            motor.update(dt_s, drive.amplitude, drive.vibration_hz, self._supply_share)
        self._waiting_s += dt_s
        if self._waiting_s >= SLOW_S:
            self._advance(self._waiting_s, drive, left_cm2, right_cm2)
            self._waiting_s = 0.0
        smaller_cm2 = left_cm2 if left_cm2 < right_cm2 else right_cm2
        ohm = loop_ohm(self._skin.contact_ohm_cm2, left_cm2, right_cm2)
        delivered = self._delivered(drive, ohm, smaller_cm2)
        source_raw = self._source.read(delivered.peak_ua, ohm) if drive.peak_ua > 0.0 else UNDRIVEN
        return self._sensed(ohm, source_raw), delivered

    def _advance(self, dt_s: float, drive: Drive, left_cm2: float, right_cm2: float) -> None:
        """Advance the slow quantities."""
        amplitude = self._motor.amplitude
        for head, contact_cm2 in zip(self._heads, (left_cm2, right_cm2), strict=True):
            head.update(dt_s, air_c=self._ambient_c, skin_c=self._skin_c, contact_cm2=contact_cm2, amplitude=amplitude)
        left, right = self._heads
        self._temp_raw = left.raw, right.raw
        self._battery.update(dt_s, drive, self._ambient_c)
        self._supply_share = self._battery.supply_share
        self._skin.update(dt_s)
        self._cells.drift(dt_s, left.temperature_c, right.temperature_c)

    def _sensed(self, ohm: float, source_raw: tuple[int, int]) -> Sensed:
        hand, battery = self._hand, self._battery
        lean = LEAN * hand.lean
        front, rear, left_kpa, right_kpa = 1.0 + lean, 1.0 - lean, hand.left_kpa, hand.right_kpa
        counter = travel_raw(hand.position_mm)
        return Sensed(
            self._cells.sense((left_kpa * front, left_kpa * rear, right_kpa * front, right_kpa * rear)),
            (counter, counter),
            impedance_raw(ohm),
            self._temp_raw,
            int(battery.percent),
            battery.charging,
            source_raw,
        )

    def _delivered(self, drive: Drive, ohm: float, smaller_cm2: float) -> Delivered:
        motor = self._motor
        flowing = flow(drive, ohm, smaller_cm2) if drive.peak_ua > 0.0 else NO_FLOW
        return Delivered(
            flowing.peak_ua,
            flowing.phase_charge_uc,
            flowing.density_rms_ua_cm2,
            smaller_cm2,
            motor.amplitude,
            motor.vibration_hz,
            motor.shaking_ms2(smaller_cm2) if motor.amplitude else 0.0,
        )
