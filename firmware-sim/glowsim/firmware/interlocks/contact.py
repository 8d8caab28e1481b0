"""No current without contact, and no more current than the contact area can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.rule import FREE, Ruling
from glowsim.firmware.outputs.limiter import Cap
from glowtool.model.ceilings import CeilingId
from glowtool.model.heads import settled_area_cm2
from glowtool.model.state import Interlock
from glowtool.protocol.ceilings import ceiling

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

#: A head touches when its most pressed cell rises above the upper pressure, and leaves below the lower one (design).
TOUCH_KPA: Final = 0.5
AWAY_KPA: Final = 0.3

#: Contact must hold this long before current may rise again, so that a trembling contact gets none (design).
SETTLE_US: Final = 100_000

#: The cap without a contact that can be trusted.
WITHOUT_CONTACT: Final = Ruling(Cap(peak_ua_max=0.0), Interlock.NO_CONTACT, only_biting=True)

#: Only half of the area from a head's characterisation is trusted, which covers the lag of the tissue and the tolerance
#: of the cells. The r.m.s. of any waveform is taken as its peak.
_TRUSTED_SHARE: Final = 0.5
DENSITY_UA_CM2: Final = float(ceiling(CeilingId.CURRENT_DENSITY))


class ContactGate:
    """Current only while both heads touch and the loop is closed; a lost contact means zero in the same tick."""

    def __init__(self) -> None:
        self._touching = [False, False]
        self._since_us: int | None = None

    def judge(self, moment: Moment) -> Ruling:
        """Return no current without contact."""
        readings = moment.readings
        touching = self._touching
        touching[0] = readings.left_cell_kpa >= (AWAY_KPA if touching[0] else TOUCH_KPA)
        touching[1] = readings.right_cell_kpa >= (AWAY_KPA if touching[1] else TOUCH_KPA)
        if readings.impedance_open or not (touching[0] and touching[1]):
            self._since_us = None
            return WITHOUT_CONTACT
        if self._since_us is None:
            self._since_us = moment.now_us
        return FREE if moment.now_us - self._since_us >= SETTLE_US else WITHOUT_CONTACT


def trusted_area_cm2(pressure_kpa: float) -> float:
    """Return the contact area in cm² that can be trusted at a head's pressure."""
    return _TRUSTED_SHARE * settled_area_cm2(pressure_kpa)


class DensityLimit:
    """Limits the peak so that the density stays under its ceiling, even at the smaller head's trusted area."""

    def judge(self, moment: Moment) -> Ruling:
        """Return the current that the smaller contact can carry, if it is less than the current wanted."""
        readings = moment.readings
        peak_ua_max = DENSITY_UA_CM2 * trusted_area_cm2(min(readings.left_kpa, readings.right_kpa))
        if peak_ua_max >= moment.wanted_ua:
            return FREE
        return Ruling(Cap(peak_ua_max=peak_ua_max), Interlock.CURRENT_DENSITY, only_biting=True)
