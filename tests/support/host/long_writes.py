"""Random writes and reads of many packets, made together and in part cancelled, and their outcome."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bleak.exc import BleakError

from support.air.tiny_peripheral import WRITE

if TYPE_CHECKING:
    from random import Random

    from bleak import BleakClient

    from support.air.tiny_peripheral import TinyPeripheral

TOGETHER = 4
TAG_BYTES = 4


@dataclass
class Tally:
    """The result of the writes. `corrupted` are values at the peer, or read back, that were never sent as a whole."""

    written: int = 0
    cancelled: int = 0
    failed: int = 0
    corrupted: int = 0
    lost: int = 0
    read: int = 0


async def write_at_random(client: BleakClient, peripheral: TinyPeripheral, chance: Random, writes: int) -> Tally:
    """Do this many writes, up to four together, each of up to 512 bytes, three of ten cancelled after some turns.

    Two reads of the same value are under way with them: each is one of the values as a whole.
    """
    tally = Tally()
    last = b""
    for first in range(0, writes, TOGETHER):
        # The last value stays, for the reads that come before the first write.
        del peripheral.written[:-1]
        values = [_value(first + n, chance) for n in range(min(TOGETHER, writes - first))]
        reads = [asyncio.ensure_future(_read(client, chance)) for _ in range(2)]
        outcomes = await asyncio.gather(*(_write(client, value, chance) for value in values))
        seen_whole = [read for read in await asyncio.gather(*reads) if read is not None]
        tally.read += len(seen_whole)
        tally.corrupted += sum(read not in {b"", last, *values} for read in seen_whole)
        certain = [value for value, outcome in zip(values, outcomes, strict=True) if outcome is True]
        tally.written += len(certain)
        tally.cancelled += sum(outcome is None for outcome in outcomes)
        tally.failed += sum(outcome is False for outcome in outcomes)
        # A last one that is certain: whatever a cancelled one has left behind would be taken with it.
        last = _value(first + writes, chance)
        await client.write_gatt_char(WRITE, last, response=True)
        seen = peripheral.written[1:] if first else peripheral.written
        tally.corrupted += sum(value not in [*values, last] for value in seen)
        tally.lost += sum(seen.count(value) != 1 for value in [*certain, last])
    return tally


def _value(number: int, chance: Random) -> bytes:
    body = chance.randbytes(1) * chance.randint(0, 512 - TAG_BYTES)
    return number.to_bytes(TAG_BYTES, "little") + body


async def _read(client: BleakClient, chance: Random) -> bytes | None:
    """Return what was read after some turns, with writes under way; None when the read was cancelled."""
    for _ in range(chance.randint(0, 400)):
        await asyncio.sleep(0)
    task = asyncio.ensure_future(client.read_gatt_char(WRITE))
    if chance.random() < 0.3:
        for _ in range(chance.randint(0, 60)):
            await asyncio.sleep(0)
        task.cancel()
    with suppress(asyncio.CancelledError):
        return bytes(await task)
    return None


async def _write(client: BleakClient, value: bytes, chance: Random) -> bool | None:
    """Return whether it was written; None when it was cancelled, so that it may or may not have been."""
    task = asyncio.ensure_future(client.write_gatt_char(WRITE, value, response=True))
    if chance.random() < 0.3:
        for _ in range(chance.randint(0, 60)):
            await asyncio.sleep(0)
        if task.cancel():
            with suppress(asyncio.CancelledError):
                await task
                return True
            return None
    try:
        await task
    except BleakError:
        return False
    return True
