"""Gentle is the point: a flag, then half, then nothing, as the pressure rises; each with hysteresis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.rule import FREE, Verdict
from glowsim.firmware.limiter import SHUT_CAP, Cap
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.vocabulary import Interlock

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

CAUTION_KPA: Final = ceiling(CeilingId.PRESSURE_CAUTION) / 100
HALF_KPA: Final = ceiling(CeilingId.PRESSURE_HALF) / 100
HALF_AFTER_US: Final = ceiling(CeilingId.PRESSURE_HALF_AFTER) * 1000
ZERO_KPA: Final = ceiling(CeilingId.PRESSURE_ZERO) / 100

#: A stage lets go when the pressure is under this share of its threshold (design).
RELEASE_SHARE: Final = 0.9

_HALF: Final = Verdict(Cap(share=0.5), Interlock.PRESSURE_HALF)
_ZERO: Final = Verdict(SHUT_CAP, Interlock.PRESSURE_ZERO)
_CAUTION: Final = Verdict(flag=Interlock.PRESSURE_CAUTION)


class Threshold:
    """A comparison with hysteresis: on above `on_above`, off below the release share of it."""

    def __init__(self, on_above: float) -> None:
        self._on_above = on_above
        self.on = False

    def update(self, value: float) -> bool:
        """Return whether the threshold is passed, given the new value."""
        self.on = value > (self._on_above * RELEASE_SHARE if self.on else self._on_above)
        return self.on


class PressureCaution:
    """Say that the pressure is more than gentle; hold nothing back."""

    def __init__(self) -> None:
        self._over = Threshold(CAUTION_KPA)

    def judge(self, moment: Moment) -> Verdict:
        """Return the flag."""
        return _CAUTION if self._over.update(moment.readings.highest_kpa) else FREE


class PressureHalf:
    """Halve the outputs when the pressure stays too high."""

    def __init__(self) -> None:
        self._over = Threshold(HALF_KPA)
        self._since_us: int | None = None
        self._held = False

    def judge(self, moment: Moment) -> Verdict:
        """Return half, from the time above on until the pressure is well under the threshold."""
        if not self._over.update(moment.readings.highest_kpa):
            self._since_us, self._held = None, False
            return FREE
        if self._since_us is None:
            self._since_us = moment.now_us
        self._held = self._held or moment.now_us - self._since_us >= HALF_AFTER_US
        return _HALF if self._held else FREE


class PressureZero:
    """No output at all under a pressure that can harm."""

    def __init__(self) -> None:
        self._over = Threshold(ZERO_KPA)

    def judge(self, moment: Moment) -> Verdict:
        """Return zero while the pressure is too high."""
        return _ZERO if self._over.update(moment.readings.highest_kpa) else FREE
