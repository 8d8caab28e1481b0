"""The running statistics of one head's filtered pressure in contact."""

from __future__ import annotations

from dataclasses import dataclass, field

from glowtool.stream.statistics.sums import ExactSums
from glowtool.stream.statistics.tally import Tally


@dataclass(slots=True)
class Pressed:
    """A head's filtered pressure while it touches the skin; `pascals` are its values, rounded, for percentiles."""

    sums: ExactSums = field(default_factory=ExactSums)
    pascals: Tally = field(default_factory=Tally)
    inside: int = 0
    is_asked: bool = False

    def merge(self, other: Pressed) -> None:
        """Add what another part of the stream has."""
        self.sums.merge(other.sums)
        self.pascals.merge(other.pascals)
        self.inside += other.inside
        self.is_asked = self.is_asked or other.is_asked
