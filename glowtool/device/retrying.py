"""Trying again to connect, in bounds, with every attempt told."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from glowtool.device.host_clock import HostClock
from glowtool.errors import ConnectFailedError, GlowtoolError
from glowtool.link.backoff import classify

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable

    from glowtool.link.backoff import Backoff

T = TypeVar("T")

#: One attempt, from connecting to a roller that is ready; the slowest stack takes a third of it.
ATTEMPT_TIMEOUT_S: Final = 25.0

#: What an attempt gets at least, however little is left of the budget.
_LEAST_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt that failed: its number from 1, how many there may be, why, and the pause before the next, if any."""

    number: int
    of: int
    error: GlowtoolError
    pause_s: float | None

    def __str__(self) -> str:
        return self.after(0.0)

    def after(self, elapsed_s: float) -> str:
        """Return it in words, `elapsed_s` after it failed."""
        if self.pause_s is None:
            next_one = "given up"
        else:
            left_s = max(0.0, self.pause_s - elapsed_s)
            next_one = f"again in {left_s:.1f} s" if left_s else "again at once"
        return f"attempt {self.number} of {self.of} failed: {cause_of(self.error)}; {next_one}"


@dataclass(frozen=True, slots=True)
class NextAttempt:
    """An attempt that begins after one that failed: its number from 2, of how many, and how long it may take."""

    number: int
    of: int
    limit_s: float

    def __str__(self) -> str:
        return self.after(0.0)

    def after(self, elapsed_s: float) -> str:
        """Return it in words, `elapsed_s` after it began."""
        left_s = max(0.0, self.limit_s - elapsed_s)
        return f"attempt {self.number} of {self.of}: connecting, for at most {left_s:.0f} s …"


#: What is told while a connection is tried for again; each stands until the next, so that the last one told is true.
Attempt: TypeAlias = FailedAttempt | NextAttempt


def cause_of(error: GlowtoolError) -> str:
    """Return what failed, without the advice that follows it."""
    return error.says


def untold(_attempt: Attempt) -> None:
    """Tell nobody."""


async def persist(
    attempt: Callable[[], Awaitable[T]],
    backoff: Backoff,
    chance: random.Random,
    tell: Callable[[Attempt], None] = untold,
) -> T:
    """Return what `attempt` returns, trying as often as `backoff` allows; the last error is raised.

    An error that does not pass by itself is raised at once. No attempt takes longer than `ATTEMPT_TIMEOUT_S`, nor, with
    several, longer than what is left of the budget; time for which the host was asleep counts. Cancelling it cancels
    the attempt that is under way. `tell` hears of every attempt after the first as it begins, and of every failure.
    """
    clock = HostClock().now_s
    began_s = clock()
    for number in itertools.count(1):
        limit_s = _limit_s(backoff, clock() - began_s)
        if number > 1:
            tell(NextAttempt(number, backoff.attempts, limit_s))
        try:
            return await _within(limit_s, attempt)
        except GlowtoolError as error:
            pause_s = backoff.pause_s(number, clock() - began_s, classify(error), chance)
            if backoff.attempts > 1:
                tell(FailedAttempt(number, backoff.attempts, error, pause_s))
            if pause_s is None:
                raise
        await asyncio.sleep(pause_s)
    raise AssertionError("a schedule ends")


def _limit_s(backoff: Backoff, elapsed_s: float) -> float:
    if backoff.attempts == 1:
        return ATTEMPT_TIMEOUT_S
    return min(ATTEMPT_TIMEOUT_S, max(_LEAST_S, backoff.budget_s - elapsed_s))


async def _within(limit_s: float, attempt: Callable[[], Awaitable[T]]) -> T:
    try:
        async with asyncio.timeout(limit_s):
            return await attempt()
    except TimeoutError as error:
        raise ConnectFailedError(
            f"the roller was not ready within {limit_s:.0f} s",
            advice="bring it near, make sure that no other host is connected to it, and try again",
        ) from error
