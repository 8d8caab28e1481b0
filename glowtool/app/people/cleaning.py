"""The cleaning log of the heads, and what a person is reminded of before a massage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.app.people.who import people_of, today

if TYPE_CHECKING:
    from glowtool.app.people.who import Meant
    from glowtool.app.place import Place
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.people.profile import Profile


def note_cleaning(place: Place, known: KnownPerson) -> Profile:
    """Note that the heads were cleaned now; return the profile."""
    return people_of(place).change(known, lambda profile: profile.having_cleaned(datetime.now(UTC)))


def reminder(who: Meant) -> str:
    """Return what the cleaning log says of the heads, as a sentence; empty when they are clean or nobody is meant."""
    profile = who.profile
    if profile is None or not profile.massages_since:
        return ""
    count = profile.massages_since
    massages = "1 massage" if count == 1 else f"{count} massages"
    if not profile.cleaned:
        return f"After {massages}, no cleaning of the heads is noted."
    days = (today() - profile.cleaned[-1].astimezone().date()).days
    when = "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"
    were = "was" if count == 1 else "were"
    return f"The heads were cleaned {when}, and there {were} {massages} since."
