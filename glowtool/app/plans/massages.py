"""The massages that count for plans: from the logs, and those by the button that were fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.errands.kept import known_program
from glowtool.app.ledger.owners import Owners
from glowtool.app.logs.listing import massages, sessions
from glowtool.app.plans.zones import local
from glowtool.model.ending import Ending, MassageEnd
from glowtool.model.names import key_of
from glowtool.routine.plans.course import Massage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from glowtool.app.place import Place

    #: A massage, and who had it: None where nobody knows, or nobody is told apart.
    _Owned = tuple[str | None, Massage]


def massages_of(place: Place, who: str | None, zone: tzinfo | None) -> tuple[Massage, ...]:
    """Return the massages of a person, by pseudonym, in local times; where nobody is known, all of them.

    What nobody is known to have had is the only person's, if there is only one. Damaged logs, and records without a
    time, count for none. Raises `StoreError`.
    """
    owners = None if who is None else Owners(place)
    found = [
        *(each for owner, each in _from_logs(place, owners, zone) if owner == who),
        *(each for owner, each in _by_button(place, owners, zone) if owner == who),
    ]
    return tuple(sorted(found, key=lambda each: (each.at.date(), each.at.replace(tzinfo=None), each.kept_as)))


def _from_logs(place: Place, owners: Owners | None, zone: tzinfo | None) -> Iterator[_Owned]:
    for entry in sessions(place):
        facts = entry.facts
        if facts is None or facts.is_free:
            continue
        whole = facts.ending is Ending.COMPLETED
        share = _share(facts.worked_s, facts.planned_s, whole=whole)
        owner = None if owners is None else owners.of_log(facts)
        yield owner, Massage(local(facts.started_utc, zone), facts.routine, share, entry.session_id)


def _by_button(place: Place, owners: Owners | None, zone: tzinfo | None) -> Iterator[_Owned]:
    for entry in massages(place):
        kept = entry.massage
        if kept is None or kept.started_utc is None:
            continue
        program = known_program(place, kept.program_crc32)
        whole = kept.ending == key_of(MassageEnd.PROGRAM_END)
        share = _share(kept.duration_s, program.duration_s if program else None, whole=whole)
        name = None if program is None else program.name
        owner = None if owners is None else owners.of_record(kept)
        yield owner, Massage(local(kept.started_utc, zone), name, share, kept.massage_id)


def _share(done_s: float, planned_s: float | None, *, whole: bool) -> float:
    """Return the share of the planned time; a step that was skipped lowers it, however the massage ended."""
    if not planned_s:
        return float(whole)
    return min(done_s / planned_s, 1.0)
