"""The skin under the heads: how its surface impedance depends on moisture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Specific impedance of one electrode's contact. Assumptions, in the order of what is measured on skin at low
#: frequencies: dry about 20 kΩ·cm², under gel about 1 kΩ·cm².
DRY_OHM_CM2: Final = 20_000.0
WET_OHM_CM2: Final = 1_000.0

#: Tissue between the two contacts (assumption).
TISSUE_OHM: Final = 500.0


@dataclass(frozen=True, slots=True)
class SkinParameters:
    """`moisture` goes from 0, dry, to 1, wet with gel; `temperature_c` is that of the face's surface."""

    moisture: float = 0.6
    temperature_c: float = 33.0

    @property
    def contact_ohm_cm2(self) -> float:
        """Specific impedance of a contact, geometric between dry and wet."""
        return DRY_OHM_CM2 * float((WET_OHM_CM2 / DRY_OHM_CM2) ** min(1.0, max(0.0, self.moisture)))
