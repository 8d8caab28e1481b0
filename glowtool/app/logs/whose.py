"""Whose each log and each massage by the button is, for lists: by name, or of one person alone."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from glowtool.app.ledger.owners import Owners
from glowtool.app.people.who import people_of
from glowtool.errors import StoreError

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.logs.facts import Facts
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.rollers.massages import MassageEntry
    from glowtool.store.tables.manifest import Manifest


class Whose:
    """Tells who had a massage; where the place names a person, only theirs are `shown`.

    Raises `InputError` for a person who is not known, and `StoreError` where the list of people tells nobody by name.
    """

    def __init__(self, place: Place) -> None:
        people = people_of(place)
        self.only: KnownPerson | None = None if place.person is None else people.find(place.person)
        self._known: dict[str, KnownPerson] = {}
        self._owners: Owners | None = None
        # Logs are listed whatever became of the list of people; of one person alone they cannot be, and it has failed.
        with suppress(StoreError):
            self._known = {known.id: known for known in people.all()}
            self._owners = Owners(place)

    @property
    def tells_apart(self) -> bool:
        """Whether there are several people to tell apart."""
        return self.only is None and len(self._known) > 1

    def of_log(self, log: Manifest | Facts) -> KnownPerson | None:
        """Return who had the massage of a log; None: nobody who is known."""
        return None if self._owners is None else self._known.get(self._owners.of_log(log) or "")

    def of_session(self, entry: SessionEntry) -> KnownPerson | None:
        """Return who had the massage of a session; None: nobody who is known, or the log cannot be read."""
        return None if entry.facts is None else self.of_log(entry.facts)

    def of_massage(self, entry: MassageEntry) -> KnownPerson | None:
        """Return who had a massage by the button; None: nobody who is known, or it cannot be read."""
        if entry.massage is None or self._owners is None:
            return None
        return self._known.get(self._owners.of_record(entry.massage) or "")

    def shown(self, owner: KnownPerson | None) -> bool:
        """Return whether what somebody had is among what is asked for."""
        return self.only is None or owner == self.only
