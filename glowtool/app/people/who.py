"""Who is meant: the person that a command names, else the one in use, else the only one; and that person's bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING

from glowtool.app.ledger.clock import reading_now
from glowtool.app.ledger.doses import dose_today
from glowtool.errors import GlowtoolError, InputError, StoreError
from glowtool.safety.bounds import NO_OUTPUT, Person, bounds_of, strictest
from glowtool.safety.dose import NO_DOSE
from glowtool.safety.gentle import STAGES, stage_of
from glowtool.store.ledger.book import Book
from glowtool.store.people.people import People
from glowtool.store.people.sealing import SealedError

if TYPE_CHECKING:
    from datetime import date

    from glowtool.app.place import Place
    from glowtool.safety.dose import Dose
    from glowtool.safety.limits import PersonalMax
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.people.profile import Profile


@dataclass(frozen=True, slots=True)
class Meant:
    """The person who is meant, with what is kept of them; None where nobody is, or several could be."""

    known: KnownPerson | None = None
    profile: Profile | None = None
    of_several: int = 0

    @property
    def person(self) -> Person | None:
        """What the rules of safety have to know; None for nobody."""
        return None if self.profile is None else self.profile.person


def today() -> date:
    """Return the calendar day of the person, by this computer's clock and time zone."""
    return datetime.now().astimezone().date()


def people_of(place: Place) -> People:
    """Return the people known at a place."""
    return People(place.root, place.unlock)


def known_person(place: Place) -> KnownPerson | None:
    """Return the person whom the place names, else the one in use or the only one, or None; raises `InputError`."""
    people = people_of(place)
    return people.in_use() if place.person is None else people.find(place.person)


def meant(place: Place) -> Meant:
    """Return who is meant at a place, and their profile; raises `InputError` and `StoreError`."""
    known = known_person(place)
    if known is None:
        return Meant(of_several=len(people_of(place).all()))
    return Meant(known, people_of(place).profile(known))


def bounds_here(place: Place, lower: PersonalMax | None = None) -> PersonalMax:
    """Return the ceilings in force for whoever is meant at a place today; `lower` can only lower them."""
    return strictest(bounds_now(place, meant(place)), lower)


def bounds_now(place: Place, who: Meant) -> PersonalMax:
    """Return the ceilings in force for a person today, with what the person has had already. Raises `StoreError`."""
    return _bounds(who, had_today(place, who))


def _bounds(who: Meant, had: Dose) -> PersonalMax:
    return bounds_of(who.person, today().toordinal(), had)


def had_today(place: Place, who: Meant) -> Dose:
    """Return what a person has had today, of whatever roller; of nobody, nothing.

    Raises `StoreError`, also once for a ledger that is gone though the profile knows of a massage today.
    """
    if who.known is None:
        return NO_DOSE
    now = reading_now()
    if who.profile is not None and today() in who.profile.days:
        Book(place.ledger_dir, who.known.id).require_there(now)
    return dose_today(place, who.known.id, now)


def starts_gently(who: Meant) -> bool:
    """Return whether the gentle start still caps a person's outputs."""
    return who.person is not None and stage_of(who.person.days, today().toordinal()) is not STAGES[-1]


def bounds_at_hand(place: Place) -> PersonalMax | None:
    """Return the same for an errand, without what the day has left: None where the profile is closed.

    Where it is not said which of several people is meant, it could be any, so the strictest of all counts. Nobody is
    asked for a passphrase, and a damaged file, which means no output, is no failure. The ledger is left to those who
    start something: they tell of its damage, and what a button starts is not cleared for it.
    """
    try:
        known = known_person(place)
        everybody = people_of(place).all() if known is None else (known,)
        found = [meant_at_hand(place, each) for each in everybody]
    except StoreError:
        return NO_OUTPUT
    if any(who.profile is None for who in found):
        return None
    return reduce(strictest, (_bounds(who, NO_DOSE) for who in found)) if found else NO_OUTPUT


def meant_at_hand(place: Place, known: KnownPerson) -> Meant:
    """Return a person as far as nobody has to be asked for a passphrase: without the profile where it is closed."""
    try:
        return Meant(known, people_of(replace(place, unlock=place.unasked)).profile(known))
    except (SealedError, InputError):  # also a passphrase that is not this person's
        return Meant(known)


def id_at_hand(place: Place) -> str:
    """Return the id of whoever is meant, for what is only written down; empty where nobody is, or it cannot be told."""
    try:
        known = known_person(place)
    except GlowtoolError:
        return ""
    return "" if known is None else known.id
