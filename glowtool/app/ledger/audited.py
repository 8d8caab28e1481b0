"""The last massage of a person that the audit tells of: a book that lacks it was put back as it was earlier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.pseudonyms import person_of, pseudonyms_of
from glowtool.errors import StoreError
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.audit.trail import Trail
from glowtool.store.ledger.book import NOBODY

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.store.ledger.lines import Reckoning

#: So many of the last massages, of whomever, are looked at.
_LOOK: Final = 100


@dataclass(frozen=True, slots=True)
class Started:
    """A massage that was about to begin, by the audit: its id, and when that was written (unix µs)."""

    massage: str
    at_us: int


def last_started(place: Place, person: str) -> Started | None:
    """Return the last massage of a person, by pseudonym; None without one, also where the audit cannot be read.

    Its proof tells of that. To look makes no file.
    """
    trail = Trail(place.audit_dir)
    if person == NOBODY or not trail.path.exists() or not pseudonyms_of(place).path.exists():
        return None
    try:
        who, lines = person_of(place, person), trail.last_of(AuditKind.STARTED, _LOOK)
    except StoreError:
        return None
    found = [line for line in lines if line.data.get("person") == who]
    return Started(str(found[-1].data.get("massage")), found[-1].at_us) if found else None


def is_in(started: Started, reckoning: Reckoning) -> bool:
    """Return whether a massage is in a book, or the book was begun anew since, which says so and costs the day."""
    if any(each.massage == started.massage for each in reckoning.massages):
        return True
    if reckoning.anew is None:
        return False
    why, at_us = reckoning.anew
    return at_us >= started.at_us or started.massage in why
