"""The board that switches faults: on by plan or by hand, and off when their time is over."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from glowsim.faults.fault import NEVER_US, Active
from glowsim.faults.kind import Part
from glowsim.faults.kinds import find
from glowsim.faults.sensors import distorted
from glowsim.physics.noise import noise_for
from glowtool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glowsim.faults.fault import Plan, Plant
    from glowsim.physics.types import Sensed

#: Gradual faults proceed in steps of this length.
GRADUAL_US: Final = 50_000

_NOISE_PART: Final = 77


class Board:
    """All faults of one roller: `roller.faults.start("cell-stuck", cell="lf", for_s=3)`.

    Times are the body's, in µs since the roller was first switched on; reboots do not reset them. Seeded: the same
    plans, seed and calls give the same faults at the same times. Without a virtual air (`on_air` is false), faults
    that need one are not planned and cannot be started. `tell` gets a line when a planned fault strikes or begins, and
    when the time of a fault is over.
    """

    def __init__(self, plans: Sequence[Plan], seed: int, plant: Plant, *, on_air: bool = True) -> None:
        self._plant = plant
        self.tell: Callable[[str], None] = lambda _what: None
        self._on_air = on_air
        plans = [plan for plan in plans if on_air or not find(plan.name).needs_air]
        self._draw = random.Random(f"{seed}/faults")  # noqa: S311 - reproducible on purpose
        self._noise = noise_for(seed, _NOISE_PART)
        self._active: list[Active] = []
        self._now_us = 0
        self._carried_us = 0
        self._sensors: tuple[Active, ...] = ()
        self._coming = [(self._first_us(plan), plan) for plan in plans]
        self._set_due()

    @property
    def spoils(self) -> bool:
        """Whether a sensor is broken at present, so that `sense` changes readings."""
        return bool(self._sensors)

    @property
    def active(self) -> tuple[Active, ...]:
        """The faults that are on, oldest first."""
        return tuple(self._active)

    def start(self, name: str, *, for_s: float | None = None, **values: object) -> None:
        """Switch a fault on now, for `for_s` or until it is stopped; a fault that is already on begins anew.

        Raises InputError for an unknown name or parameter, for a value that is not allowed, and for a fault that needs
        the virtual air where there is none.
        """
        kind = find(name)
        if kind.needs_air and not self._on_air:
            raise InputError(f"fault {name} needs the virtual air; ignored with --radio")
        checked = kind.values(values)
        if for_s is not None and not for_s > 0:
            raise InputError(f"fault {name}: for_s is {for_s:g}; allowed: more than 0 s")
        until_us = NEVER_US if for_s is None else self._now_us + round(for_s * 1e6)
        fault = Active(kind, checked, self._now_us, until_us)
        if kind.moment:
            self._plant.strike(fault)
        else:
            self._active = [other for other in self._active if not _same(other, fault)]
            self._active.append(fault)
            self._changed()

    def stop(self, name: str) -> None:
        """End all faults of a name. Raises InputError when none is on."""
        find(name)
        left = [fault for fault in self._active if fault.kind.name != name]
        if len(left) == len(self._active):
            on = ", ".join(fault.kind.name for fault in self._active) or "none"
            raise InputError(f"fault {name} is not on; faults that are on: {on}")
        self._active = left
        self._changed()

    def clear(self) -> None:
        """End every lasting fault, and drop all planned ones."""
        self._active, self._coming = [], []
        self._changed()

    def pass_time(self, time_us: int) -> None:
        """Advance to `time_us`: begin faults that are due, end faults that are over."""
        self._now_us = time_us
        if time_us < self._due_us:
            return
        self._carry_on(time_us)
        left = [fault for fault in self._active if fault.until_us > time_us]
        if len(left) != len(self._active):
            over = [fault for fault in self._active if fault.until_us <= time_us]
            self._active = left
            self._changed()
            for fault in over:
                self.tell(f"fault {fault} is over")
        due = [plan for at_us, plan in self._coming if at_us <= time_us]
        self._coming = [(at_us, plan) for at_us, plan in self._coming if at_us > time_us]
        for plan in due:
            if plan.rate_per_min is not None:
                self._coming.append((time_us + self._gap_us(plan.rate_per_min), plan))
            self.start(plan.name, for_s=plan.for_s, **plan.values)
            moment = find(plan.name).moment
            self.tell(f"fault {plan.name} has struck" if moment else f"fault {self._active[-1]} is on")
        self._set_due()

    def sense(self, sensed: Sensed) -> Sensed:
        """Return the readings with the faults of the sensors in them."""
        for fault in self._sensors:
            sensed = distorted(sensed, fault, self._now_us, self._noise)
        return sensed

    def _changed(self) -> None:
        self._sensors = tuple(fault for fault in self._active if fault.kind.part is Part.SENSOR)
        self._plant.stand(self._active)
        self._set_due()

    def _carry_on(self, time_us: int) -> None:
        dt_s = min(GRADUAL_US, time_us - self._carried_us) * 1e-6
        self._carried_us = time_us
        if self._active:
            self._plant.carry_on(self._active, dt_s)

    def _set_due(self) -> None:
        gradual_us = self._now_us + GRADUAL_US if self._active else NEVER_US
        ends = (fault.until_us for fault in self._active)
        self._due_us = min((gradual_us, *ends, *(at_us for at_us, _ in self._coming)))

    def _first_us(self, plan: Plan) -> int:
        return round(plan.at_s * 1e6) + (0 if plan.rate_per_min is None else self._gap_us(plan.rate_per_min))

    def _gap_us(self, rate_per_min: float) -> int:
        # Random events come at exponentially distributed intervals.
        return max(1, round(self._draw.expovariate(rate_per_min / 60.0) * 1e6))


def _same(one: Active, other: Active) -> bool:
    words = [{name: value for name, value in fault.values.items() if isinstance(value, str)} for fault in (one, other)]
    return one.kind is other.kind and words[0] == words[1]
