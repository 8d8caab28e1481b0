"""The loops with their own clocks keep what they promise to a program that runs a roller on them."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.time import virtual_time
from glowsim.time.virtual_time import StandstillError, VirtualTimeLoop, in_virtual_time, jumper, runner, unix_us
from glowtool.errors import UsageError


def now_s() -> float:
    return asyncio.get_running_loop().time()


@given(st.lists(st.floats(min_value=0, max_value=86_400), min_size=1, max_size=20))
def test_waiting_takes_the_time_that_was_asked_for(waits_s: list[float]) -> None:
    @in_virtual_time
    async def elapsed() -> None:
        for wait_s in waits_s:
            before_s = now_s()
            await asyncio.sleep(wait_s)
            assert now_s() - before_s == pytest.approx(wait_s, abs=2e-9)

    elapsed()


@in_virtual_time
async def test_an_hour_of_waiting_costs_no_time() -> None:
    began = time.monotonic()
    async with asyncio.timeout(7200):
        await asyncio.sleep(3600)
    assert time.monotonic() - began < 5


@in_virtual_time
async def test_the_smallest_wait_moves_the_clock_on() -> None:
    due_s = now_s() + 5e-14
    turns = 0
    while now_s() < due_s and turns < 10:
        turns += 1
        await asyncio.sleep(due_s - now_s())
    assert turns < 10


@in_virtual_time
async def test_timers_come_in_order_and_at_their_time() -> None:
    began_s, seen = now_s(), []

    async def note(after_s: float) -> None:
        await asyncio.sleep(after_s)
        seen.append((after_s, round(now_s() - began_s, 6)))

    async with asyncio.TaskGroup() as group:
        for after_s in (3.0, 0.005, 1200.0, 0.25):
            group.create_task(note(after_s))
    assert seen == [(0.005, 0.005), (0.25, 0.25), (3.0, 3.0), (1200.0, 1200.0)]


@in_virtual_time
async def test_threads_do_their_work_in_place() -> None:
    here, before_s = threading.get_ident(), now_s()
    assert await asyncio.to_thread(threading.get_ident) == here
    assert now_s() == before_s
    with pytest.raises(LookupError, match="mine"):
        await asyncio.to_thread(_fail)


def _fail() -> None:
    raise LookupError("mine")


def test_a_loop_with_nothing_due_says_who_waits() -> None:
    async def lonely() -> None:
        await asyncio.Event().wait()

    with pytest.raises(StandstillError, match="nothing is due") as caught:
        in_virtual_time(lonely)()
    assert "lonely" in caught.value.__notes__[0]


def test_a_circle_that_lets_no_time_pass_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual_time, "STANDSTILL_TURNS", 1_000)

    async def spin() -> None:
        due_s = now_s() + 1
        while now_s() < due_s:  # noqa: ASYNC110 - the mistake itself
            await asyncio.sleep(0)

    with pytest.raises(StandstillError, match="stands still at 1000"):
        in_virtual_time(spin)()


@in_virtual_time
async def test_sockets_between_tasks_of_the_loop_work() -> None:
    loop = asyncio.get_running_loop()
    one, other = socket.socketpair()
    with one, other:
        one.setblocking(False)
        other.setblocking(False)
        async with asyncio.timeout(1):
            await loop.sock_sendall(one, b"over")
            assert await loop.sock_recv(other, 4) == b"over"


@in_virtual_time
async def test_a_jump_never_passes_over_what_is_due() -> None:
    loop, jump = asyncio.get_running_loop(), jumper()
    timer = loop.call_later(1.0, lambda: None)
    assert jump(now_s() + 0.5)
    assert not jump(timer.when())
    assert not jump(now_s() + 5)
    ready = asyncio.ensure_future(asyncio.sleep(0))
    assert not jump(now_s() + 0.1)
    await ready
    assert not jump(now_s() - 1)
    timer.cancel()


async def test_on_an_ordinary_loop_nothing_jumps() -> None:
    assert not jumper()(now_s() + 1)
    assert abs(unix_us() - time.time_ns() // 1000) < 5_000_000


@in_virtual_time
async def test_the_calendar_goes_with_the_clock() -> None:
    before_us = unix_us()
    await asyncio.sleep(12.5)
    assert unix_us() - before_us == 12_500_000


def test_every_run_begins_at_the_same_moment() -> None:
    @in_virtual_time
    async def moment() -> tuple[float, int]:
        return now_s(), unix_us()

    assert moment() == moment()


def test_a_scaled_loop_waits_less_and_counts_more() -> None:
    async def wait() -> tuple[float, int]:
        before_s, before_us = now_s(), unix_us()
        await asyncio.sleep(20)
        return now_s() - before_s, unix_us() - before_us

    began = time.monotonic()
    with runner(200) as fast:
        passed_s, passed_us = fast.run(wait())
    took_s = time.monotonic() - began
    assert 0.1 <= took_s < 5
    assert passed_s >= 20
    assert passed_us == pytest.approx(passed_s * 1e6, rel=0.05)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(UsageError, match="speed"):
        runner(speed)


def test_the_speed_of_the_wall_clock_needs_no_loop_of_ours() -> None:
    with runner() as plain:
        assert not isinstance(plain.get_loop(), VirtualTimeLoop | virtual_time.ScaledTimeLoop)


async def _thresholds() -> tuple[int, int, int]:
    return gc.get_threshold()


def test_garbage_is_looked_for_as_before_once_the_loop_has_ended() -> None:
    before = gc.get_threshold()
    assert in_virtual_time(_thresholds)()[0] > before[0]
    assert gc.get_threshold() == before
