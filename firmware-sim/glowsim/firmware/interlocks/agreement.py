"""Cells and electrodes are two kinds of sensors for one contact: where they contradict one another, none is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.contact import AWAY_KPA, WITHOUT_CONTACT
from glowsim.firmware.interlocks.lift import ClearLift
from glowsim.firmware.interlocks.rule import FREE

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment, Ruling

#: So long cells may feel two touching heads before the loop closes: the tissue follows a head more slowly than its
#: cells, and dry skin conducts only through some area (design).
OPEN_US: Final = 200_000

#: Such time is forgotten so many times as slowly, so that no loop that closes now and then hides it (design).
OPEN_LEAK: Final = 4

#: This many equal readings in a row of both cells of a head are not chance: their noise exceeds a count (design).
STILL_READINGS: Final = 16

#: What the impedance may change by while the cells of a head stand still (design).
STILL_SHARE: Final = 0.05


class Stillness:
    """The two cells of one head: how often they read the same, and the impedance when they last did not."""

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
    """No current after a contradiction of cells and electrodes, nor after power-on, until both agree that it is lifted.

    A contradiction is an open loop between heads that touch, or a contact that changes under cells that stand still.
    """

    def __init__(self) -> None:
        self._proved = False
        self._open_us, self._then_us = 0, 0
        self._left, self._right = Stillness(), Stillness()
        self._lift = ClearLift()

    def judge(self, moment: Moment) -> Ruling:
        """Return no current while the cells have yet to prove that they live."""
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
        """Return whether the loop is open for too long, in one go or in many, under heads that touch by their cells."""
        readings = moment.readings
        dt_us, self._then_us = moment.now_us - self._then_us, moment.now_us
        if readings.impedance_open and min(readings.left_cell_kpa, readings.right_cell_kpa) >= AWAY_KPA:
            self._open_us += dt_us
        elif self._open_us:
            self._open_us = max(0, self._open_us - dt_us // OPEN_LEAK)
        return self._open_us > OPEN_US
