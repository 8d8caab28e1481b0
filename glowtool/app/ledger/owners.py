"""Whose a massage was: by its log, else by the books of doses, in which each stands under the person who had it."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from glowtool.app.ledger.pseudonyms import record_of
from glowtool.app.people.who import people_of
from glowtool.errors import StoreError
from glowtool.store.ledger.book import NOBODY, books
from glowtool.store.ledger.lines import reckon

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.store.logs.facts import Facts
    from glowtool.store.rollers.massages import KeptMassage
    from glowtool.store.tables.manifest import Manifest


class Owners:
    """Who had which massage at a place, by pseudonyms; what nobody is known to have had is an only person's."""

    def __init__(self, place: Place) -> None:
        self._place = place
        people = [known.id for known in people_of(place).all()]
        self._only = people[0] if len(people) == 1 else None

    @cached_property
    def _by_massage(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for book in books(self._place.ledger_dir):
            # A damaged book is found out, said and set aside where doses are reckoned: here it names nobody.
            with suppress(StoreError):
                if book.person != NOBODY:
                    found.update((each.massage, book.person) for each in reckon(book.prove().lines).massages)
        return found

    def of_log(self, log: Manifest | Facts) -> str | None:
        """Return who had the massage of a log; None: nobody knows. A log names its person, an older one may not."""
        return log.person or self._by_massage.get(log.session_id, self._only)

    def of_record(self, kept: KeptMassage) -> str | None:
        """Return who had a massage by the button; None: nobody knows."""
        if not self._by_massage:
            return self._only
        return self._by_massage.get(record_of(self._place, kept.massage_id), self._only)
