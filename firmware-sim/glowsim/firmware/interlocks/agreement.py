"""Cells and electrodes sense the same contact in two ways: where they contradict each other, neither is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.contact import AWAY_KPA, WITHOUT_CONTACT
from glowsim.firmware.interlocks.lift import ClearLift
from glowsim.firmware.interlocks.rule import FREE

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment, Ruling

#: How long cells may report two touching heads before the loop closes: the tissue follows a head more slowly than its
#: cells, and dry skin conducts only through some area (design).
OPEN_US: Final = 200_000

#: Such time decays this many times more slowly, so that a loop that closes now and then does not hide it (design).
OPEN_LEAK: Final = 4

#: This many equal readings of both cells of a head in a row are not chance: their noise exceeds a count (design).
STILL_READINGS: Final = 16

#: How much the impedance may change while the cells of a head stand still (design).
STILL_SHARE: Final = 0.05


class Stillness:
    """The two cells of one head: how often they have read the same, and the impedance at their last change."""

    __slots__ = ("_impedance_raw", "_readings", "_times")

    def __init__(self) -> None:
        self._readings = 0, 0
        self._times = self._impedance_raw = 0

    def frozen(self, front: int, rear: int, impedance_raw: int) -> bool:
        """Return whether the cells stand still while the contact changes."""
        readings = front, rear
        if readings != self._readings:
            self._readings, self._times, self._impedance_raw = readings, 0, impedance_raw
            return False
        self._times += 1
        if self._times < STILL_READINGS:
            return False
        return abs(impedance_raw - self._impedance_raw) > STILL_SHARE * self._impedance_raw


class SensorsAgree:
    """No current after a contradiction of cells and electrodes, or after power-on, until both agree on a lift.

    A contradiction is an open loop between touching heads, or a contact that changes while the cells stand still.
    """

    def __init__(self) -> None:
        self._proved = False
        self._open_us, self._then_us = 0, 0
        self._left, self._right = Stillness(), Stillness()
        self._lift = ClearLift()

    def judge(self, moment: Moment) -> Ruling:
        """Return no current until the cells have proved that they work."""
        readings = moment.readings
        left_front, left_rear, right_front, right_rear = readings.cells_raw
        impedance_raw = readings.impedance_raw
        left = self._left.frozen(left_front, left_rear, impedance_raw) and readings.left_cell_kpa >= AWAY_KPA
        right = self._right.frozen(right_front, right_rear, impedance_raw) and readings.right_cell_kpa >= AWAY_KPA
        if left or right or self._still_open(moment):
            self._proved = False
        elif not self._proved:
            self._proved = self._lift.seen(moment.now_us, readings)
        return FREE if self._proved else WITHOUT_CONTACT

    def _still_open(self, moment: Moment) -> bool:
        """Return whether the loop has been open for too long, at once or in parts, while the cells report touch."""
        readings = moment.readings
        dt_us, self._then_us = moment.now_us - self._then_us, moment.now_us
        if readings.impedance_open and min(readings.left_cell_kpa, readings.right_cell_kpa) >= AWAY_KPA:
            self._open_us += dt_us
        elif self._open_us:
            self._open_us = max(0, self._open_us - dt_us // OPEN_LEAK)
        return self._open_us > OPEN_US
