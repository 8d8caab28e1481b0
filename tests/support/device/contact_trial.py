"""Cells and electrodes on a skin, tick by tick, as the rules of current see them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from glowsim.firmware.interlocks.contact import SETTLE_US
from glowsim.firmware.interlocks.rule import FREE, Moment, Rule, Ruling
from glowsim.firmware.sensors.readings import read
from glowsim.physics.contact.area import Contact
from glowsim.physics.contact.electrode import impedance_raw, loop_ohm
from glowsim.physics.types import IMPEDANCE_OPEN, TICK_US, Sensed
from glowtool.model.heads import settled_area_cm2
from support.device.firmware_bench import AIR, SKIN

MOIST_OHM_CM2 = 3300.0
OPEN_US = 200_000


class Pressed(NamedTuple):
    """Pressure of the left and of the right head in kPa."""

    left: float
    right: float

    def plus(self, kpa: float) -> Pressed:
        return Pressed(self.left + kpa, self.right + kpa)

    @property
    def smaller_cm2(self) -> float:
        return settled_area_cm2(min(self))


EVEN = Pressed(3.5, 3.5)
NOTHING = Pressed(0.02, 0.02)
OPEN = IMPEDANCE_OPEN


def cells(claimed: Pressed) -> tuple[int, int, int, int]:
    left, right = round(100 * claimed.left), round(100 * claimed.right)
    return left, left, right, right


def skin_raw(true: Pressed, contact_ohm_cm2: float = MOIST_OHM_CM2) -> int:
    """Return the count of the impedance through contacts that have settled under their true pressures."""
    return impedance_raw(loop_ohm(contact_ohm_cm2, settled_area_cm2(true.left), settled_area_cm2(true.right)))


class Trial:
    """One rule under readings that last for a time, with the noise of cells that live."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._now_us = 0
        self.uses_current = True
        self.verdict = FREE

    def feel(self, cells_raw: tuple[int, int, int, int], raw: int, time_us: int = TICK_US) -> Ruling:
        """Let the rule judge the same readings for a time; return its last verdict."""
        a, b, c, d = cells_raw
        for number in range(max(1, time_us // TICK_US)):
            noise = number % 2
            self.exactly((a + noise, b, c, d + noise), raw)
        return self.verdict

    def exactly(self, cells_raw: tuple[int, int, int, int], raw: int) -> Ruling:
        """Let the rule judge one tick without noise."""
        return self.tick(replace(SKIN, cells_raw=cells_raw, impedance_raw=raw))

    def tick(self, felt: Sensed) -> Ruling:
        """Let the rule judge one tick of anything that is felt."""
        self._now_us += TICK_US
        readings = read(felt, felt.cells_raw)
        self.verdict = self._rule.judge(Moment(self._now_us, readings, running=True, uses_current=self.uses_current))
        return self.verdict

    def land(
        self,
        at: Pressed,
        contact_ohm_cm2: float = MOIST_OHM_CM2,
        claimed: Pressed | None = None,
        off_kpa: float = NOTHING.left,
    ) -> Ruling:
        """Set the roller down within 80 ms, and let the tissue follow.

        `claimed` is what cells say that do not live, `off_kpa` what others read too much.
        """
        left, right = Contact(), Contact()
        for tick in range(1, 41):
            touch = min(1.0, tick / 16)
            true = Pressed(at.left * touch, at.right * touch)
            areas = (left.update(TICK_US * 1e-6, true.left), right.update(TICK_US * 1e-6, true.right))
            self.feel(
                cells(true.plus(off_kpa) if claimed is None else claimed),
                impedance_raw(loop_ohm(contact_ohm_cm2, *areas)),
            )
        return self.verdict

    def lift(self, time_us: int = 2 * SETTLE_US) -> Ruling:
        return self.feel(AIR.cells_raw, OPEN, time_us)
