"""A roller's answers about its identity and its state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.app.news import untold
from glowtool.app.opening import opened

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.identity import Identity
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.model.state import DeviceLimits
    from glowtool.model.status import Status
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a roller about itself."""

    identity: Identity
    protocol: str
    limits: DeviceLimits
    rates_hz: tuple[int, ...]
    status: Status
    battery_percent: int

    @classmethod
    def of(cls, roller: Roller) -> Answers:
        """Return the answers that an open roller gave."""
        return cls(
            identity=roller.identity,
            protocol=roller.protocol,
            limits=roller.limits,
            rates_hz=roller.rates_hz,
            status=roller.status,
            battery_percent=roller.battery_percent,
        )


async def ask(place: Place, known: KnownRoller, tell: Tell = untold) -> Answers:
    """Return the answers of a known roller; the visit sets its outputs to zero and changes nothing else."""
    async with opened(place, known, "info", tell) as roller:
        return Answers.of(roller)
