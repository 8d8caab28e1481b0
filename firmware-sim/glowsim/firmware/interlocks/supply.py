"""No outputs on the charger, no current from a weak battery, and a soft end before the battery is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.rule import FREE, Ruling
from glowsim.firmware.outputs.limiter import SHUT_CAP, Cap
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import Interlock
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.commands.states import Event

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

CURRENT_PERCENT: Final = ceiling(CeilingId.BATTERY_CURRENT)
EMPTY_PERCENT: Final = ceiling(CeilingId.BATTERY_EMPTY)

#: How long the soft end takes (design).
SOFT_END_US: Final = 2_000_000

_CHARGING: Final = Ruling(SHUT_CAP, Interlock.CHARGING)
_EMPTY: Final = Ruling(SHUT_CAP, Interlock.BATTERY_EMPTY, ends=Event.BATTERY_EMPTY)
_WEAK: Final = Ruling(Cap(peak_ua_max=0.0), Interlock.BATTERY_CURRENT)


class Charging:
    """Outputs are locked on the charger."""

    def judge(self, moment: Moment) -> Ruling:
        """Return zero while charging."""
        return _CHARGING if moment.readings.charging else FREE


class BatteryWeak:
    """A weak battery delivers no current."""

    def judge(self, moment: Moment) -> Ruling:
        """Return no current below the battery's threshold."""
        return _WEAK if moment.readings.battery_percent < CURRENT_PERCENT else FREE


class BatteryEmpty:
    """Fades out and ends the massage when the battery is nearly empty; a wavering gauge does not restart the fade."""

    def __init__(self) -> None:
        self._since_us: int | None = None

    def judge(self, moment: Moment) -> Ruling:
        """Return a falling share, and then the end."""
        if moment.readings.battery_percent >= EMPTY_PERCENT and (self._since_us is None or not moment.running):
            self._since_us = None
            return FREE
        if self._since_us is None:
            self._since_us = moment.now_us
        if not moment.running:
            # There is nothing to fade: a paused massage ends at once.
            return _EMPTY
        share = max(0.0, 1.0 - (moment.now_us - self._since_us) / SOFT_END_US)
        return Ruling(Cap(share=share), Interlock.BATTERY_EMPTY, ends=Event.BATTERY_EMPTY if share == 0.0 else None)
