"""The account of a program that starts a roller itself, without a session: reserved at START, settled by statuses."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from glowtool.app.ledger.accounting import reserve
from glowtool.app.ledger.clock import reading_now
from glowtool.app.news import NotWritten
from glowtool.errors import LinkError, StoreError
from glowtool.safety.delivery import Delivery
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Settled, Source
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.model.program import Program
    from glowtool.model.status import Status
    from glowtool.store.ledger.lines import Begun
    from glowtool.store.rollers.known import KnownRoller


class Direct:
    """The account of whatever is started over one connection; `begin` is called before each START leaves."""

    def __init__(self, place: Place, person: str, known: KnownRoller, tell: Tell) -> None:
        self._place = place
        self._person = person
        self._known = known
        self._tell = tell
        self._begun: Begun | None = None
        self._begun_s = 0.0
        self._delivery: Delivery | None = None

    async def begin(self, program: Program) -> None:
        """Reserve the most that a program may deliver; raises `SafetyError` and `StoreError`, and it is not started.

        The disk delays the start alone: a stop overtakes it.
        """
        await asyncio.to_thread(self._begin, program)

    def _begin(self, program: Program) -> None:
        self.end()
        now, massage = reading_now(), f"direct-{secrets.token_hex(8)}"
        self._begun = reserve(self._place, self._person, self._known, program, massage=massage, now=now)
        self._begun_s, self._delivery = now.unix_s, Delivery(program)

    def take(self, status: Status) -> None:
        """Take a status of the roller."""
        if self._delivery is not None:
            self._delivery = self._delivery.after(status)

    def end(self) -> None:
        """Settle what was begun by what was heard; what cannot be written is told, and counts as planned."""
        begun, delivery = self._begun, self._delivery
        self._begun = self._delivery = None
        if begun is None or delivery is None:
            return
        now = reading_now()
        started_us, ended_us = (round(each * MICROSECONDS_PER_SECOND) for each in (self._begun_s, now.unix_s))
        dose = DoseEntry.of(delivery.ended())
        times = {"started_us": started_us, "ended_us": max(started_us, ended_us)}
        settled = Settled(massage=begun.massage, dose=dose, source=Source.STATUSES, **times)
        try:
            Book(self._place.ledger_dir, self._person).settle(settled, now)
        except StoreError as error:
            self._tell(NotWritten("the dose of what was started", error))


@asynccontextmanager
async def followed(direct: Direct, roller: Roller) -> AsyncIterator[None]:
    """Have an account hear the statuses of a connected roller for the time of the block, and settle it at its end."""

    async def follow() -> None:
        with suppress(LinkError):  # lost: whoever uses the roller hears of that
            async for status in roller.status_changes():
                direct.take(status)

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        direct.take(roller.status)
        await asyncio.to_thread(direct.end)
