"""The mailbox hands values from callbacks to a reader in order, within a bound, and counts every drop."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.device.mailbox import Mailbox
from support.host.virtual_time import in_virtual_time


@given(capacity=st.integers(1, 20), count=st.integers(0, 100))
def test_the_newest_stay_in_order_and_every_drop_is_counted(capacity: int, count: int) -> None:
    async def read_all() -> list[int]:
        box: Mailbox[int] = Mailbox(capacity)
        for item in range(count):
            box.put(item)
        assert box.dropped == max(0, count - capacity)
        box.close()
        return [item async for item in box]

    assert asyncio.run(read_all()) == list(range(max(0, count - capacity), count))


async def test_a_reader_that_waits_gets_what_comes_then_the_error() -> None:
    box: Mailbox[int] = Mailbox(4)
    got: list[int] = []

    async def read() -> None:
        async for item in box:
            got.append(item)  # noqa: PERF401 - what was read before the error counts

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    box.put(1)
    box.put(2)
    box.fail(ValueError("end"))
    box.fail(KeyError("a later end does not count"))
    box.put(3)
    with pytest.raises(ValueError, match="end"):
        await reading
    assert got == [1, 2]


@in_virtual_time
async def test_batches_hold_what_came_meanwhile_and_the_end_waits_for_nothing() -> None:
    box: Mailbox[int] = Mailbox(100)
    clock, got = asyncio.get_running_loop().time, list[tuple[float, list[int]]]()

    async def read() -> None:
        async for batch in box.batches(0.1, hasty=2):
            got.append((round(clock() - start_s, 3), batch))

    start_s = clock()
    reading = asyncio.create_task(read())
    for number in range(26):
        box.put(number)
        await asyncio.sleep(0.01)
    box.fail(ValueError("end"))
    with pytest.raises(ValueError, match="end"):
        await reading
    assert [item for _, batch in got for item in batch] == list(range(26))
    assert [len(batch) for _, batch in got] == [1, 1, 9, 10, 5]
    assert [at_s for at_s, _ in got] == [0.0, 0.01, 0.11, 0.21, 0.26]


def test_a_mailbox_holds_something() -> None:
    with pytest.raises(ValueError, match="capacity is 0"):
        Mailbox(0)
