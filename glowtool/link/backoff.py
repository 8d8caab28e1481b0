"""The schedule for retrying a failed connection: pure, and bounded in attempts and in time.

The time, and the random number that spreads the attempts of several hosts, are arguments; the caller waits.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import (
    AdapterUnavailableError,
    ConnectionLostError,
    DeviceNotFoundError,
    GlowtoolError,
    LinkError,
)

if TYPE_CHECKING:
    import random


class Retry(enum.Enum):
    """Whether to try again after an error."""

    AGAIN = enum.auto()
    """At once: the roller was there, but the connection broke while it was prepared."""
    LATER = enum.auto()
    """After a pause: the obstacle may pass by itself."""
    NEVER = enum.auto()
    """Not before somebody does something."""


#: The answer for each class of error; the first match counts, and NEVER when there is none.
_ADVICE: Final[tuple[tuple[type[GlowtoolError], Retry], ...]] = (
    (ConnectionLostError, Retry.AGAIN),
    (LinkError, Retry.LATER),
    (DeviceNotFoundError, Retry.LATER),
    # A Bluetooth service that restarts is away for a second or two.
    (AdapterUnavailableError, Retry.LATER),
)


def classify(error: BaseException) -> Retry:
    """Return whether to try again after an error; bonds, versions, refusals and safety never pass by themselves."""
    return next((retry for kind, retry in _ADVICE if isinstance(error, kind)), Retry.NEVER)


@dataclass(frozen=True, slots=True)
class Backoff:
    """The limits of retrying: how often, how long, and at which intervals.

    The pause after the n-th failure is `base_s` × `factor`^(n−1), at most `cap_s`, randomly shortened by up to the
    share `jitter`. `attempts` includes the first one; `budget_s` is the time for all attempts and pauses.
    """

    attempts: int
    budget_s: float
    base_s: float = 0.3
    factor: float = 2.0
    cap_s: float = 8.0
    jitter: float = 0.5

    def __post_init__(self) -> None:
        rules = {
            "attempts must be at least 1": self.attempts >= 1,
            "budget_s must be at least 0": self.budget_s >= 0,
            "base_s must be more than 0 and at most cap_s": 0 < self.base_s <= self.cap_s,
            "factor must be at least 1": self.factor >= 1,
            "jitter must be 0 to 1": 0 <= self.jitter <= 1,
        }
        broken = [rule for rule, kept in rules.items() if not kept]
        if broken:
            raise ValueError(f"{self}: {', '.join(broken)}")

    def pause_s(self, failures: int, elapsed_s: float, retry: Retry, chance: random.Random) -> float | None:
        """Return the pause before the next attempt, None when there is none.

        `failures` is the number of failed attempts, from 1; `elapsed_s` the time since the first began; `retry` the
        answer for the last failure. "At once" counts only after the first failure: the second time it is a pattern.
        """
        if failures < 1:
            raise ValueError(f"failures is {failures}, but must be at least 1")
        if retry is Retry.NEVER or failures >= self.attempts:
            return None
        pause_s = 0.0 if retry is Retry.AGAIN and failures == 1 else self._spread_s(failures, chance)
        return pause_s if elapsed_s + pause_s < self.budget_s else None

    def _spread_s(self, failures: int, chance: random.Random) -> float:
        # Steps beyond the one that reaches the cap change nothing, and would overflow.
        steps = min(failures - 1, 64)
        return min(self.cap_s, self.base_s * self.factor**steps) * (1 - self.jitter * chance.random())


#: A single attempt, whose result counts.
ONCE: Final = Backoff(attempts=1, budget_s=0.0)

#: For a command that connects: long enough for a slow stack, short enough for a waiting person.
CONNECTING: Final = Backoff(attempts=4, budget_s=30.0)

#: For a running massage: the roller was carried away, or its battery lost contact.
RECONNECTING: Final = Backoff(attempts=8, budget_s=60.0)

#: For a massage that is not resumed: only to learn that outputs are zero, and how many frames were sent.
CONFIRMING: Final = Backoff(attempts=3, budget_s=10.0)
