"""What is written down of one massage: its dose in the ledger, and its course in the audit."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowtool.app.ledger.accounting import Account
from glowtool.app.ledger.auditing import auditing
from glowtool.app.people.who import known_person
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.ledger.book import NOBODY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.app.ledger.auditing import Auditor
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.model.program import Program
    from glowtool.safety.witness import Witness
    from glowtool.session.news import MassageNews
    from glowtool.session.plan import SessionResult
    from glowtool.store.rollers.known import KnownRoller


class Books:
    """The books of one massage: `register` before it begins, `take` its news, `close` when its log is closed."""

    def __init__(self, account: Account, auditor: Auditor, tell: Tell) -> None:
        self.witness: Witness = auditor.witness
        self._account = account
        self._auditor = auditor
        self._tell = tell

    async def register(self, massage: str) -> None:
        """Reserve the dose, and have the audit say what is about to begin; both are on disk when this returns.

        Raises `SafetyError` when the day's dose does not suffice, and `StoreError`: nothing is started then.
        """
        account = self._account
        begun = await account.register(massage)
        self._auditor.note(
            AuditKind.STARTED, massage=massage, routine=account.routine, planned=begun.planned.model_dump(mode="json")
        )
        await self._auditor.write()

    def take(self, news: MassageNews) -> None:
        """Take news of the massage; returns at once."""
        self._account.take(news)
        self._auditor.take(news)

    async def close(self, result: SessionResult | None) -> None:
        """Settle the dose once outputs are zero and the log is closed; `result` None: it was not told how it ended."""
        settled = await self._account.settle(self._tell)
        if settled is not None:
            ending = None if result is None else result.ending.value
            dose = settled.dose.model_dump(mode="json")
            self._auditor.note(AuditKind.ENDED, massage=settled.massage, ending=ending, dose=dose)


@asynccontextmanager
async def books(place: Place, known: KnownRoller, routine: str, program: Program, tell: Tell) -> AsyncIterator[Books]:
    """Open the books of a massage of whoever is meant at a place, for the time of the block."""
    person = known_person(place)
    whose = NOBODY if person is None else person.id
    async with auditing(place, "" if person is None else person.id, known, tell) as auditor:
        yield Books(Account(place, whose, known, routine, program), auditor, tell)
