"""Lines about interlocks that come and go: enough for a person to act on. The log has every change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from glowtool.model.state import Interlock
from glowtool.protocol.meanings import INTERLOCKS

#: What a person is told when the skin gets dry in a massage with microcurrent: the sting comes before the current ends.
DRY_SKIN: Final = "the skin gets dry: put gel on again"

#: Long enough to put gel on, and for the next strokes to show it.
ADVICE_AGAIN_S: Final = 180.0

#: A hint that was told a short while ago is told again when it stays for this long.
LASTING_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Manner:
    """An interlock is told once it has been in force for `after_s`, and again at the earliest `again_s` later."""

    after_s: float
    again_s: float


#: What tells a person how to hold the roller, and comes and goes with each stroke. Everything else is told whenever it
#: begins, and at once.
HINTS: Final[dict[Interlock, Manner]] = {
    # One lifts between strokes.
    Interlock.NO_CONTACT: Manner(0.0, 30.0),
    # Long enough to change one's hand after having read it.
    Interlock.PRESSURE_CAUTION: Manner(0.0, 20.0),
    Interlock.PRESSURE_HALF: Manner(0.0, 10.0),
    # Each contact is small for a moment while it begins and ends.
    Interlock.CURRENT_DENSITY: Manner(0.5, 60.0),
}

_AT_ONCE: Final = Manner(0.0, 0.0)

#: A stronger reason, and the weaker ones that say less of the same outputs.
HIDES: Final[dict[Interlock, Interlock]] = {
    Interlock.NO_CONTACT: Interlock.CURRENT_DENSITY,
    Interlock.PRESSURE_HALF: Interlock.PRESSURE_CAUTION,
    Interlock.PRESSURE_ZERO: Interlock.PRESSURE_CAUTION | Interlock.PRESSURE_HALF | Interlock.CURRENT_DENSITY,
    Interlock.HEAD_TEMPERATURE: Interlock.CURRENT_DENSITY,
    Interlock.BATTERY_CURRENT: Interlock.CURRENT_DENSITY,
}


def worth_telling(in_force: Interlock) -> Interlock:
    """Return the interlocks in force, without the weaker of two that say the same and without soft start."""
    hidden = reduce(or_, (weaker for stronger, weaker in HIDES.items() if stronger in in_force), Interlock.SOFT_START)
    return in_force & ~hidden


@dataclass(slots=True)
class _Memory:
    """One interlock: since when it can be told, whether this time was counted and told, how often since the last."""

    since_s: float | None = None
    counted: bool = False
    told: bool = False
    times: int = 0
    told_s: float = -math.inf


class Teller:
    """Says what to tell; times are of any clock that does not go back, in s."""

    def __init__(self) -> None:
        self._in_force = Interlock(0)
        self._memories = {flag: _Memory() for flag in Interlock}

    def see(self, now_s: float, in_force: Interlock) -> tuple[str, ...]:
        """Take what is in force from now on; return the sentences to be told now."""
        self._in_force = in_force
        return self.wait(now_s)

    def wait(self, now_s: float) -> tuple[str, ...]:
        """Note that nothing has changed until now; return the sentences to be told now."""
        told = worth_telling(self._in_force)
        sentences = (self._tell(now_s, flag, shown=flag in told) for flag in Interlock)
        return tuple(sentence for sentence in sentences if sentence)

    def _tell(self, now_s: float, flag: Interlock, *, shown: bool) -> str | None:
        memory, manner = self._memories[flag], HINTS.get(flag, _AT_ONCE)
        if flag not in self._in_force:
            memory.counted = memory.told = False
        if not shown:
            memory.since_s = None
            return None
        if memory.since_s is None:
            memory.since_s = now_s
        lasted_s = now_s - memory.since_s
        if memory.told or lasted_s < manner.after_s:
            return None
        if not memory.counted:
            memory.counted, memory.times = True, memory.times + 1
        if now_s - memory.told_s < manner.again_s and lasted_s < LASTING_S:
            return None
        sentence = _sentence(flag, memory, now_s)
        memory.told, memory.times, memory.told_s = True, 0, now_s
        return sentence


def _sentence(flag: Interlock, memory: _Memory, now_s: float) -> str:
    if memory.times == 1 or flag not in HINTS:
        return INTERLOCKS[flag]
    return f"{INTERLOCKS[flag]} ({memory.times} times in {now_s - memory.told_s:.0f} s)"


class Advice:
    """Tells the same advice again at the earliest `ADVICE_AGAIN_S` later; times as for `Teller`."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._told_s = -math.inf

    def see(self, now_s: float, *, wanted: bool) -> tuple[str, ...]:
        """Take whether the advice is wanted now; return the sentences to be told now."""
        if not wanted or now_s - self._told_s < ADVICE_AGAIN_S:
            return ()
        self._told_s = now_s
        return (self._sentence,)
