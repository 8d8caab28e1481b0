"""The impedance between the heads shows how small a contact has become, independent of the cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.contact import AWAY_KPA, DENSITY_UA_CM2, SETTLE_US, WITHOUT_CONTACT
from glowsim.firmware.interlocks.rule import FREE, Ruling
from glowsim.firmware.interlocks.skin import SkinKnown
from glowsim.firmware.outputs.limiter import Cap
from glowsim.firmware.sensors.readings import CELL_FULL, KPA_PER_COUNT
from glowtool.model.heads import settled_area_cm2
from glowtool.model.state import Interlock
from glowtool.protocol.channels import CHANNELS

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

_OHM_PER_COUNT: Final = next(channel.scale for channel in CHANNELS if channel.name == "impedance")

#: The part of the impedance that is not the contacts', from the head's characterisation. A value too high is safe: a
#: shrinking contact then seems to shrink faster.
TISSUE_OHM: Final = 600.0
_TISSUE_COUNTS: Final = round(TISSUE_OHM / _OHM_PER_COUNT)

#: The lag of a contact behind its pressure, from the head's characterisation.
LAG_S: Final = 0.015

#: Where no current is wanted, this much contact is enough to learn the skin (design).
LEARNT_US: Final = 4 * SETTLE_US

#: How fast the cells' zero follows their readings in the air (design).
ZERO_S: Final = 0.025

#: An area this small, by cells and tissue, says nothing about the skin yet: 0.12 kPa (design).
LEAST_CM2: Final = settled_area_cm2(0.12)

#: A lagging area says something about the skin only once it is this near to the cells' area: cells that jump would
#: otherwise seem to follow a landing for as long as the tissue lags (design).
NEAR: Final = 1.4

#: The trusted share of the area that the impedance leaves: the rest covers the error of cells while they are believed.
TRUSTED_SHARE: Final = 0.5

#: Contact area by the sum of the counts of a head's two cells, in whose mean a lean of the tool cancels. It is never
#: zero, so that it has a reciprocal.
_AREA_CM2: Final = tuple(settled_area_cm2(0.5 * max(1, raw) * KPA_PER_COUNT) for raw in range(2 * CELL_FULL + 1))
_TRUSTED_UA_CM2: Final = TRUSTED_SHARE * DENSITY_UA_CM2


class ImpedanceLimit:
    """Limits the peak so that the density stays under its ceiling at the smallest contact that explains the impedance.

    A contact of area A has the impedance c/A. The skin's c is not known, but cells that tell the truth show it:
    c = R / (1/A_left + 1/A_right). With c, which is kept until a clear lift, the smaller contact has at least the area
    A with 1/A = R/c - 1/A_larger, so cells that begin to claim more than there is change nothing but A_larger, and that
    to the safe side. R is the higher of the impedance and of the load that the source itself sees.
    """

    def __init__(self) -> None:
        self._skin = SkinKnown()
        # The areas that the cells claim, with the lag of the tissue, and the sums of a head's counts in the air.
        self._left_cm2 = self._right_cm2 = 0.0
        self._left_zero = self._right_zero = 0.0
        self._contacts = math.inf
        self._since_us: int | None = None
        self._lifted_us: int | None = None
        self._now_us = 0
        self._dt_us, self._share = 0, 0.0

    def judge(self, moment: Moment) -> Ruling:
        """Return the current that the smallest contact can carry, if it is less than the current wanted."""
        readings, now_us = moment.readings, moment.now_us
        dt_us, self._now_us = now_us - self._now_us, now_us
        if dt_us != self._dt_us:
            self._dt_us, self._share = dt_us, dt_us / (LAG_S * 1e6 + dt_us)
        share = self._share
        left_front, left_rear, right_front, right_rear = readings.cells_raw
        left_raw, right_raw = left_front + left_rear, right_front + right_rear
        left, right = left_raw - self._left_zero, right_raw - self._right_zero
        left_cm2 = _AREA_CM2[int(left)] if left > 0.0 else 0.0
        right_cm2 = _AREA_CM2[int(right)] if right > 0.0 else 0.0
        self._left_cm2 += share * (left_cm2 - self._left_cm2)
        self._right_cm2 += share * (right_cm2 - self._right_cm2)
        if readings.impedance_open:
            self._since_us = None
            self._hover(now_us, left_raw, right_raw, lifted=readings.highest_kpa < AWAY_KPA)
            return FREE
        self._lifted_us = None
        if readings.left_cell_kpa < AWAY_KPA or readings.right_cell_kpa < AWAY_KPA:
            self._since_us = None
        elif self._since_us is None:
            self._since_us, self._contacts = now_us, math.inf
        elif now_us - self._since_us > LEARNT_US and not moment.uses_current:
            return FREE
        return self._limited(moment, follows=_near(self._left_cm2, left_cm2) and _near(self._right_cm2, right_cm2))

    def _hover(self, now_us: int, left_raw: int, right_raw: int, *, lifted: bool) -> None:
        """Learn the cells' zero in the air, and then forget the skin: the next contact is a new one."""
        if not lifted:
            self._lifted_us = None
            return
        if self._lifted_us is None:
            self._lifted_us = now_us
        if now_us - self._lifted_us >= SETTLE_US:
            self._skin.forget()
        share = self._dt_us / (ZERO_S * 1e6 + self._dt_us)
        self._left_zero += share * (left_raw - self._left_zero)
        self._right_zero += share * (right_raw - self._right_zero)

    def _limited(self, moment: Moment, *, follows: bool) -> Ruling:
        """Return the ruling by the part of the impedance that is the contacts'; `follows`: tissue and cells agree."""
        readings = moment.readings
        load_raw = readings.load_raw
        low = high = float(readings.impedance_raw)
        if load_raw > high:
            high = load_raw
        elif 0.0 < load_raw < low:
            low = load_raw
        left, right = self._left_cm2, self._right_cm2
        if follows and left > LEAST_CM2 and right > LEAST_CM2:
            # Less than the tissue's own impedance cannot be skin; any later reading is high compared with it.
            self._skin.show(low - _TISSUE_COUNTS if low > _TISSUE_COUNTS else 1.0, left * right / (left + right))
        if self._skin.doubted:
            return WITHOUT_CONTACT
        # The current allowed now flows until the next tick, and a shrinking contact goes on shrinking meanwhile.
        contacts = high - _TISSUE_COUNTS if high > _TISSUE_COUNTS else 1.0
        before, self._contacts = self._contacts, contacts
        then = contacts * contacts / before if contacts > before else contacts
        per_cm2 = then / self._skin.sure - 1.0 / max(left, right, LEAST_CM2)
        if per_cm2 * moment.wanted_ua <= _TRUSTED_UA_CM2:
            return FREE
        return Ruling(Cap(peak_ua_max=_TRUSTED_UA_CM2 / per_cm2), Interlock.CURRENT_DENSITY, only_biting=True)


def _near(one_cm2: float, other_cm2: float) -> bool:
    return one_cm2 < NEAR * other_cm2 and other_cm2 < NEAR * one_cm2
