"""Protection against pressing too hard: as pressure rises, first a flag, then half outputs, then none; hysteresis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.interlocks.rule import FREE, Ruling
from glowsim.firmware.outputs.limiter import SHUT_CAP, Cap
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import Interlock
from glowtool.protocol.ceilings import ceiling

if TYPE_CHECKING:
    from glowsim.firmware.interlocks.rule import Moment

CAUTION_KPA: Final = ceiling(CeilingId.PRESSURE_CAUTION) / 100
HALF_KPA: Final = ceiling(CeilingId.PRESSURE_HALF) / 100
HALF_AFTER_US: Final = ceiling(CeilingId.PRESSURE_HALF_AFTER) * 1000
ZERO_KPA: Final = ceiling(CeilingId.PRESSURE_ZERO) / 100

#: A stage ends when the pressure is below this share of its threshold (design).
RELEASE_SHARE: Final = 0.9

#: The memory of time above the half threshold empties this many times more slowly than it fills (design).
LEAK: Final = 4

_HALF: Final = Ruling(Cap(share=0.5), Interlock.PRESSURE_HALF)
_ZERO: Final = Ruling(SHUT_CAP, Interlock.PRESSURE_ZERO)
_CAUTION: Final = Ruling(flag=Interlock.PRESSURE_CAUTION)


class Threshold:
    """A comparison with hysteresis: on above `on_above`, off below the release share of it."""

    def __init__(self, on_above: float) -> None:
        self._on_above = on_above
        self.on = False

    def update(self, value: float) -> bool:
        """Take a new value and return whether the threshold is passed."""
        self.on = value > (self._on_above * RELEASE_SHARE if self.on else self._on_above)
        return self.on


class PressureCaution:
    """Reports a pressure that is more than gentle; it holds nothing back."""

    def __init__(self) -> None:
        self._over = Threshold(CAUTION_KPA)

    def judge(self, moment: Moment) -> Ruling:
        """Return the flag while the pressure is above its threshold."""
        return _CAUTION if self._over.update(moment.readings.highest_kpa) else FREE


class PressureHalf:
    """Halves the outputs when the pressure is too high for too long, in one go or in many.

    Time above the threshold fills a memory, and time below it empties the memory four times more slowly, so that short
    dips do not hide a high pressure.
    """

    def __init__(self) -> None:
        self._over = Threshold(HALF_KPA)
        self._then_us: int | None = None
        #: The memory, in µs times the ratio of both speeds, so that it is a whole number.
        self._filled = 0
        self._held = False

    def judge(self, moment: Moment) -> Ruling:
        """Return half once the memory is full, until it is empty and the pressure is well below the threshold."""
        over_kpa, now_us = moment.readings.highest_kpa, moment.now_us
        over = self._over.update(over_kpa)
        if not (over or self._filled):
            self._then_us, self._held = now_us, False
            return FREE
        dt_us, self._then_us = now_us - (now_us if self._then_us is None else self._then_us), now_us
        self._filled = max(0, self._filled + (LEAK * dt_us if over_kpa > HALF_KPA else -dt_us))
        if self._held:
            self._held = over or self._filled > 0
        else:
            self._held = self._filled >= LEAK * HALF_AFTER_US
        return _HALF if self._held else FREE


class PressureZero:
    """No output at all at a pressure that can harm."""

    def __init__(self) -> None:
        self._over = Threshold(ZERO_KPA)

    def judge(self, moment: Moment) -> Ruling:
        """Return zero while the pressure is too high."""
        return _ZERO if self._over.update(moment.readings.highest_kpa) else FREE
