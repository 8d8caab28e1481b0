"""The impedance from head to head says by itself how small a contact has become, whatever the cells claim."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.agreement import lifted
from glowsim.firmware.interlocks.contact import AWAY_KPA, DENSITY_UA_CM2, SETTLE_US, area_cm2
from glowsim.firmware.interlocks.rule import FREE, Verdict
from glowsim.firmware.limiter import Cap
from glowsim.firmware.readings import CELL_FULL, KPA_PER_COUNT
from glowtool.protocol.channels import CHANNELS
from glowtool.protocol.vocabulary import Interlock

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

_OHM_PER_COUNT: Final = next(channel.scale for channel in CHANNELS if channel.name == "impedance")

#: What of the impedance is no contact's, from the head's characterisation. Rather too much than too little: then a
#: contact that shrinks seems to shrink faster.
TISSUE_OHM: Final = 600.0
_TISSUE_COUNTS: Final = round(TISSUE_OHM / _OHM_PER_COUNT)

#: By how much a contact comes after its pressure, from the head's characterisation.
LAG_S: Final = 0.015

#: Where no current is wanted, this much of a contact is enough to know the skin by (design).
LEARNT_US: Final = 4 * SETTLE_US

#: How fast what the cells read in the air is taken for their zero (design).
ZERO_S: Final = 0.025

#: What cells may be off in the air, and how fast they may drift from there on (design).
OFF_KPA: Final = 0.05
DRIFT_KPA_PER_S: Final = 1.0

#: So long after the air, cells that may have drifted say nothing more that is sure (design).
SURE_US: Final = 3_000_000

#: What is counted on of the area that the impedance leaves: the rest is for cells that are off when they are believed.
TRUSTED_SHARE: Final = 0.5

#: Contact area by the sum of the counts of a head's two cells, in whose mean a lean of the tool cancels. It is never
#: without any area, so that it has a reciprocal.
_AREA_CM2: Final = tuple(area_cm2(0.5 * max(1, raw) * KPA_PER_COUNT) for raw in range(2 * CELL_FULL + 1))
_OFF_COUNTS: Final = 2.0 * OFF_KPA / KPA_PER_COUNT
_DRIFT_COUNTS_PER_US: Final = 2e-6 * DRIFT_KPA_PER_S / KPA_PER_COUNT

#: So little is sure of a skin that nothing is known of.
_NOTHING: Final = 1e-6

_TRUSTED_UA_CM2: Final = TRUSTED_SHARE * DENSITY_UA_CM2


class ImpedanceLimit:
    """The peak is kept where even the smallest contact that explains the impedance stays under the ceiling of density.

    A contact of area A has the impedance c/A. The skin's c is not known, but cells that tell the truth show it:
    c = R / (1/A_left + 1/A_right). It is taken for no more than the least that the cells have shown, and for no more
    than is sure although they may have drifted ever since the air. So it is kept until cells and electrodes agree that
    the roller is lifted; what the cells read then is their zero. With c the smaller contact has at least the area A
    with 1/A = R/c - 1/A_larger, so cells that begin to claim more than there is change nothing but A_larger, and that
    to the safe side.
    """

    def __init__(self) -> None:
        # The skin's c, in counts of the impedance channel times cm²: the least that was shown, and what is sure.
        self._least, self._sure = math.inf, _NOTHING
        # Sums of the counts of a head's cells: as the tissue follows them, and in the air.
        self._left = self._right = 0.0
        self._left_zero = self._right_zero = 0.0
        self._contacts = math.inf
        self._air_us = 0
        self._since_us: int | None = None
        self._lifted_us: int | None = None
        self._now_us = 0
        self._dt_us, self._share = 0, 0.0

    def judge(self, moment: Moment) -> Verdict:
        """Return the current that the smallest contact can carry, if that is less than is wanted."""
        readings, now_us = moment.readings, moment.now_us
        dt_us, self._now_us = now_us - self._now_us, now_us
        if dt_us != self._dt_us:
            self._dt_us, self._share = dt_us, dt_us / (LAG_S * 1e6 + dt_us)
        share, left, right = self._share, self._left, self._right
        left_front, left_rear, right_front, right_rear = readings.cells_raw
        self._left = left + share * (left_front + left_rear - left)
        self._right = right + share * (right_front + right_rear - right)
        if readings.impedance_open or readings.left_cell_kpa < AWAY_KPA or readings.right_cell_kpa < AWAY_KPA:
            self._since_us = None
            self._hover(now_us, dt_us, lifted=lifted(readings))
            return FREE
        if self._since_us is None:
            self._since_us, self._lifted_us, self._contacts = now_us, None, math.inf
        lasted_us = now_us - self._since_us
        if lasted_us < SETTLE_US or (lasted_us > LEARNT_US and not moment.uses_current):
            return FREE
        # Less than the tissue takes is no impedance of skin; whatever is read later is a lot, compared with it.
        contacts = readings.impedance_raw - _TISSUE_COUNTS
        return self._limited(contacts if contacts > 0 else 1, moment.wanted_ua)

    def _hover(self, now_us: int, dt_us: int, *, lifted: bool) -> None:
        """Take the cells' zero in the air, and when it is known forget the skin: the next contact is another one."""
        if not lifted:
            self._lifted_us = None
            return
        if self._lifted_us is None:
            self._lifted_us = now_us
        if now_us - self._lifted_us >= SETTLE_US:
            self._least, self._sure, self._air_us = math.inf, _NOTHING, now_us
        share = dt_us / (ZERO_S * 1e6 + dt_us)
        self._left_zero += share * (self._left - self._left_zero)
        self._right_zero += share * (self._right - self._right_zero)

    def _limited(self, contacts: float, wanted_ua: float) -> Verdict:
        """Return the verdict for what the impedance leaves to both contacts, in counts."""
        left, right = self._left, self._right
        specific = self._known(contacts, left - self._left_zero, right - self._right_zero)
        # What is allowed now flows until the next tick: a contact that shrinks goes on shrinking as it did.
        before, self._contacts = self._contacts, contacts
        then = contacts * contacts / before if contacts > before else contacts
        per_cm2 = then / specific - 1.0 / (_AREA_CM2[int(left)] if left > right else _AREA_CM2[int(right)])
        if per_cm2 * wanted_ua <= _TRUSTED_UA_CM2:
            return FREE
        return Verdict(Cap(peak_ua_max=_TRUSTED_UA_CM2 / per_cm2), Interlock.CURRENT_DENSITY, only_biting=True)

    def _known(self, contacts: float, left: float, right: float) -> float:
        """Learn from what the cells read over their zero; return the skin's c as far as it is known."""
        shown = _specific(contacts, left, right)
        least, sure = self._least, self._sure
        if shown < least:
            self._least = least = shown
        air_us = self._now_us - self._air_us
        if air_us < SURE_US:
            off = _OFF_COUNTS + _DRIFT_COUNTS_PER_US * air_us
            shown = _specific(contacts, left - off, right - off)
            if shown > sure:
                self._sure = sure = shown
        return min(least, sure)


def _specific(contacts: float, left: float, right: float) -> float:
    """Return the skin's c when two heads with these sums of counts explain the impedance of both contacts."""
    left_cm2 = _AREA_CM2[int(left)] if left > 0.0 else _AREA_CM2[0]
    right_cm2 = _AREA_CM2[int(right)] if right > 0.0 else _AREA_CM2[0]
    return contacts * left_cm2 * right_cm2 / (left_cm2 + right_cm2)
