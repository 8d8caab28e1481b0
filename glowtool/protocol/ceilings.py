"""The ceilings on the wire, counted in whole steps of the table of `glowtool.model.ceilings`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CEILINGS, CeilingId, limit

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Counted:
    """The wire unit of a ceiling: the number of counts in one of the table's unit, and the name of one count."""

    per_unit: int
    unit: str


_MS: Final = Counted(1000, "ms")
_PERMILLE: Final = Counted(1000, "‰")
_PRESSURE: Final = Counted(100, "0.01 kPa")
_FREQUENCY: Final = Counted(10, "0.1 Hz")

#: Ceilings whose steps are finer than the unit of the table.
_FINER: Final[Mapping[CeilingId, Counted]] = {
    CeilingId.PHASE_CHARGE_IMBALANCE: _PERMILLE,
    CeilingId.VIBRATION_AMPLITUDE: _PERMILLE,
    CeilingId.SOFT_START: _MS,
    CeilingId.CONTACT_LOSS: _MS,
    CeilingId.PRESSURE_CAUTION: _PRESSURE,
    CeilingId.PRESSURE_HALF: _PRESSURE,
    CeilingId.PRESSURE_HALF_AFTER: _MS,
    CeilingId.PRESSURE_ZERO: _PRESSURE,
    CeilingId.HEAD_TEMPERATURE: Counted(10, "0.1 °C"),
    CeilingId.HOST_SILENCE: _MS,
    CeilingId.CURRENT_FREQUENCY_MIN: _FREQUENCY,
    CeilingId.CURRENT_FREQUENCY_MAX: _FREQUENCY,
    CeilingId.VIBRATION_FREQUENCY_MIN: _FREQUENCY,
    CeilingId.VIBRATION_FREQUENCY_MAX: _FREQUENCY,
}

#: Re-arming is refused for this long after an emergency stop, so that a repeated key press cannot do both.
REARM_GRACE_MS: Final = 2000

#: The shortest watchdog that a host can ask for: below this, the radio's own retries would trip it.
WATCHDOG_MS_MIN: Final = 250


def counted(which: CeilingId) -> Counted:
    """Return the wire unit of a ceiling."""
    return _FINER.get(which) or Counted(1, CEILINGS[which].unit)


def steps_of(which: CeilingId, value: float) -> int:
    """Return a value in the table's unit as whole steps of the wire."""
    return round(value * counted(which).per_unit)


def value_of(which: CeilingId, steps: int) -> float:
    """Return steps of the wire as a value in the table's unit."""
    per_unit = counted(which).per_unit
    return steps if per_unit == 1 else steps / per_unit


def ceiling(which: CeilingId) -> int:
    """Return a ceiling in steps of the wire."""
    return steps_of(which, limit(which))
