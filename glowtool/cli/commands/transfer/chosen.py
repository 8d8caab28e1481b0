"""The sessions that filters choose: by day, by routine, by person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool import app

if TYPE_CHECKING:
    from datetime import datetime

    from glowtool.cli.options import Options
    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.people.people import KnownPerson


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sessions of all: days are those of this computer's time zone; None: whatever it is."""

    since: datetime | None = None
    until: datetime | None = None
    routine: str | None = None

    def __bool__(self) -> bool:
        return any(each is not None for each in (self.since, self.until, self.routine))

    def takes(self, entry: SessionEntry) -> bool:
        """Return whether a session is among those; one that cannot be read is only where nothing is asked."""
        if entry.facts is None:
            return not self
        day = entry.facts.started_utc.astimezone().date()
        return (
            (self.since is None or day >= self.since.date())
            and (self.until is None or day <= self.until.date())
            and self.routine in {None, entry.facts.routine}
        )


def chosen(options: Options, filters: Filters) -> list[tuple[SessionEntry, KnownPerson | None]]:
    """Return the sessions that are asked for, oldest first, with whose each one is."""
    whose = app.whose.Whose(options.place)
    owned = ((entry, whose.of_session(entry)) for entry in app.listing.sessions(options.place) if filters.takes(entry))
    return [(entry, owner) for entry, owner in owned if whose.shown(owner)]
