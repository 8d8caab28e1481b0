"""What a measure has seen: how often what happened, and each case that must not happen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Seen:
    """Counts by name, cases that must not happen, and the programs that were run, each once."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    programs: set[int] = field(default_factory=set)

    def add(self, other: Seen) -> None:
        """Take over what was seen elsewhere."""
        self.counts += other.counts
        self.wrong += other.wrong
        self.programs |= other.programs
