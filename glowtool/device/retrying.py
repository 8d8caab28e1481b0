"""Repeated attempts to connect, within bounds, each of them reported."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.device.attempts import FailedAttempt, NextAttempt, untold
from glowtool.device.host_clock import HostClock
from glowtool.errors import ConnectFailedError, GlowtoolError
from glowtool.link.backoff import classify

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable

    from glowtool.device.attempts import Attempt
    from glowtool.link.backoff import Backoff

T = TypeVar("T")

#: One attempt, from connecting to a roller that is ready; the slowest stack takes a third of it.
ATTEMPT_TIMEOUT_S: Final = 25.0

#: An attempt gets at least this long, however little is left of the budget.
_LEAST_S: Final = 1.0


async def persist(
    attempt: Callable[[], Awaitable[T]],
    backoff: Backoff,
    chance: random.Random,
    tell: Callable[[Attempt], None] = untold,
) -> T:
    """Return the result of `attempt`, repeated as often as `backoff` allows; raise the last error.

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
