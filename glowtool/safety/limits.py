"""The ceilings in force: those of the table, lowered by the device's own and by the person's maximum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from glowtool.errors import SafetyError
from glowtool.model.ceilings import CEILINGS, CeilingId, Sense, limit
from glowtool.model.state import UNASKED
from glowtool.units import spoken

if TYPE_CHECKING:
    from glowtool.model.state import DeviceLimits

#: Ceiling values by number, each in the unit of the table of ceilings.
CeilingValues = Mapping[CeilingId, float]

#: The ceiling that each field of a personal maximum lowers.
_LOWERS: Final[dict[str, CeilingId]] = {
    "peak_ua": CeilingId.PEAK_CURRENT,
    "amplitude": CeilingId.VIBRATION_AMPLITUDE,
    "step_s": CeilingId.STEP_DURATION,
    "massage_s": CeilingId.MASSAGE_DURATION,
    "day_current_s": CeilingId.DAY_CURRENT,
    "day_vibration_s": CeilingId.DAY_VIBRATION,
}


@dataclass(frozen=True, slots=True)
class PersonalMax:
    """A person's own maximum: each field can lower one ceiling, but never raise it.

    In µA, as a share of full amplitude and in seconds, from 0 to the ceiling; raises `SafetyError` outside.
    """

    peak_ua: float = limit(CeilingId.PEAK_CURRENT)
    amplitude: float = limit(CeilingId.VIBRATION_AMPLITUDE)
    step_s: float = limit(CeilingId.STEP_DURATION)
    massage_s: float = limit(CeilingId.MASSAGE_DURATION)
    day_current_s: float = limit(CeilingId.DAY_CURRENT)
    day_vibration_s: float = limit(CeilingId.DAY_VIBRATION)

    def __post_init__(self) -> None:
        for name, which in _LOWERS.items():
            value, row = getattr(self, name), CEILINGS[which]
            if not 0 <= value <= row.value:
                raise SafetyError(
                    f"personal maximum: {name} is {spoken(value, row.unit)}; it must be 0 to "
                    f"{spoken(row.value, row.unit)} ({row.reason}): a personal maximum can lower a ceiling, but never "
                    "raise it"
                )

    def lowered(self) -> dict[CeilingId, float]:
        """Return the ceilings that this maximum sets, in the units of the table of ceilings."""
        return {_LOWERS[item.name]: getattr(self, item.name) for item in fields(self)}


def ceilings_in_force(device: DeviceLimits = UNASKED, personal: PersonalMax | None = None) -> CeilingValues:
    """Return every ceiling as the strictest of our table, the device's own and the person's maximum."""
    values = {which: limit(which) for which in CeilingId}
    for which, value in device.ceilings.items():
        values[which] = min(values[which], value) if _is_most(which) else max(values[which], value)
    if personal is not None:
        for which, value in personal.lowered().items():
            values[which] = min(values[which], value)
    return MappingProxyType(values)


def over(which: CeilingId, value: float, ceilings: CeilingValues) -> bool:
    """Return whether a value, in the ceiling's unit, is beyond the ceiling."""
    bound = ceilings[which]
    return value > bound if _is_most(which) else value < bound


def _is_most(which: CeilingId) -> bool:
    return CEILINGS[which].sense is Sense.AT_MOST
