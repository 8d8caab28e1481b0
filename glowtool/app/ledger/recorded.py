"""Massages by the button in the ledger: each once, however often it is fetched, and as somebody's if that is known."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from glowtool.app.errands.kept import known_program
from glowtool.app.ledger.auditing import audit
from glowtool.app.ledger.clock import reading_now
from glowtool.app.ledger.pseudonyms import pseudonyms_of, record_of
from glowtool.app.logs.kept import kept_massages
from glowtool.app.news import untold
from glowtool.app.people.who import people_of
from glowtool.errors import InputError, StoreError
from glowtool.kit.storage.files import make_folder, storing
from glowtool.kit.storage.lock import alone
from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import Levels
from glowtool.safety.dose import dose_of
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.ledger.book import NOBODY, Book, books
from glowtool.store.ledger.lines import DoseEntry, Recorded
from glowtool.store.rollers.massages import list_massages
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.safety.day import Reading
    from glowtool.safety.dose import Dose
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.rollers.massages import KeptMassage

#: A massage that was fetched earlier than this, and is in no book, is of a time before there was a ledger, or of
#: somebody who was erased.
LATELY: Final = timedelta(days=2)

#: Who counts a massage by the button holds this lock of the ledger's folder.
_LOCK: Final = "counting.lock"


@dataclass(frozen=True, slots=True)
class Counted:
    """A massage by the button that is in the ledger now: whose it is, None where nobody knows."""

    massage: KeptMassage
    person: KnownPerson | None


def count_fetched(place: Place, tell: Tell = untold, now: Reading | None = None) -> tuple[Counted, ...]:
    """Write every massage that was fetched lately into the ledger, unless it is there; return those that are new.

    It is whoever's the place names, else the only person's who is known; nobody's where several could have pressed the
    button. Raises `StoreError`; it may be repeated then.
    """
    found = (entry.massage for entry in list_massages(kept_massages(place)))
    each = (count_one(place, massage, tell, now) for massage in found if massage is not None)
    return tuple(counted for counted in each if counted is not None)


def count_one(place: Place, massage: KeptMassage, tell: Tell = untold, now: Reading | None = None) -> Counted | None:
    """Write a massage into the ledger as `count_fetched` does; return None where there is nothing to write."""
    now = now or reading_now()
    if now.unix_s - massage.fetched_utc.timestamp() > LATELY.total_seconds():
        return None
    person = presumed(place)
    return Counted(massage, person) if _counted_once(place, massage, person, now, tell) else None


def count_arrived(place: Place, massage: KeptMassage, tell: Tell = untold) -> Counted | None:
    """Write a massage that was fetched just now into the ledger; return None where there is nothing to write.

    One that was learned of before, when nobody knew whose it was, becomes that of the person who fetches it.
    """
    counted, person = count_one(place, massage, tell), presumed(place)
    if counted is not None or person is None:
        return counted
    record, now = record_of(place, massage.massage_id), reading_now()
    if all(each.massage != record for each in Book(place.ledger_dir, NOBODY).reckoning(now).massages):
        return None
    give(place, record, person, now)
    return Counted(massage, person)


def counted_records(place: Place) -> frozenset[str]:
    """Return the pseudonyms of all records that are in a book; one that cannot be read has none. It counts as more."""
    found: set[str] = set()
    for book in books(place.ledger_dir):
        with suppress(StoreError):
            found |= book.records()
    return frozenset(found)


def count_unfetched(place: Place, massages: Sequence[KeptMassage], tell: Tell) -> tuple[Counted, ...]:
    """Write massages that a roller keeps into the ledger, unless they are there; return the new. Raises `StoreError`.

    Whoever is at the roller now need not be who pressed its button: they are the only person's who is known, else
    nobody's.
    """
    now, person = reading_now(), presumed(replace(place, person=None))
    return tuple(Counted(massage, person) for massage in massages if _counted_once(place, massage, person, now, tell))


def presumed(place: Place) -> KnownPerson | None:
    """Return whose a massage by the button is taken to be: whom the place names, else the only one who is known."""
    people = people_of(place)
    if place.person is not None:
        return people.find(place.person)
    every = people.all()
    return every[0] if len(every) == 1 else None


def give(place: Place, massage: str, person: KnownPerson, now: Reading | None = None) -> Dose:
    """Move a massage of nobody's into the book of the person whose it was, and return its dose.

    `massage` is what the ledger calls it, or its id in `logs list`. Raises `InputError` when there is none.
    """
    now = now or reading_now()
    nobody = Book(place.ledger_dir, NOBODY)
    wanted = {massage, pseudonyms_of(place).of("record", massage)}
    found = [each for each in nobody.reckoning(now).massages if each.massage in wanted]
    if not found:
        raise InputError(
            f"no massage of nobody's is called {massage!r}", advice="`glowtool safety ledger --nobody` lists them"
        )
    each = found[0]
    entry = Recorded(
        massage=each.massage,
        roller=each.roller,
        routine=each.routine,
        dose=DoseEntry.of(each.dose),
        started_us=each.started_us,
        ended_us=each.ended_us,
    )
    # First into the other book: after a crash between the two it counts twice, and never not at all.
    Book(place.ledger_dir, person.id).record(entry, now)
    nobody.give(each.massage, now)
    return each.dose


def dose_by_button(place: Place, massage: KeptMassage) -> Dose:
    """Return the dose of a massage by the button: the times are the roller's own, the levels the most there may be."""
    kept = known_program(place, massage.program_crc32)
    peak_ua, amplitude = (None, None) if kept is None else (kept.peak_ua, kept.amplitude)
    current = Levels(peak_ua=limit(CeilingId.PEAK_CURRENT) if peak_ua is None else peak_ua)
    share = limit(CeilingId.VIBRATION_AMPLITUDE) if amplitude is None else amplitude
    vibration = Levels(share, limit(CeilingId.VIBRATION_FREQUENCY_MAX))
    counted = dose_of(current, massage.current_s) + dose_of(vibration, massage.vibration_s)
    return replace(counted, current_s=massage.current_s, vibration_s=massage.vibration_s)


def _counted_once(place: Place, massage: KeptMassage, person: KnownPerson | None, now: Reading, tell: Tell) -> bool:
    """Write a massage into a book unless one mentions it; return whether it was written now.

    Nobody comes between the look and the line: two commands may fetch at a time, and each looks at what both did.
    """
    record = record_of(place, massage.massage_id)
    with storing(f"count a massage in {place.ledger_dir}"):
        make_folder(place.ledger_dir)
        with alone(place.ledger_dir / _LOCK):
            if any(book.mentions(record) for book in books(place.ledger_dir)):
                return False
            recorded = _recorded(place, massage, record)
            Book(place.ledger_dir, NOBODY if person is None else person.id).record(recorded, now)
    data = {"massage": record, "dose": recorded.dose.model_dump(mode="json")}
    audit(place, AuditKind.FETCHED, data, person="" if person is None else person.id, tell=tell)
    return True


def _recorded(place: Place, massage: KeptMassage, record: str) -> Recorded:
    kept = known_program(place, massage.program_crc32)
    fetched_us, started_us, ended_us = _us(massage.fetched_utc), None, _us(massage.fetched_utc)
    if massage.started_utc is not None:
        # A roller's clock that is ahead cannot put a massage after the time when it was fetched.
        started_us = min(fetched_us, _us(massage.started_utc))
        ended_us = min(fetched_us, started_us + round(massage.duration_s * MICROSECONDS_PER_SECOND))
    return Recorded(
        massage=record,
        roller=pseudonyms_of(place).of("roller", massage.serial or massage.address),
        routine="" if kept is None else kept.name,
        dose=DoseEntry.of(dose_by_button(place, massage)),
        started_us=started_us,
        ended_us=ended_us,
    )


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * MICROSECONDS_PER_SECOND)
