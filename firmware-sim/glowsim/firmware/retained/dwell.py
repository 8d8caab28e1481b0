"""The dwell time of each place, kept across massages and losses of power; nothing recovers while power is off.

Like the day's dose, it is written ahead: in the flash, a place counts as worked for some seconds longer than it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.retained.dose import AFTER_US, LEASE_US
from glowtool.model.ceilings import CeilingId
from glowtool.model.dwell import Fills, Overrun, overruns, passed, stretches
from glowtool.model.face import Zone
from glowtool.protocol.ceilings import ceiling
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.model.dwell import Stretch
    from glowtool.protocol.program import StepRecord

PLACE_US_MAX: Final = ceiling(CeilingId.PLACE_DWELL) * MICROSECONDS_PER_SECOND

_US_PER_MS: Final = 1000


class PlaceDwell:
    """The dwell of all places, and the rest of the lease of the place in work."""

    def __init__(self, fills: Fills | None = None) -> None:
        self._fills = dict(fills or {})
        self._leased: int | None = None
        self._left_us = 0

    def worked_us(self, place: int | None) -> int:
        """Return how long a place has been worked."""
        return 0 if place is None else self._fills.get(place, 0)

    def pass_time(self, dt_us: int, place: int | None) -> None:
        """Count `dt_us` with outputs on at a place, or at no place."""
        if place is None and not self._fills:
            return
        self._fills = passed(self._fills, place, dt_us)
        if place is not None and place == self._leased:
            self._left_us = max(0, self._left_us - dt_us)

    def due(self, place: int | None) -> bool:
        """Return whether the flash must be written before outputs may be on at a place."""
        if place is None or place != self._leased:
            return place is not None
        return self._left_us < AFTER_US and self.worked_us(place) + self._left_us < PLACE_US_MAX

    def take_lease(self, place: int | None) -> None:
        """Lease time at a place, and give back other leases; this holds once the result of `kept` is in the flash."""
        self._leased = place
        self._left_us = 0 if place is None else max(0, min(LEASE_US, PLACE_US_MAX - self.worked_us(place)))

    def lose_lease(self) -> None:
        """Note that the flash did not take the lease."""
        self._leased, self._left_us = None, 0

    def kept(self) -> dict[str, int]:
        """Return the content for the memory: the dwell of the places, including the lease."""
        held = dict(self._fills)
        if self._leased is not None:
            held[self._leased] = self.worked_us(self._leased) + self._left_us
        return {str(place): us for place, us in held.items()}

    def overrun(self, steps: Sequence[StepRecord]) -> Overrun | None:
        """Return where steps that begin now would work a place for too long, in µs; None if nowhere."""
        return self.overrun_of(stretches(steps, per_ms=_US_PER_MS))

    def overrun_of(self, program: Sequence[Stretch]) -> Overrun | None:
        """Return where stretches that begin now would work a place for too long, in µs; None if nowhere."""
        return next(iter(overruns(program, PLACE_US_MAX, self._fills)), None)


def dwell_from(kept: object) -> PlaceDwell:
    """Return the dwell in the memory. If it cannot be read, every place counts as full."""
    if kept is None:
        return PlaceDwell()
    full = {int(zone): PLACE_US_MAX for zone in Zone}
    if not isinstance(kept, dict):
        return PlaceDwell(full)
    fills: Fills = {}
    for place, us in kept.items():
        if not place.isdecimal() or type(us) is not int or us < 0:
            return PlaceDwell(full)
        fills[int(place)] = min(us, PLACE_US_MAX)
    return PlaceDwell(fills)
