"""The skin under the heads: its impedance depends on moisture, and gel dries."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from glowsim.physics.source import source

#: Specific impedance of one electrode's contact. Assumptions, in the order of magnitude of measurements on skin at low
#: frequencies: dry about 20 kΩ·cm², under gel about 1 kΩ·cm².
DRY_OHM_CM2: Final = 20_000.0
WET_OHM_CM2: Final = 1_000.0

#: Tissue between the two contacts (assumption).
TISSUE_OHM: Final = 500.0


def contact_ohm_cm2(moisture: float) -> float:
    """Return the specific impedance of a contact for a moisture of 0 to 1, geometric between dry and wet."""
    return DRY_OHM_CM2 * float((WET_OHM_CM2 / DRY_OHM_CM2) ** min(1.0, max(0.0, moisture)))


@dataclass(frozen=True, slots=True)
class SkinParameters:
    """`moisture` goes from 0, dry, to 1, wet with gel; it dries towards the skin's own, `bare_moisture`."""

    moisture: float = field(default=0.6, metadata=source("share", "assumption: a thin layer of gel or serum"))
    temperature_c: float = field(default=33.0, metadata=source("°C", "usual surface temperature of a face indoors"))
    bare_moisture: float = field(default=0.3, metadata=source("share", "assumption: clean skin without anything on it"))
    drying_s: float = field(
        default=1200.0, metadata=source("s", "assumption: time constant of a water-based gel; 0: never")
    )

    @property
    def contact_ohm_cm2(self) -> float:
        """Specific impedance of a contact before anything has dried."""
        return contact_ohm_cm2(self.moisture)


class Skin:
    """The skin as it is now."""

    __slots__ = ("_parameters", "contact_ohm_cm2", "moisture")

    def __init__(self, parameters: SkinParameters) -> None:
        self._parameters = parameters
        self.moisture = parameters.moisture
        self.contact_ohm_cm2 = parameters.contact_ohm_cm2

    def update(self, dt_s: float) -> None:
        """Let the skin dry for `dt_s`; skin that is drier than bare skin stays as it is."""
        excess = self.moisture - self._parameters.bare_moisture
        if excess > 0.0 and self._parameters.drying_s > 0.0:
            self.wet(self._parameters.bare_moisture + excess * math.exp(-dt_s / self._parameters.drying_s))

    def wet(self, moisture: float) -> None:
        """Set the skin's moisture, from 0, dry, to 1, under fresh gel."""
        self.moisture = min(1.0, max(0.0, moisture))
        self.contact_ohm_cm2 = contact_ohm_cm2(self.moisture)
