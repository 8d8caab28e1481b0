"""Paced turns come at their moments, leave room for others, and stop after a failure."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from glowsim.time.pacing import paced
from glowsim.time.virtual_time import in_virtual_time

PERIOD_S = 0.005


def now_s() -> float:
    return asyncio.get_running_loop().time()


@in_virtual_time
async def _run(limit_s: float) -> tuple[list[float], list[float]]:
    turns, others = [], []
    began_s = now_s()

    def turn() -> float:
        turns.append(round(now_s() - began_s, 6))
        return began_s + len(turns) * PERIOD_S

    async def other() -> None:
        while True:
            await asyncio.sleep(0.0121)
            others.append(round(now_s() - began_s, 6))

    beside = asyncio.ensure_future(other())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(limit_s):
            await paced(turn)
    count = len(turns)
    await asyncio.sleep(1.0)
    assert len(turns) == count, "a turn was taken after the end"
    beside.cancel()
    return turns, others


def test_turns_come_at_their_moments_and_others_in_between() -> None:
    turns, others = _run(0.1)
    assert turns == [round(number * PERIOD_S, 6) for number in range(len(turns))]
    assert 20 <= len(turns) <= 21
    assert others[:8] == [round(number * 0.0121, 6) for number in range(1, 9)]


@in_virtual_time
async def test_what_a_turn_raises_is_raised_and_no_turn_follows() -> None:
    count = itertools.count()

    def turn() -> float:
        if next(count) == 3:
            raise ValueError("the fourth")
        return now_s() + PERIOD_S

    with pytest.raises(ValueError, match="the fourth"):
        await paced(turn)
    await asyncio.sleep(1.0)
    assert next(count) == 4


async def test_a_moment_that_is_past_lets_the_others_have_their_turn() -> None:
    seen: list[str] = []

    def turn() -> float:
        seen.append("turn")
        return 0.0

    async def other() -> None:
        for _ in range(3):
            seen.append("other")
            await asyncio.sleep(0)

    pacing = asyncio.ensure_future(paced(turn))
    await other()
    pacing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pacing
    assert seen.count("other") == 3
    assert "turn" in seen
