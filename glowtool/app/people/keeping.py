"""What is kept of people: entered, listed, answered, and chosen as the one who is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from glowtool.app.ledger.auditing import audit
from glowtool.app.news import untold
from glowtool.app.people.who import Meant, known_person, people_of, today
from glowtool.app.place import make_ready
from glowtool.errors import InputError
from glowtool.safety.screening import VALID_DAYS, asked_for
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.people.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.model.output import Output
    from glowtool.safety.screening import Flag, Reply
    from glowtool.store.people.people import KnownPerson


def enter(place: Place, name: str, tell: Tell) -> KnownPerson:
    """Enter a new person; raises `InputError` for a name that is no name or taken."""
    make_ready(place, tell)
    return people_of(place).add(name, datetime.now(UTC))


def chosen(place: Place, name: str | None = None) -> KnownPerson:
    """Return the person of that name, else whoever is meant at the place; raises `InputError` when nobody is."""
    if name is not None:
        return people_of(place).find(name)
    known = known_person(place)
    if known is not None:
        return known
    several = people_of(place).all()
    if not several:
        raise InputError("nobody is known yet", advice="`glowtool person new NAME` enters somebody")
    names = ", ".join(each.name for each in several)
    raise InputError(f"{len(several)} people are known ({names})", advice="name one with `--person NAME`")


def answered(place: Place, known: KnownPerson, replies: Mapping[Flag, Reply], tell: Tell = untold) -> Profile:
    """Keep answers to questions of the screening, dated today; return the profile. The audit says which, not what."""
    audit(place, AuditKind.SCREENED, {"questions": sorted(replies)}, person=known.id, tell=tell)
    return people_of(place).change(known, lambda profile: profile.answering(replies, today()))


def as_meant(place: Place, known: KnownPerson) -> Meant:
    """Return a person with what is kept of them, as it is now."""
    return Meant(known, people_of(place).profile(known))


def profile_of(who: Meant) -> Profile:
    """Return what is kept of a person; of nobody, an empty profile."""
    return who.profile or Profile()


def valid_until(who: Meant, output: Output) -> date | None:
    """Return the last day on which the answers about an output count; None without answers."""
    answers = profile_of(who).answers
    days = [answers[question.flag].on for question in asked_for(output) if question.flag in answers]
    return min(days) + timedelta(days=VALID_DAYS - 1) if days else None
