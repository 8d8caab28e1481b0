"""What a massage leaves in a person's profile: its day, which the gentle start counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.news import NotNoted
from glowtool.app.people.who import people_of, today
from glowtool.errors import GlowtoolError

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.store.people.people import KnownPerson


def note_massage(place: Place, known: KnownPerson | None, tell: Tell) -> None:
    """Note that a person had a massage today; what cannot be noted is told, and only makes the start gentler."""
    if known is None:
        return
    try:
        people_of(place).change(known, lambda profile: profile.massaged(today()))
    except GlowtoolError as error:
        tell(NotNoted(error))
