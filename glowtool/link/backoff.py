"""The schedule for retrying a failed connection: pure, and bounded in attempts and in time.

The time, and the chance that spreads the attempts of several hosts, are arguments; who waits is the caller.
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
    """What an error says about trying again."""

    AGAIN = enum.auto()
    """At once: the roller was there, and the connection broke while it was made ready."""
    LATER = enum.auto()
    """After a pause: what is in the way may pass by itself."""
    NEVER = enum.auto()
    """Not without somebody doing something first."""


#: What an error of a class says; the first that fits counts, NEVER when none does.
_ADVICE: Final[tuple[tuple[type[GlowtoolError], Retry], ...]] = (
    (ConnectionLostError, Retry.AGAIN),
    (LinkError, Retry.LATER),
    (DeviceNotFoundError, Retry.LATER),
    # A Bluetooth service that restarts is away for a second or two.
    (AdapterUnavailableError, Retry.LATER),
)


def classify(error: BaseException) -> Retry:
    """Return what an error says about trying again; bonds, versions, refusals and safety never pass by themselves."""
    return next((retry for kind, retry in _ADVICE if isinstance(error, kind)), Retry.NEVER)


@dataclass(frozen=True, slots=True)
class Backoff:
    """The limits for retrying: how often, how long, and at which intervals.

    The pause after the n-th failure is `base_s` × `factor`^(n−1), at most `cap_s`, and by chance shorter by up to the
    share `jitter`. `attempts` counts the first one too; `budget_s` is the time for all of them with their pauses.
    """

    attempts: int
    budget_s: float
    base_s: float = 0.3
    factor: float = 2.0
    cap_s: float = 8.0
    jitter: float = 0.5

    def __post_init__(self) -> None:
        good = (
            self.attempts >= 1
            and self.budget_s >= 0
            and 0 < self.base_s <= self.cap_s
            and self.factor >= 1
            and 0 <= self.jitter <= 1
        )
        if not good:
            raise ValueError(
                f"{self}: needed are attempts ≥ 1, budget_s ≥ 0, 0 < base_s ≤ cap_s, factor ≥ 1, 0 ≤ jitter ≤ 1"
            )

    def pause_s(self, failures: int, elapsed_s: float, retry: Retry, chance: random.Random) -> float | None:
        """Return the pause before the next attempt, None when there is none.

        `failures` is how many attempts have failed, from 1; `elapsed_s` the time since the first began; `retry` what
        the last failure says. At once is said only after the first failure: the second time it is a pattern.
        """
        if failures < 1:
            raise ValueError(f"failures is {failures}, at least 1 is needed")
        if retry is Retry.NEVER or failures >= self.attempts:
            return None
        pause_s = 0.0 if retry is Retry.AGAIN and failures == 1 else self._spread_s(failures, chance)
        return pause_s if elapsed_s + pause_s < self.budget_s else None

    def _spread_s(self, failures: int, chance: random.Random) -> float:
        # Steps beyond the one that reaches the cap change nothing, and would overflow.
        steps = min(failures - 1, 64)
        return min(self.cap_s, self.base_s * self.factor**steps) * (1 - self.jitter * chance.random())


#: One attempt, and what it says is what counts.
ONCE: Final = Backoff(attempts=1, budget_s=0.0)

#: A command connects: long enough for a slow stack, short enough for a person who waits.
CONNECTING: Final = Backoff(attempts=4, budget_s=30.0)

#: In mid-massage: the roller was carried away, or its battery made contact again.
RECONNECTING: Final = Backoff(attempts=8, budget_s=60.0)

#: A massage that is not gone on with: only to hear that outputs are zero, and how many frames were sent.
CONFIRMING: Final = Backoff(attempts=3, budget_s=10.0)
