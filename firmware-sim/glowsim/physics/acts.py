"""What is done to the roller from outside of its hand's own plan: a person at the console, or a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowsim.physics.hand import Grip


@dataclass(slots=True)
class Acts:
    """Outranks the hand while it lasts.

    `lifted` takes the roller off the skin. `press_kpa` presses both heads evenly without moving; None leaves it to the
    hand. An electrode in `electrodes_off` (left, right) has no contact, whatever presses.
    """

    lifted: bool = False
    press_kpa: float | None = None
    electrodes_off: tuple[bool, bool] = (False, False)

    def pressures(self, grip: Grip) -> tuple[float, float]:
        """Return the pressure of both heads in kPa, given what the hand would do."""
        if self.lifted:
            return 0.0, 0.0
        if self.press_kpa is not None:
            return self.press_kpa, self.press_kpa
        return grip.left_kpa, grip.right_kpa
