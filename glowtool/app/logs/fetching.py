"""The fetch of massages that a roller recorded by itself: those started with its button, without a host."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.app.ledger.recorded import count_fetched
from glowtool.app.logs.kept import kept_massages
from glowtool.app.news import Fetched, untold
from glowtool.app.place import make_private_dir
from glowtool.app.rollers.opening import opened_device
from glowtool.errors import NotOfferedError
from glowtool.session.do.takeover import Source, take_over

if TYPE_CHECKING:
    from glowtool.app.ledger.recorded import Counted
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.archive import Archive
    from glowtool.device.driver import Driver
    from glowtool.session.do.takeover import Takeover
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Fetch:
    """The result of fetching massages from the roller with that serial number; `counted` are new in the ledger."""

    serial: str
    outcome: Takeover
    counted: tuple[Counted, ...] = ()


async def fetch(place: Place, known: KnownRoller, tell: Tell = untold, *, remove: bool = False) -> Fetch:
    """Fetch every massage that a roller recorded; with `remove`, delete each there once it is safe on disk.

    Raises `CommandRefusedError` when this kind of device records none, and the errors of `take_over`.
    """
    make_private_dir(place.massages_dir)
    async with opened_device(place, known, "logs fetch", tell) as roller:
        source = Source(roller.identity.serial, known.name, known.address)
        outcome = await take_over(
            archive_of(roller),
            source,
            kept_massages(place),
            datetime.now(UTC),
            remove=remove,
            tell=lambda taken: tell(Fetched(taken)),
        )
    return Fetch(source.serial, outcome, await asyncio.to_thread(count_fetched, place, tell))


def archive_of(roller: Driver) -> Archive:
    """Return what a device keeps by itself; raises `NotOfferedError` when its kind keeps nothing."""
    if roller.archive is None:
        raise NotOfferedError(f"a device of the model {roller.identity.model} keeps no massages by itself")
    return roller.archive
