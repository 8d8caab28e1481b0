"""The current source is known, so its own voltage and current are a witness for the load that it truly drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.contact import WITHOUT_CONTACT
from glowsim.firmware.interlocks.lift import ClearLift
from glowsim.firmware.interlocks.rule import FREE
from glowsim.firmware.sensors.readings import OPEN_COUNTS, SOURCE_COUNTS_PER_UA, SOURCE_SUPPLY_COUNTS

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment, Ruling

#: What the measured current may differ from the asked one: a share, and counts of the converter (design).
CURRENT_SHARE: Final = 0.15
CURRENT_COUNTS: Final = 20

#: What the load may differ from the impedance: a share, and what noise of the voltage may make of it, in counts of
#: voltage (design).
LOAD_SHARE: Final = 0.25
LOAD_COUNTS: Final = 8

#: From this share of its supply on, the source cannot drive the current asked for, but its load is still known.
_SPENT: Final = 0.95

#: A difference counts twice as much as an agreement, and contradicts when it has come so often more (design).
_DIFFERS: Final = 2
_CONTRADICTS: Final = 8


class SourceAgrees:
    """No current that the source itself does not see flow through the load that the electrodes claim.

    An open loop and a current that is not the asked one are zero in the same tick, whatever cells and impedance say.
    Then, and after a load that is not the impedance for some ticks, there is none until a clear lift. A source that
    measures nothing, or wrongly, ends up here, too.
    """

    def __init__(self) -> None:
        self._doubted = False
        self._differences = 0
        self._lift = ClearLift()

    def judge(self, moment: Moment) -> Ruling:
        """Return no current while the source contradicts the other sensors, and until the lift after that."""
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
            # A lift that the impedance sees as well is none of its lies.
            return impedance_raw < OPEN_COUNTS // 2
        off = load_raw - impedance_raw if load_raw > impedance_raw else impedance_raw - load_raw
        if off > LOAD_SHARE * impedance_raw + LOAD_COUNTS * 1000 / ua_raw:
            self._differences += _DIFFERS
        elif self._differences:
            self._differences -= 1
        return self._differences >= _CONTRADICTS
