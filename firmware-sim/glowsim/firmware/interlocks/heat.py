"""The heat interlock: a head that gets too warm stops all outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.rule import FREE, Ruling
from glowsim.firmware.outputs.limiter import SHUT_CAP
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import Interlock
from glowtool.protocol.ceilings import ceiling

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

HOT_C: Final = ceiling(CeilingId.HEAD_TEMPERATURE) / 10

#: Outputs return only after the head has cooled by this much (design).
COOLED_K: Final = 2.0

#: Readings are whole tenths of a degree; this absorbs the error of binary fractions.
_ROUNDING_C: Final = 0.01

_HOT: Final = Ruling(SHUT_CAP, Interlock.HEAD_TEMPERATURE)


class HeadTemperature:
    """Outputs are zero from the ceiling on, until the heads have cooled."""

    def __init__(self) -> None:
        self._hot = False

    def judge(self, moment: Moment) -> Ruling:
        """Return zero while a head is hot."""
        threshold_c = HOT_C - COOLED_K if self._hot else HOT_C
        self._hot = moment.readings.hottest_c >= threshold_c - _ROUNDING_C
        return _HOT if self._hot else FREE
