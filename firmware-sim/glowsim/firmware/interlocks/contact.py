"""No current without contact, and never more than the contact area can carry."""

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

#: A head touches from the upper and is away under the lower pressure of its most pressed cell (design).
TOUCH_KPA: Final = 0.5
AWAY_KPA: Final = 0.3

#: Contact must hold this long before current may rise again, so that a trembling edge stays dark (design).
SETTLE_US: Final = 100_000

#: What is allowed where there is no contact that can be trusted.
WITHOUT_CONTACT: Final = Ruling(Cap(peak_ua_max=0.0), Interlock.NO_CONTACT, only_biting=True)

#: Half of the area that a head has by its characterisation is counted on, which covers lag of the tissue and tolerance
#: of the cells. The r.m.s. of any waveform is taken as its peak.
_TRUSTED_SHARE: Final = 0.5
DENSITY_UA_CM2: Final = float(ceiling(CeilingId.CURRENT_DENSITY))


class ContactGate:
    """Current only while both heads touch and the loop is closed; on loss in the same tick zero."""

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
    """Return the contact area in cm² that can be counted on under a head's pressure."""
    return _TRUSTED_SHARE * settled_area_cm2(pressure_kpa)


class DensityLimit:
    """The peak is kept where even the smaller head's trusted area stays under the ceiling of density."""

    def judge(self, moment: Moment) -> Ruling:
        """Return the current that the smaller contact can carry, if that is less than is wanted."""
        readings = moment.readings
        peak_ua_max = DENSITY_UA_CM2 * trusted_area_cm2(min(readings.left_kpa, readings.right_kpa))
        if peak_ua_max >= moment.wanted_ua:
            return FREE
        return Ruling(Cap(peak_ua_max=peak_ua_max), Interlock.CURRENT_DENSITY, only_biting=True)
