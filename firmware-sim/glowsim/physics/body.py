"""The roller's body, and the hand that holds it: one step in time per call."""

from __future__ import annotations

from dataclasses import dataclass

from glowsim.physics.hand import HandParameters
from glowsim.physics.skin import SkinParameters
from glowsim.physics.types import Delivered, Drive, Sensed


@dataclass(frozen=True, slots=True)
class BodyParameters:
    """Who holds the roller, on which skin, and how full the battery is."""

    hand: HandParameters = HandParameters()
    skin: SkinParameters = SkinParameters()
    battery_percent: float = 80.0
    charging: bool = False
    ambient_c: float = 23.0


class Body:
    """Everything outside the firmware. Seeded: the same seed and the same inputs give the same outputs."""

    def __init__(self, parameters: BodyParameters, seed: int) -> None:
        raise NotImplementedError

    @property
    def battery_percent(self) -> float:
        """Charge of the battery, 0 to 100; kept by whoever keeps the roller's state."""
        raise NotImplementedError

    def place_on_charger(self, *, charging: bool) -> None:
        """Put the roller into its cradle, or take it out."""
        raise NotImplementedError

    def update(self, time_us: int, drive: Drive) -> tuple[Sensed, Delivered]:
        """Advance to `time_us` with `drive` applied since the last call, and say what is sensed and delivered."""
        raise NotImplementedError
