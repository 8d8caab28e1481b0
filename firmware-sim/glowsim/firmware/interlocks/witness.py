"""The current source as a witness: its own voltage and current show the load that it truly drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.contact import WITHOUT_CONTACT
from glowsim.firmware.interlocks.lift import ClearLift
from glowsim.firmware.interlocks.rule import FREE
from glowsim.firmware.sensors.readings import OPEN_COUNTS, SOURCE_COUNTS_PER_UA, SOURCE_SUPPLY_COUNTS

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment, Ruling

#: How far the measured current may be off the requested one: a share, and counts of the converter (design).
CURRENT_SHARE: Final = 0.15
CURRENT_COUNTS: Final = 20

#: How far the load may be off the impedance: a share, and the effect of voltage noise, in counts of voltage (design).
LOAD_SHARE: Final = 0.25
LOAD_COUNTS: Final = 8

#: Above this share of its supply, the source cannot drive the requested current, but its load is still known.
_SPENT: Final = 0.95

#: A difference counts twice as much as an agreement; this many more differences are a contradiction (design).
_DIFFERS: Final = 2
_CONTRADICTS: Final = 8


class SourceAgrees:
    """No current unless the source itself sees it flow through the load that the electrodes claim.

    With an open loop, or a current other than the requested one, the current is zero in the same tick, whatever cells
    and impedance say. It then stays zero until a clear lift, as it does after a load that has differed from the
    impedance for some ticks. A source that measures nothing, or wrongly, is caught in the same way.
    """

    def __init__(self) -> None:
        self._doubted = False
        self._differences = 0
        self._lift = ClearLift()

    def judge(self, moment: Moment) -> Ruling:
        """Return no current while the source contradicts the other sensors, and then until the next lift."""
        if moment.driven_ua > 0.0:
            if self._contradicted(moment):
                self._doubted = True
        elif self._doubted and self._lift.seen(moment.now_us, moment.readings):
            self._doubted, self._differences = False, 0
        return WITHOUT_CONTACT if self._doubted else FREE

    def _contradicted(self, moment: Moment) -> bool:
        readings = moment.readings
        volt_raw, ua_raw = readings.source_raw
        impedance_raw, load_raw = readings.impedance_raw, readings.load_raw
        asked_raw = SOURCE_COUNTS_PER_UA * moment.driven_ua
        off = ua_raw - asked_raw if ua_raw > asked_raw else asked_raw - ua_raw
        if off > CURRENT_SHARE * asked_raw + CURRENT_COUNTS and volt_raw < _SPENT * SOURCE_SUPPLY_COUNTS:
            return True
        if load_raw >= OPEN_COUNTS:
            # The impedance agrees with the lift, so it does not lie about it.
            return impedance_raw < OPEN_COUNTS // 2
        off = load_raw - impedance_raw if load_raw > impedance_raw else impedance_raw - load_raw
        if off > LOAD_SHARE * impedance_raw + LOAD_COUNTS * 1000 / ua_raw:
            self._differences += _DIFFERS
        elif self._differences:
            self._differences -= 1
        return self._differences >= _CONTRADICTS
