"""Force and contact area of one head on soft tissue."""

from __future__ import annotations

from typing import Final

from glowtool.model.heads import HERTZ, NEWTON_PER_KPA, REFERENCE_N

#: Soft tissue follows and recovers more slowly than a head can lift (assumption).
TISSUE_LAG_S: Final = 0.015

#: Below this area the contact breaks off (assumption).
BREAK_CM2: Final = 0.02

_NEWTON_SHARE: Final = NEWTON_PER_KPA / REFERENCE_N


class Contact:
    """The contact of one head, following its pressure with the tissue's lag."""

    __slots__ = ("area_cm2",)

    def __init__(self) -> None:
        self.area_cm2 = 0.0

    def update(self, dt_s: float, pressure_kpa: float) -> float:
        """Advance by `dt_s` under `pressure_kpa`; return the area in cm², 0 when the contact is broken."""
        area_cm2 = self.area_cm2
        if pressure_kpa > 0.0:
            settled = float((pressure_kpa * _NEWTON_SHARE) ** HERTZ)
            area_cm2 += (settled - area_cm2) * dt_s / (TISSUE_LAG_S + dt_s)
        elif area_cm2 == 0.0:
            return 0.0
        else:
            area_cm2 -= area_cm2 * dt_s / (TISSUE_LAG_S + dt_s)
            if area_cm2 < BREAK_CM2:
                area_cm2 = 0.0
        self.area_cm2 = area_cm2
        return area_cm2 if area_cm2 >= BREAK_CM2 else 0.0
