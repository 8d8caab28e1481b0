"""The account of one massage: its dose is reserved before anything moves, and settled when the outputs are zero."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.clock import reading_now
from glowtool.app.ledger.doses import reckonings, sum_today
from glowtool.app.ledger.pseudonyms import roller_of
from glowtool.app.ledger.settling import settled_as_nothing, settled_by_log, this_process
from glowtool.app.news import NotWritten
from glowtool.errors import SafetyError, StoreError
from glowtool.model.ceilings import CEILINGS, CeilingId, limit
from glowtool.model.status import Status
from glowtool.safety.delivery import Delivery
from glowtool.safety.dose import Dose, planned
from glowtool.session.news import OutputsZero
from glowtool.store.ledger.book import NOBODY, Book
from glowtool.store.ledger.lines import Begun, DoseEntry
from glowtool.units import MICROSECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.model.program import Program
    from glowtool.safety.day import Reading
    from glowtool.session.news import MassageNews
    from glowtool.store.ledger.lines import Reckoning, Settled
    from glowtool.store.rollers.known import KnownRoller

#: What a status needs from the device to here at most, when one comes a moment after another.
_DELAY_S: Final = 0.1

#: What sums of seconds may be off by.
_NEAR_S: Final = 1e-3


@dataclass(slots=True)
class Account:
    """What one massage adds to a person's book: `register` before it begins, `take` its news, `settle` at its end.

    `person` is a pseudonym. The dose of a massage that is never settled counts as planned, until the next command finds
    its log. One that is not `logged`, as a trial, is settled by what was heard of it.
    """

    place: Place
    person: str
    roller: KnownRoller
    routine: str
    program: Program
    logged: bool = True
    _begun: Begun | None = None
    _begun_us: int = 0
    _delivery: Delivery | None = None
    _heard_s: float = 0.0

    async def register(self, massage: str) -> Begun:
        """Reserve the most that the massage may deliver, by the id of its log; nothing moves before.

        Raises `SafetyError` when the day's dose does not suffice, and `StoreError`.
        """
        return await asyncio.to_thread(self._register, massage, reading_now())

    def take(self, news: MassageNews) -> None:
        """Take news of the massage; returns at once."""
        if isinstance(news, Status):
            self._delivery = (self._delivery or Delivery(self.program)).after(news)
            self._heard_s = asyncio.get_running_loop().time()
        elif isinstance(news, OutputsZero) and self._delivery is not None:
            since_s = asyncio.get_running_loop().time() - self._heard_s + _DELAY_S
            self._delivery = self._delivery.zeroed(since_s)

    async def settle(self, tell: Tell) -> Settled | None:
        """Write what was delivered, once the log is closed, and return it; where no log was kept, nothing was started.

        What cannot be written is told, and counts as planned until a later command writes it.
        """
        try:
            return await asyncio.to_thread(self._settle, reading_now())
        except StoreError as error:
            tell(NotWritten("the dose of this massage", error))
            return None

    def _register(self, massage: str, now: Reading) -> Begun:
        facts = self.place, self.person, self.roller, self.program
        begun = reserve(*facts, massage=massage, now=now, routine=self.routine)
        self._begun, self._begun_us = begun, round(now.unix_s * MICROSECONDS_PER_SECOND)
        return begun

    def _settle(self, now: Reading) -> Settled | None:
        begun, self._begun = self._begun, None
        if begun is None:
            return None
        if not self.logged or (self.place.logs_dir / begun.massage).exists():
            settled = settled_by_log(self.place, begun, self._begun_us, self._delivery)
        else:
            settled = settled_as_nothing(begun.massage, self._begun_us)
        Book(self.place.ledger_dir, self.person).settle(settled, now)
        return settled


def reserve(
    place: Place, person: str, known: KnownRoller, program: Program, *, massage: str, now: Reading, routine: str = ""
) -> Begun:
    """Write that a massage is about to begin, and return the line; raises `SafetyError` when the day does not suffice.

    Whoever begins at the same time, on another roller, is counted.
    """
    pid, process = this_process()
    begun = Begun(
        massage=massage,
        roller=roller_of(place, known),
        routine=routine,
        planned=DoseEntry.of(planned(program)),
        duration_s=program.duration_s,
        pid=pid,
        process=process,
    )
    others = reckonings(place, NOBODY, now) if person != NOBODY else []
    reckonings(place, person, now)  # so that what was cut off is settled

    def admit(own: Reckoning) -> None:
        require_left(sum_today([own, *others], now), begun.planned.dose)

    Book(place.ledger_dir, person).begin(begun, now, admit)
    return begun


def require_left(had: Dose, more: Dose) -> None:
    """Raise `SafetyError` when a dose goes beyond what a day allows after what somebody had."""
    for which, what, had_s, more_s in (
        (CeilingId.DAY_CURRENT, "microcurrent", had.current_s, more.current_s),
        (CeilingId.DAY_VIBRATION, "vibration", had.vibration_s, more.vibration_s),
    ):
        if more_s and had_s + more_s > limit(which) + _NEAR_S:
            raise SafetyError(
                f"with {_minutes(had_s)} of {what} today already, {_minutes(more_s)} more would be over the "
                f"{_minutes(limit(which))} of a day ({CEILINGS[which].reason}; {CEILINGS[which].source})",
                advice="take a shorter routine, or wait until tomorrow; `glowtool safety status` tells what is left",
            )


def _minutes(time_s: float) -> str:
    return spoken(round(time_s / 60, 1), "min")
