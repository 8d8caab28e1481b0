"""The words of events without the roller: why a connection ended is told of "the roller", whichever one it was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.model.event import JsonObject
    from glowtool.store.tables.entries import DeviceEntry

#: Details of an event that are sentences; the others are numbers, and words of a fixed set.
SENTENCES: Final = ("because", "reason", "remark")


#: A name as short as this may be any word.
_TELLING: Final = 6


@dataclass(frozen=True, slots=True)
class RollerNames:
    """What names a roller: `numbers` (address, serial number) mean it alone, `words` may also mean something else."""

    numbers: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, device: DeviceEntry) -> RollerNames:
        """Return what a log's entry names its roller by."""
        return cls.of_those(numbers=(device.address, device.serial), words=(device.name,))

    @classmethod
    def of_those(cls, *, numbers: Iterable[str | None] = (), words: Iterable[str | None] = ()) -> RollerNames:
        """Return those of the names that are known."""
        return cls(frozenset(filter(None, numbers)), frozenset(filter(None, words)))

    @property
    def all(self) -> frozenset[str]:
        """Numbers and words."""
        return self.numbers | self.words

    def and_those(self, others: RollerNames) -> RollerNames:
        """Return these names with others."""
        return RollerNames(self.numbers | others.numbers, self.words | others.words)

    def unmistakable(self) -> RollerNames:
        """Return those that no sentence about another roller has: the numbers, and names with a digit in them."""
        telling = (word for word in self.words if len(word) >= _TELLING and any(map(str.isdigit, word)))
        return RollerNames(self.numbers, frozenset(telling))

    def but(self, others: RollerNames) -> RollerNames:
        """Return these names without those that another roller has as well."""
        folded = {name.casefold() for name in others.all}
        numbers, words = (
            frozenset(name for name in names if name.casefold() not in folded) for names in (self.numbers, self.words)
        )
        return RollerNames(numbers, words)


def without_roller(data: JsonObject, device: DeviceEntry) -> JsonObject:
    """Return an event's details with the roller's address, serial number and name out of their sentences."""
    return without_names(data, RollerNames.of(device))


def without_names(data: JsonObject, roller: RollerNames) -> JsonObject:
    """Return an event's details with all names of a roller out of their sentences."""
    names = "|".join(map(re.escape, longest_first(roller.all)))
    sentences = {key: said for key in SENTENCES if isinstance(said := data.get(key), str)}
    if not names or not sentences:
        return data
    whole = rf"(?<![\w.])(?:{names})(?!\w|\.\d)"  # a short one also stands within words and numbers
    told = {key: re.sub(whole, "the roller", said, flags=re.IGNORECASE) for key, said in sentences.items()}
    return {**data, **told}


def longest_first(names: frozenset[str]) -> list[str]:
    """Return names in an order in which none hides a longer one that begins with it."""
    return sorted(names, key=lambda name: (-len(name), name))
