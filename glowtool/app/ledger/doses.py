"""What somebody had today and in the days before, of whatever roller; the day's dose holds across all of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from glowtool.app.ledger.audited import is_in, last_started
from glowtool.app.ledger.clock import day_of, reading_now
from glowtool.app.ledger.settling import settle_open
from glowtool.errors import StoreError
from glowtool.safety.day import dated, taken_today, was_set_back
from glowtool.safety.dose import NO_DOSE, Dose
from glowtool.store.ledger.book import NOBODY, Book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.app.place import Place
    from glowtool.safety.day import Reading
    from glowtool.store.ledger.lines import Massage, Reckoning


@dataclass(frozen=True, slots=True)
class DayDose:
    """What somebody had on a day of the calendar."""

    day: date
    dose: Dose


def dose_today(place: Place, person: str = NOBODY, now: Reading | None = None) -> Dose:
    """Return what counts today for a person, by pseudonym; what nobody is known to have had counts for everybody.

    Massages that were cut off are settled first, as far as their logs tell. Raises `StoreError`, also once for a ledger
    that was damaged: from then on, the day counts as spent.
    """
    now = now or reading_now()
    return sum_today(reckonings(place, person, now), now)


def sum_today(reckonings_of: Sequence[Reckoning], now: Reading) -> Dose:
    """Return what counts today of several books."""
    counted = (entry for each in reckonings_of for entry in taken_today(each.entries, now, day_of))
    return sum((entry.dose for entry in counted), NO_DOSE)


def reckonings(place: Place, person: str, now: Reading) -> list[Reckoning]:
    """Return what the books come to that count for a person; a clock that was set back is written down."""
    found = []
    for whose in dict.fromkeys((person, NOBODY)):
        book = Book(place.ledger_dir, whose)
        # First the audit: whoever begins a massage meanwhile writes into the book first.
        started = last_started(place, whose)
        reckoning = settle_open(place, book, now)
        if started is not None and not is_in(started, reckoning):
            raise book.renew(f"is an earlier state: it lacks {started.massage}, which the audit tells of", now)
        if was_set_back(reckoning.entries, now):
            with suppress(StoreError):  # a disk that takes nothing delays the end of that day, and hides no dose
                book.see(now)
                reckoning = book.reckoning(now)
        found.append(reckoning)
    return found


def days(place: Place, person: str, count: int, now: Reading | None = None) -> tuple[DayDose, ...]:
    """Return the doses of the last days, today's last; each massage counts on the day on which it ended."""
    now = now or reading_now()
    today = day_of(now.unix_s)
    sums = dict.fromkeys(range(today - count + 1, today + 1), NO_DOSE)
    for reckoning in reckonings(place, person, now):
        for entry, ended_s in dated(reckoning.entries, now):
            day = min(today, day_of(ended_s))
            if day in sums:
                sums[day] += entry.dose
    return tuple(DayDose(date.fromordinal(day), dose) for day, dose in sums.items())


def massages(place: Place, person: str, now: Reading | None = None) -> tuple[Massage, ...]:
    """Return every massage in the book of one person, the earliest first."""
    now = now or reading_now()
    return settle_open(place, Book(place.ledger_dir, person), now).massages
