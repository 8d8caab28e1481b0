"""The heads of the roller as seen by its cells and its current: force from pressure, contact area from force.

Firmware, simulator and analysis share this one model. `docs/reference/body.md` says where its numbers come from.
"""

from __future__ import annotations

from typing import Final

#: The cells report force over the projected area of a head, a sphere of 25 mm diameter (assumption).
HEAD_AREA_CM2: Final = 4.9

#: 1 kPa over 1 cm² is 0.1 N.
NEWTON_PER_KPA: Final = 0.1 * HEAD_AREA_CM2

#: A sphere on an elastic half-space (Hertz): area goes with force to the power of 2/3; 1 cm² at 2 N (design).
REFERENCE_N: Final = 2.0
REFERENCE_CM2: Final = 1.0
HERTZ: Final = 2.0 / 3.0


def force_n(pressure_kpa: float) -> float:
    """Return the force on a head for a pressure that its cells report."""
    return pressure_kpa * NEWTON_PER_KPA


def settled_area_cm2(pressure_kpa: float) -> float:
    """Return the contact area of a head in cm² under a steady pressure."""
    if pressure_kpa <= 0.0:
        return 0.0
    return REFERENCE_CM2 * float((force_n(pressure_kpa) / REFERENCE_N) ** HERTZ)
