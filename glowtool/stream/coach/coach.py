"""The coach: from readings of the meter to one short sentence at a time. Pure; times are given to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.stream.coach.findings import RULES, Demand, found_in
from glowtool.stream.coach.shares import Share
from glowtool.stream.coach.tips import Tip, contradict
from glowtool.units import seconds_from_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.stream.live.meter import MeterReading

#: Between two sentences of any kind: long enough to hear one, to act on it, and for the next strokes to show it.
GAP_S: Final = 5.0

#: Between two sentences that contradict each other, whoever said the first one.
CONTRADICTION_S: Final = 10.0

#: Before the same sentence comes again while what it is about lasts, each time twice as long as before; and when what
#: it is about had ended in between.
AGAIN_S: Final = 15.0
RENEWED_S: Final = 10.0
AGAIN_MOST_S: Final = 60.0

#: A step needs some strokes before there is anything to say about it.
SETTLE_S: Final = 5.0

#: Praise is rare, so that it means something: after this time without a word, and after the last praise.
PRAISE_AFTER_S: Final = 30.0
PRAISE_AGAIN_S: Final = 180.0

#: A sentence stays on a screen for this long at least.
SHOWN_S: Final = 4.0


@dataclass(slots=True)
class _Memory:
    """When a tip was last said, and how often since what it is about began."""

    said_s: float = -math.inf
    times: int = 0


@dataclass(slots=True)
class Coach:
    """Takes readings and returns what to say now, if anything: when all is well, nothing.

    Times `now_s` are of any monotonic clock, the same for all calls. Nothing is said before a step began.
    """

    demand: Demand | None = None
    shown: Tip | None = None
    _shares: dict[Tip, Share] = field(default_factory=lambda: {tip: Share(rule) for tip, rule in RULES.items()})
    _memories: dict[Tip, _Memory] = field(default_factory=lambda: {tip: _Memory() for tip in Tip})
    _spoken_s: float = -math.inf
    _began_s: float = -math.inf
    _settled_s: float = 0.0

    def begin(self, now_s: float, demand: Demand | None) -> None:
        """Judge by what a step that begins or goes on asks for; None: nothing is asked for at present."""
        self.demand, self.shown = demand, None
        self._began_s, self._settled_s = -math.inf, now_s + SETTLE_S
        for share in self._shares.values():
            share.forget()
        for memory in self._memories.values():
            memory.times = 0

    def hear(self, now_s: float, said: Iterable[Tip] = ()) -> None:
        """Somebody else speaks at this moment, and says what these tips would: the coach keeps out of it."""
        self._spoken_s, self.shown = now_s, None
        for tip in said:
            self._memories[tip].said_s = now_s

    def take(self, now_s: float, reading: MeterReading, *, quiet: bool = False) -> Tip | None:
        """Take a reading; return what to say now, in `quiet` nothing. `shown` is what to show until it is followed."""
        if self.demand is None:
            return None
        wanted = self._wanted(reading, self.demand)
        tip = None if quiet else self._due(now_s, wanted)
        if tip is not None:
            memory = self._memories[tip]
            memory.said_s, memory.times = now_s, memory.times + 1
            self._spoken_s, self.shown = now_s, tip
        elif self.shown not in wanted and now_s - self._spoken_s >= SHOWN_S:
            self.shown = None
        return tip

    def _wanted(self, reading: MeterReading, demand: Demand) -> tuple[Tip, ...]:
        at_s = seconds_from_us(reading.device_time_us)
        if self._began_s == -math.inf:
            self._began_s = at_s
        holds = frozenset(tip for tip, share in self._shares.items() if share.holds)
        found = found_in(reading, demand, at_s - self._began_s, holds)
        wanted = tuple(tip for tip in Tip if self._shares[tip].take(at_s, found=found[tip]))
        for tip in Tip:
            if tip not in wanted:
                self._memories[tip].times = 0
        # Praise only where there is nothing else to say.
        return tuple(tip for tip in wanted if tip is not Tip.WELL_DONE) or wanted

    def _due(self, now_s: float, wanted: tuple[Tip, ...]) -> Tip | None:
        """Return the most important tip that may be said now; of several, the one that was said least often."""
        if now_s < self._settled_s or now_s - self._spoken_s < GAP_S:
            return None
        due = [tip for tip in wanted if self._may_say(now_s, tip)]
        return min(due, key=lambda tip: self._memories[tip].times, default=None)

    def _may_say(self, now_s: float, tip: Tip) -> bool:
        memory = self._memories[tip]
        if any(now_s - self._memories[said].said_s < CONTRADICTION_S for said in Tip if contradict(tip, said)):
            return False
        if tip is Tip.WELL_DONE:
            quiet_s = now_s - max(self._spoken_s, self._settled_s)
            return quiet_s >= PRAISE_AFTER_S and now_s - memory.said_s >= PRAISE_AGAIN_S
        again_s = min(AGAIN_MOST_S, AGAIN_S * 2 ** max(0, memory.times - 1))
        return now_s - memory.said_s >= (again_s if memory.times else RENEWED_S)
