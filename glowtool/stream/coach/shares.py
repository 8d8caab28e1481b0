"""How much of the last seconds was so: the coach's memory, with hysteresis, so that no single moment counts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from glowtool.stream.live.meter import READINGS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Rule:
    """A finding holds once it made up `on` of the last `window_s`, and until it makes up less than `off` of them.

    Only readings that tell of it count; with less than `least_s` of them nothing new is found.
    """

    window_s: float
    least_s: float
    on: float
    off: float


@dataclass(slots=True)
class Share:
    """The readings of the last seconds that tell of one finding, and whether it holds."""

    rule: Rule
    holds: bool = False
    _seen: deque[tuple[float, bool]] = field(default_factory=deque)
    _yes: int = 0

    def take(self, at_s: float, *, found: bool | None) -> bool:
        """Take what a reading tells, None for nothing; return whether the finding holds."""
        while self._seen and self._seen[0][0] <= at_s - self.rule.window_s:
            self._yes -= self._seen.popleft()[1]
        if found is not None:
            self._seen.append((at_s, found))
            self._yes += found
        if not self._seen:
            self.holds = False
        elif len(self._seen) >= self.rule.least_s * READINGS_PER_SECOND:
            self.holds = self._yes >= (self.rule.off if self.holds else self.rule.on) * len(self._seen)
        return self.holds

    def forget(self) -> None:
        """Begin anew."""
        self._seen.clear()
        self.holds, self._yes = False, 0
