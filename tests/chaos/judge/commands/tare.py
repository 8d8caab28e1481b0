"""A tare is taken in the air only, whatever the cells read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge.margins import OFF_KPA
from chaos.judge.truth import Truth
from chaos.judge.violation import ViolationError
from glowtool.protocol.commands.opcode import Opcode

if TYPE_CHECKING:
    from glowsim.physics.types import Delivered, Sensed

_NONE: Final = 0, 0, 0, 0


class Tare:
    """What is taken off the readings, and whether it may be."""

    def __init__(self) -> None:
        self.raw: tuple[int, int, int, int] = _NONE
        self.most_kpa = 0.0
        self._sensed: Sensed | None = None
        self._truth = Truth()
        self._touches = False

    def look(self, sensed: Sensed, delivered: Delivered, truth: Truth) -> None:
        """Take note of what a tare would meet now."""
        self._sensed, self._truth = sensed, truth
        self._touches = delivered.contact_area_cm2 > 0.0

    def obeyed(self, now_us: int, opcode: Opcode) -> None:
        """Take note of a command that was obeyed."""
        if opcode is not Opcode.TARE or self._sensed is None:
            return
        truth = self._truth
        self.most_kpa = max(self.most_kpa, truth.told_kpa)
        if truth.told_kpa > OFF_KPA:
            raise ViolationError(f"a tare under {truth.told_kpa:.2f} kPa was accepted at {now_us} µs")
        if self._touches and truth.loop_told:
            raise ViolationError(f"a tare on skin, under {truth.highest_kpa:.2f} kPa, was accepted at {now_us} µs")
        self.raw = self._sensed.cells_raw

    def unanswered(self, opcode: Opcode) -> None:
        """Take note of a command over which the power failed: the larger one of both tares may count."""
        if opcode is Opcode.TARE and self._sensed is not None:
            a, b, c, d = map(max, self.raw, self._sensed.cells_raw)
            self.raw = a, b, c, d

    def highest_raw(self, sensed: Sensed) -> int:
        """Return the count of the most pressed cell, less the tare."""
        a, b, c, d = sensed.cells_raw
        e, f, g, h = self.raw
        return max(a - e, b - f, c - g, d - h)
