"""The interlocks worth telling as they come and go: enough for a person to act on. The log has every change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

from glowtool.model.state import INTERLOCKS, Interlock

#: What comes and goes while a roller is moved, in a person's words; the rest as the roller's table has it.
_WORDS: Final[dict[Interlock, str]] = {
    Interlock.NO_CONTACT: "no skin contact: the current is off",
    Interlock.PRESSURE_CAUTION: "a little too hard: press less",
    Interlock.PRESSURE_HALF: "too hard: outputs are halved, press less",
    Interlock.PRESSURE_ZERO: "far too hard: outputs are off, press much less",
    Interlock.CURRENT_DENSITY: "little skin touches the heads: the current is lowered",
    Interlock.SOFT_START: "soft start: outputs are still rising",
}


def words_of(flag: Interlock) -> str:
    """Return what one interlock means to the person who holds the roller, as half a sentence."""
    return _WORDS.get(flag, INTERLOCKS[flag])


#: Shown when the skin gets dry in a massage with microcurrent: the sting comes before the current ends.
DRY_SKIN: Final = "the skin is getting dry: apply gel again"

#: Long enough to put gel on, and for the next strokes to show it.
ADVICE_AGAIN_S: Final = 180.0

#: A hint that was shown a short while ago is shown again when its interlock stays for this long.
LASTING_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Manner:
    """An interlock is shown once it has been in force for `after_s`, and again `again_s` later at the earliest."""

    after_s: float
    again_s: float


#: Interlocks that tell a person how to hold the roller; they come and go with each stroke. Every other interlock is
#: shown at once, each time it begins.
HINTS: Final[dict[Interlock, Manner]] = {
    # People lift the roller between strokes.
    Interlock.NO_CONTACT: Manner(0.0, 30.0),
    # Long enough to read it and change the grip.
    Interlock.PRESSURE_CAUTION: Manner(0.0, 20.0),
    Interlock.PRESSURE_HALF: Manner(0.0, 10.0),
    # Each contact is small for a moment while it begins and ends.
    Interlock.CURRENT_DENSITY: Manner(0.5, 60.0),
}

_AT_ONCE: Final = Manner(0.0, 0.0)

#: A stronger reason, and the weaker ones that it makes superfluous for the same outputs.
HIDES: Final[dict[Interlock, Interlock]] = {
    Interlock.NO_CONTACT: Interlock.CURRENT_DENSITY,
    Interlock.PRESSURE_HALF: Interlock.PRESSURE_CAUTION,
    Interlock.PRESSURE_ZERO: Interlock.PRESSURE_CAUTION | Interlock.PRESSURE_HALF | Interlock.CURRENT_DENSITY,
    Interlock.HEAD_TEMPERATURE: Interlock.CURRENT_DENSITY,
    Interlock.BATTERY_CURRENT: Interlock.CURRENT_DENSITY,
}


def worth_telling(in_force: Interlock) -> Interlock:
    """Return the interlocks in force that are worth showing: no soft start, and none that a stronger one covers."""
    hidden = reduce(or_, (weaker for stronger, weaker in HIDES.items() if stronger in in_force), Interlock.SOFT_START)
    return in_force & ~hidden


#: People lift the roller between strokes; a lift that lasts longer than this is none of those.
LIFT_S: Final = 2.0


def to_act_on(in_force: Interlock, lifted_s: float) -> Interlock:
    """Return the interlocks that a person should do something about at once, when contact has been lost for so long.

    Those that come and go with each stroke are left out: a screen that flashes with every lift is read by nobody.
    """
    passing = Interlock.CURRENT_DENSITY | (Interlock.NO_CONTACT if lifted_s < LIFT_S else Interlock(0))
    return worth_telling(in_force) & ~passing


@dataclass(slots=True)
class _Memory:
    """One interlock: since when it may be shown, whether this time was counted and shown, how often since the last."""

    since_s: float | None = None
    counted: bool = False
    told: bool = False
    times: int = 0
    told_s: float = -math.inf


class Teller:
    """Decides which sentences to show; times are in s, of any monotonic clock."""

    def __init__(self) -> None:
        self._in_force = Interlock(0)
        self._memories = {flag: _Memory() for flag in Interlock}

    def see(self, now_s: float, in_force: Interlock) -> tuple[str, ...]:
        """Take the interlocks in force from now on; return the sentences to show now."""
        self._in_force = in_force
        return self.wait(now_s)

    def wait(self, now_s: float) -> tuple[str, ...]:
        """Note that nothing has changed until now; return the sentences to show now."""
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
        return words_of(flag)
    return f"{words_of(flag)} ({memory.times} times in {now_s - memory.told_s:.0f} s)"


class Advice:
    """Repeats an advice `ADVICE_AGAIN_S` later at the earliest; times as for `Teller`."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._told_s = -math.inf

    def see(self, now_s: float, *, wanted: bool) -> tuple[str, ...]:
        """Take whether the advice applies now; return the sentences to show now."""
        if not wanted or now_s - self._told_s < ADVICE_AGAIN_S:
            return ()
        self._told_s = now_s
        return (self._sentence,)
