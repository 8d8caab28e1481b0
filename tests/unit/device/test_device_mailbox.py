"""The mailbox hands values from callbacks to a reader in order, within a bound, and counts every drop."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.device.mailbox import Mailbox


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


def test_a_mailbox_holds_something() -> None:
    with pytest.raises(ValueError, match="capacity is 0"):
        Mailbox(0)
