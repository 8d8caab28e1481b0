"""What other rooms keep of a person, one row each: how it is told in an export, and how it is erased.

A room that begins to keep something of people adds its row here; erasing and export then know it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.plans import following
from glowtool.store.ledger.book import Book

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.app.place import Place
    from glowtool.store.people.people import KnownPerson


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is kept of a person beside profile and logs."""

    name: str
    told: Callable[[Place, KnownPerson], object]
    erase: Callable[[Place, KnownPerson], object]


def _plan(place: Place, known: KnownPerson) -> object:
    begun = following.current(place, known.id)
    return None if begun is None else begun.model_dump(mode="json")


def _doses(place: Place, known: KnownPerson) -> object:
    return [
        {"at_us": line.at_us, "kind": line.kind, "content": line.content}
        for line in Book(place.ledger_dir, known.id).prove().lines
    ]


PARTS: Final = (
    Part("doses", _doses, lambda place, known: Book(place.ledger_dir, known.id).erase()),
    Part("plan", _plan, lambda place, known: following.erase(place, known.id)),
)
