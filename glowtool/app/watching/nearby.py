"""The devices nearby that are due to be shown: each one once its name is known, and a roller again when it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from glowtool.app.rollers.sighting import Other, Sighting

#: A name comes in the scan response, a little later than the device itself; a device without one is shown then.
NAME_S: Final = 1.0


class Nearby:
    """Takes what is heard and returns what is due; with `everything`, devices that are no rollers as well."""

    def __init__(self, *, everything: bool) -> None:
        self.everything = everything
        self._shown: dict[str, Sighting | Other] = {}
        self._waiting: dict[str, tuple[float, Sighting | Other]] = {}

    @property
    def rollers(self) -> int:
        """The number of rollers that were due."""
        return sum(isinstance(found, Sighting) for found in self._shown.values())

    @property
    def others(self) -> int:
        """The number of other devices that were due."""
        return len(self._shown) - self.rollers

    def take(self, address: str, found: Sighting | Other, now_s: float) -> tuple[Sighting | Other, ...]:
        """Take a device that was heard, at a time in s of any monotonic clock; return those to show now."""
        before = self._shown.get(address)
        if isinstance(found, Other) and (not self.everything or before is not None):
            return ()
        due: list[Sighting | Other] = []
        if before is not None or found.name is not None:
            self._waiting.pop(address, None)
            due += self._changed(address, found)
        else:
            since_s, _ = self._waiting.get(address, (now_s, found))
            self._waiting[address] = since_s, found
        late = [each for each, (since_s, _) in self._waiting.items() if now_s - since_s >= NAME_S]
        for each in late:
            due += self._changed(each, self._waiting.pop(each)[1])
        return tuple(due)

    def rest(self) -> tuple[Sighting | Other, ...]:
        """Return the devices that never gave a name, once nothing more is heard."""
        waiting, self._waiting = self._waiting, {}
        return tuple(each for address, (_, found) in waiting.items() for each in self._changed(address, found))

    def _changed(self, address: str, found: Sighting | Other) -> tuple[Sighting | Other, ...]:
        before = self._shown.get(address)
        if before is not None and found.name is None:
            found = replace(found, name=before.name)  # not every advertisement carries the name
        self._shown[address] = found
        unchanged = (
            isinstance(found, Sighting)
            and isinstance(before, Sighting)
            and (before.name, before.condition) == (found.name, found.condition)
        )
        return () if unchanged else (found,)
