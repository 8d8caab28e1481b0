"""A device's answers about its identity and its state, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.app.ledger.unfetched import learn
from glowtool.app.news import untold
from glowtool.app.rollers.opening import opened_device

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.driver import Driver
    from glowtool.device.identity import Identity
    from glowtool.model.state import DeviceLimits
    from glowtool.model.status import Status
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a device about itself."""

    identity: Identity
    protocol: str
    limits: DeviceLimits
    rates_hz: tuple[int, ...]
    status: Status
    battery_percent: int

    @classmethod
    def of(cls, device: Driver) -> Answers:
        """Return the answers that an open device gave."""
        return cls(
            identity=device.identity,
            protocol=device.protocol,
            limits=device.limits,
            rates_hz=device.rates_hz,
            status=device.status,
            battery_percent=device.battery_percent,
        )


async def ask(place: Place, known: KnownRoller, tell: Tell = untold) -> Answers:
    """Return the answers of a known device; its outputs are zero then, and its button starts only what it may."""
    async with opened_device(place, known, "info", tell) as device:
        await learn(place, known, device.identity.serial, device.archive, tell)
        return Answers.of(device)
