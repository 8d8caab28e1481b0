"""What a massage leaves in a person's profile: its day, which the gentle start counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.news import NotNoted
from glowtool.app.people.who import known_person, people_of, today
from glowtool.errors import GlowtoolError

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place


def note_massage(place: Place, tell: Tell) -> None:
    """Note that whoever is meant had a massage today; what cannot be noted is told, and makes the start gentler."""
    try:
        known = known_person(place)
        if known is not None:
            people_of(place).change(known, lambda profile: profile.massaged(today()))
    except GlowtoolError as error:
        tell(NotNoted(error))
