"""The self-test: it judges the parts by the last seconds of readings and by the flash, without moving anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.sensors.readings import CELL_FULL, CELSIUS_PER_COUNT, TEMPERATURE_RANGE
from glowtool.model.state import Fault

if TYPE_CHECKING:
    from glowsim.physics.types import Sensed

#: Readings are checked this often, and compared over at least one and at most two of these windows.
LOOK_US: Final = 50_000
WINDOW_US: Final = 3_000_000

#: A cell that stands still while its neighbour in the same head moves by this many counts (0.5 kPa) is stuck.
_NEIGHBOUR_COUNTS: Final = 50

#: An encoder that stands still while the other head rolls this far (0.1 mm counts) is stuck: heads roll together.
_ROLLED_COUNTS: Final = 500

#: The temperatures of two heads on the same face do not differ by more than this.
_APART_C: Final = 15.0

_NEIGHBOURS: Final = ((0, 1), (1, 0), (2, 3), (3, 2))
_ENCODERS: Final = ((4, 5), (5, 4))


class Watch:
    """The recent movement of each cell and encoder."""

    def __init__(self) -> None:
        self._looked_us = 0
        self._window_us = 0
        self._spans: list[list[int]] = []
        self._before: list[list[int]] = []

    def look(self, now_us: int, sensed: Sensed) -> None:
        """Take a tick's counts, when a check is due."""
        if self._spans and now_us - self._looked_us < LOOK_US:
            return
        self._looked_us = now_us
        counts = (*sensed.cells_raw, *sensed.travel_raw)
        if not self._spans or now_us - self._window_us >= WINDOW_US:
            self._before, self._spans = self._spans, [[count, count] for count in counts]
            self._window_us = now_us
        for span, count in zip(self._spans, counts, strict=True):
            span[0], span[1] = min(span[0], count), max(span[1], count)

    def moved(self) -> list[int]:
        """Return how many counts each of the four cells and two encoders has moved."""
        windows = [window for window in (self._before, self._spans) if window]
        return [
            max(window[place][1] for window in windows) - min(window[place][0] for window in windows)
            for place in range(len(windows[0]) if windows else 0)
        ]


def failed_parts(sensed: Sensed, watch: Watch, *, flash_good: bool) -> Fault:
    """Return the parts that fail: cells and encoders, temperature sensors, flash."""
    failed = Fault(0) if flash_good else Fault.FLASH
    if any(not 0 <= raw < CELL_FULL for raw in sensed.cells_raw) or _stuck(watch.moved()):
        failed |= Fault.SENSOR
    low, high = TEMPERATURE_RANGE
    left, right = sensed.head_temp_raw
    if not (low < left < high and low < right < high) or abs(left - right) * CELSIUS_PER_COUNT > _APART_C:
        failed |= Fault.TEMPERATURE_SENSOR
    return failed


def _stuck(moved: list[int]) -> bool:
    if not moved:
        return False
    cells = any(moved[cell] == 0 and moved[other] >= _NEIGHBOUR_COUNTS for cell, other in _NEIGHBOURS)
    return cells or any(moved[one] == 0 and moved[other] >= _ROLLED_COUNTS for one, other in _ENCODERS)
