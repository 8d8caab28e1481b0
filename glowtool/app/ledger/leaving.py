"""What stays of the day's dose of somebody who is erased: a figure of nobody's, so that nobody gets a second dose."""

from __future__ import annotations

import secrets
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.clock import day_of, reading_now
from glowtool.app.ledger.doses import sum_today
from glowtool.app.ledger.settling import settle_open
from glowtool.app.news import NotWritten
from glowtool.errors import StoreError
from glowtool.safety.dose import NO_DOSE, WHOLE_DAY, Dose
from glowtool.store.ledger.book import NOBODY, Book
from glowtool.store.ledger.lines import DoseEntry, Recorded, Source
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.safety.day import Reading
    from glowtool.store.ledger.lines import Massage

_WHAT: Final = "the dose of today, which counts for everybody once its person is erased,"


def leave_today(place: Place, person: str, tell: Tell) -> None:
    """Write what counts today for a person, by pseudonym, as nobody's; what cannot be written is told.

    It is one sum, without times, roller or routine. Records of the button stay each by itself: a roller may still keep
    them, and each is to count once. A book that cannot be read counts as the whole day.
    """
    book, now = Book(place.ledger_dir, person), reading_now()
    if not book.is_there:
        return
    try:
        reckoning = settle_open(place, book, now)
        had = sum_today([reckoning], now)
        records = _records_of_today(reckoning.massages, now)
    except StoreError:
        had, records = WHOLE_DAY, []
    try:
        nobody = Book(place.ledger_dir, NOBODY)
        for each in records:
            had = _less(had, each.dose)
            nobody.record(_line(each.massage, each.dose, each.roller), now)
        if had != NO_DOSE:
            nobody.record(_line(f"erased-{secrets.token_hex(8)}", had), now)
    except StoreError as error:
        tell(NotWritten(_WHAT, error))


def _records_of_today(massages: Sequence[Massage], now: Reading) -> list[Massage]:
    today = day_of(now.unix_s)
    records = [each for each in massages if each.source is Source.RECORD]
    return [each for each in records if day_of((each.ended_us or each.written_us) / MICROSECONDS_PER_SECOND) >= today]


def _less(one: Dose, other: Dose) -> Dose:
    left = (max(0.0, round(getattr(one, each.name) - getattr(other, each.name), 6)) for each in fields(Dose))
    return Dose(*left)


def _line(massage: str, dose: Dose, roller: str = "") -> Recorded:
    return Recorded(massage=massage, roller=roller, dose=DoseEntry.of(dose), started_us=None, ended_us=None)
