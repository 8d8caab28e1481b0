"""The fetch of massages that a roller recorded by itself: those started with its button, without a host."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.app.hold.holding import holding
from glowtool.app.ledger.recorded import count_arrived, count_fetched
from glowtool.app.logs.kept import kept_massages
from glowtool.app.news import BrokenOff, Fetched, untold
from glowtool.app.place import make_private_dir
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.opening import reached_device
from glowtool.errors import GlowtoolError, NotOfferedError
from glowtool.link.backoff import RECONNECTING, classify
from glowtool.session.do.takeover import Source, Takeover, Taking, take_over

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from glowtool.app.ledger.recorded import Counted
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.archive import Archive
    from glowtool.device.driver import Driver
    from glowtool.store.rollers.known import KnownRoller
    from glowtool.store.rollers.massages import KeptMassage


@dataclass(frozen=True, slots=True)
class Fetch:
    """The result of fetching massages from the roller with that serial number; `counted` are new in the ledger."""

    serial: str
    outcome: Takeover
    counted: tuple[Counted, ...] = ()


async def fetch(place: Place, known: KnownRoller, tell: Tell = untold, *, remove: bool = False) -> Fetch:
    """Fetch every massage that a roller recorded; with `remove`, delete each there once it is safe on disk.

    Each counts in the ledger before it may be deleted. A connection that is lost is opened again while that brings
    something new, or until the roller was out of reach for a minute; what is here by then is not asked for again, also
    by the next command. Raises `CommandRefusedError` when this kind of device records none, and the errors of
    `take_over`.
    """
    make_private_dir(place.massages_dir)
    counted = list["Counted"]()

    async def count(massage: KeptMassage) -> None:
        new = await asyncio.to_thread(count_arrived, place, massage, tell)
        if new is not None:
            counted.append(new)

    async with holding(place, known.address, "logs fetch", tell) as held, adapter_of(place, tell) as adapter:
        outcome, serial = Takeover(), ""

        async def attempt() -> None:
            nonlocal serial
            async with reached_device(place, known, held, adapter, tell) as roller:
                serial = roller.identity.serial
                source = Source(serial, known.name, known.address)
                taking = Taking(
                    source, kept_massages(place), datetime.now(UTC), remove, count, lambda taken: tell(Fetched(taken))
                )
                await take_over(archive_of(roller), taking, outcome)

        await _again_while_it_helps(attempt, lambda: outcome.progress if serial else None, known, tell)
    return Fetch(serial, outcome, (*counted, *await asyncio.to_thread(count_fetched, place, tell)))


async def _again_while_it_helps(
    attempt: Callable[[], Awaitable[None]], progress: Callable[[], int | None], known: KnownRoller, tell: Tell
) -> None:
    """Attempt it until it is done; after a failure that may pass, again, within bounds that each progress renews.

    `progress` is None until the roller was there once: before that, the first failure counts, as in every command.
    """
    clock, chance = asyncio.get_running_loop().time, random.Random()  # noqa: S311 - spreads attempts, no secret
    failures, since_s, before = 0, clock(), progress()
    while True:
        try:
            await attempt()
        except GlowtoolError as error:
            if progress() is None:
                raise
            if progress() != before:
                failures, since_s, before = 0, clock(), progress()
            failures += 1
            pause_s = RECONNECTING.pause_s(failures, clock() - since_s, classify(error), chance)
            if pause_s is None:
                raise
            tell(BrokenOff(known.spoken, error))
            await asyncio.sleep(pause_s)
        else:
            return


def archive_of(roller: Driver) -> Archive:
    """Return what a device keeps by itself; raises `NotOfferedError` when its kind keeps nothing."""
    if roller.archive is None:
        raise NotOfferedError(f"a device of the model {roller.identity.model} keeps no massages by itself")
    return roller.archive
