"""The pseudonyms of rollers and of records at a place, and the way from them to the rollers that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.store.ledger.pseudonyms import Pseudonyms
from glowtool.store.people.people import People
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.app.place import Place
    from glowtool.store.rollers.known import KnownRoller


def roller_of(place: Place, known: KnownRoller) -> str:
    """Return the pseudonym of a roller: by its serial number, else by its address; raises `StoreError`."""
    return pseudonyms_of(place).of("roller", known.serial or known.address)


def record_of(place: Place, massage_id: str) -> str:
    """Return the pseudonym of a record, the same however often and from wherever it is fetched."""
    return pseudonyms_of(place).of("record", massage_id)


def person_of(place: Place, person: str) -> str:
    """Return what the audit calls a person of that id: nothing leads from there to somebody who was erased."""
    return pseudonyms_of(place).of("person", person)


def known_people(place: Place) -> Mapping[str, str]:
    """Return the names of the known people by what the audit calls them."""
    return {person_of(place, known.id): known.name for known in People(place.root).all()}


def known_rollers(place: Place) -> Mapping[str, str]:
    """Return the names of the known rollers by pseudonym; one that is not among them was forgotten."""
    return {roller_of(place, known): known.spoken for known in DeviceRegistry(place.root).rollers()}


def pseudonyms_of(place: Place) -> Pseudonyms:
    """Return the pseudonyms of a place."""
    return Pseudonyms(place.ledger_dir)
