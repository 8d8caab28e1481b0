"""The roller's body, and the hand that holds it: one step in time per call."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from glowsim.physics.acts import Acts
from glowsim.physics.battery import Battery
from glowsim.physics.cells import CellParameters, Cells
from glowsim.physics.contact import Contact
from glowsim.physics.electrode import flow, impedance_raw, loop_ohm
from glowsim.physics.hand import LEAN, Hand, HandParameters
from glowsim.physics.heat import Head
from glowsim.physics.motor import Motor
from glowsim.physics.noise import noise_for
from glowsim.physics.skin import SkinParameters
from glowsim.physics.travel import travel_raw
from glowsim.physics.types import Delivered, Drive, Sensed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowsim.physics.hand import Grip, Stroke


@dataclass(frozen=True, slots=True)
class BodyParameters:
    """Who holds the roller, on which skin, and how full the battery is."""

    hand: HandParameters = field(default_factory=HandParameters)
    skin: SkinParameters = field(default_factory=SkinParameters)
    cells: CellParameters = field(default_factory=CellParameters)
    battery_percent: float = 80.0
    charging: bool = False
    ambient_c: float = 23.0


class Body:
    """Everything outside the firmware. Seeded: the same seed and the same inputs give the same outputs."""

    def __init__(self, parameters: BodyParameters, seed: int) -> None:
        self._parameters = parameters
        self._skin = parameters.skin
        self.acts = Acts()
        self._hand = Hand(parameters.hand, noise_for(seed, 0))
        self._cells = Cells(parameters.cells, noise_for(seed, 1))
        self._contacts = Contact(), Contact()
        self._heads = Head(parameters.ambient_c), Head(parameters.ambient_c)
        self._motor = Motor()
        self._battery = Battery(parameters.battery_percent, charging=parameters.charging)
        self._time_us: int | None = None

    @property
    def battery_percent(self) -> float:
        """Charge of the battery, 0 to 100; kept by whoever keeps the roller's state."""
        return self._battery.percent

    @property
    def strokes(self) -> Sequence[Stroke]:
        """The strokes that were finished, as they truly were; the last ten thousand."""
        return self._hand.strokes

    def place_on_charger(self, *, charging: bool) -> None:
        """Put the roller into its cradle, or take it out."""
        self._battery.charging = charging

    @property
    def moisture(self) -> float:
        """Moisture of the skin, from 0, dry, to 1, wet with gel."""
        return self._skin.moisture

    def wet(self, moisture: float) -> None:
        """Put gel on, or let it dry: set the skin's moisture, 0 to 1."""
        self._skin = replace(self._skin, moisture=moisture)

    def charge_to(self, percent: float) -> None:
        """Set the battery's charge, 0 to 100."""
        self._battery.percent = min(100.0, max(0.0, percent))

    def heat_to(self, celsius: float) -> None:
        """Set the temperature of both heads."""
        for head in self._heads:
            head.temperature_c = celsius

    def update(self, time_us: int, drive: Drive) -> tuple[Sensed, Delivered]:
        """Advance to `time_us` with `drive` applied since the last call, and say what is sensed and delivered.

        Raises `ValueError` when time goes back.
        """
        dt_s = 0.0 if self._time_us is None else (time_us - self._time_us) * 1e-6
        if dt_s < 0.0:
            raise ValueError(f"the body is at {self._time_us} µs and cannot go back to {time_us} µs")
        self._time_us = time_us
        grip = self._hand.update(time_us, dt_s, drive.cue)
        pressures_kpa = self.acts.pressures(grip)
        off = self.acts.electrodes_off
        left_cm2 = 0.0 if off[0] else self._contacts[0].update(dt_s, pressures_kpa[0])
        right_cm2 = 0.0 if off[1] else self._contacts[1].update(dt_s, pressures_kpa[1])
        self._motor.update(dt_s, drive.amplitude, drive.vibration_hz)
        self._battery.update(dt_s, drive)
        self._warm(dt_s, left_cm2, right_cm2)
        ohm = loop_ohm(self._skin, left_cm2, right_cm2)
        return self._sensed(grip, pressures_kpa, ohm), self._delivered(drive, ohm, min(left_cm2, right_cm2))

    def _warm(self, dt_s: float, left_cm2: float, right_cm2: float) -> None:
        for head, area_cm2 in zip(self._heads, (left_cm2, right_cm2), strict=True):
            contact = area_cm2 > 0.0
            around_c = self._skin.temperature_c if contact else self._parameters.ambient_c
            head.update(dt_s, around_c, contact=contact, amplitude=self._motor.amplitude)

    def _sensed(self, grip: Grip, pressures_kpa: tuple[float, float], ohm: float) -> Sensed:
        front, rear = 1.0 + LEAN * grip.lean, 1.0 - LEAN * grip.lean
        left_kpa, right_kpa = pressures_kpa
        counter = travel_raw(grip.position_mm)
        return Sensed(
            cells_raw=self._cells.sense((left_kpa * front, left_kpa * rear, right_kpa * front, right_kpa * rear)),
            travel_raw=(counter, counter),
            impedance_raw=impedance_raw(ohm),
            head_temp_raw=(self._heads[0].raw, self._heads[1].raw),
            battery_percent=int(self._battery.percent),
            charging=self._battery.charging,
        )

    def _delivered(self, drive: Drive, ohm: float, smaller_cm2: float) -> Delivered:
        flowing = flow(drive, ohm, smaller_cm2)
        return Delivered(
            flowing.peak_ua,
            flowing.phase_charge_uc,
            flowing.density_rms_ua_cm2,
            smaller_cm2,
            self._motor.amplitude,
            self._motor.vibration_hz,
            self._motor.acceleration_ms2,
        )
