"""Streams that lose, repeat, delay and spoil frames, and the books that are true of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Final

import numpy as np

from glowsim.time.virtual_time import in_virtual_time
from glowtool.drivers.gr1.incoming.readings import Readings
from glowtool.drivers.gr1.incoming.telemetry import CAPACITY, Telemetry
from glowtool.errors import ConnectionLostError
from glowtool.model.channel import Stream
from glowtool.protocol.channels import ALL_FAST, CHANNELS
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.telemetry import FrameHeader
from glowtool.stream.arrivals import Books
from support.host.statuses import IDLE
from support.logs.streams import RATE_HZ, SLOW, rolled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.model.channel import Channel
    from glowtool.model.status import Status

PER_FRAME: Final = 10
FRAME_US: Final = PER_FRAME * 1_000_000 // RATE_HZ
START_US: Final = 4_290_000_000
_FAST_SAMPLES: Final = rolled(PER_FRAME)
_SLOW_SAMPLES: Final = np.zeros(1, sample_dtype(SLOW))

#: What becomes of a frame: how many places later each of its copies comes.
_FATES: Final[tuple[tuple[int, ...], ...]] = (*((0,),) * 12, (), (), (0, 0), (0, 40), (3,), (7, 9), (120,), (1, 1, 2))


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a frame on the air; a spoiled one does not decode."""

    number: int
    data: bytes
    spoiled: bool


class Source:
    """A roller as readings know it; each start of telemetry gives another stream."""

    channels: tuple[Channel, ...] = CHANNELS

    def __init__(self) -> None:
        self.status: Status = replace(IDLE, device_time_us=START_US)
        self.telemetry = Telemetry(lambda: 0)

    async def telemetry_start(self, rate_hz: int, channel_mask: int) -> Telemetry:
        """Start another stream."""
        del rate_hz, channel_mask
        self.telemetry = Telemetry(lambda: 0)
        return self.telemetry

    async def telemetry_stop(self) -> int:
        """Nobody asks: each test says what the roller would."""
        raise NotImplementedError


@in_virtual_time
async def accounted(seed: int) -> tuple[Books, Books]:
    """Return what the books say after some connections, and what was done to the frames."""
    random, source = Random(seed), Source()  # noqa: S311 - the same frames each time
    readings = Readings(source, RATE_HZ, ALL_FAST)
    truth, start_us = Books(), START_US
    for _ in range(random.randint(1, 4)):
        await readings.start()
        reading = asyncio.create_task(_read(readings))
        streams = [_sent(random, start_us)]
        if streams[0][0] > 60 and random.random() < 0.3:  # the roller restarts, and its stream begins anew
            streams.append(_sent(random, random.randint(10_000_000, 13_000_000), first_is_whole=True))
        asked = random.random() < 0.7
        for number, (count, copies) in enumerate(streams, 1):
            kept = await _given(random, source.telemetry, copies)
            truth = _with(truth, copies, kept, count if asked and number == len(streams) else None)
        count, _ = streams[-1]
        if asked:
            source.telemetry.frames.close()
        else:
            source.telemetry.frames.fail(ConnectionLostError("the link was lost"))
        await reading
        readings.settle(count if asked else None)
        restarted = random.random() < 0.3
        start_us = random.randint(300_000, 3_000_000) if restarted else start_us + count * FRAME_US + 3_000_000
    return readings.books, truth


async def _read(readings: Readings) -> None:
    try:
        async for _ in readings.arrivals():
            pass
    except ConnectionLostError:
        return


def _sent(random: Random, start_us: int, *, first_is_whole: bool = False) -> tuple[int, list[Copy]]:
    """Return the number of frames of a stream, and the copies that come, in their order."""
    count = random.choice([random.randint(0, 60), random.randint(60, 400), random.randint(800, 1500)])
    count = max(count, 1) if first_is_whole else count
    coming: list[tuple[int, Copy]] = []
    for number, data in enumerate(_frames(count, start_us)):
        whole = first_is_whole and number == 0
        for later in (0,) if whole else random.choice(_FATES):
            spoiled = not whole and random.random() < 0.02
            coming.append((number + later, Copy(number, data[:-1] if spoiled else data, spoiled)))
    return count, [copy for _, copy in sorted(coming, key=lambda item: item[0])]


def _frames(count: int, start_us: int) -> Iterable[bytes]:
    fast = slow = 0
    for number in range(count):
        if number % 21 == 20:
            header = FrameHeader(Stream.SLOW, 1, number, (start_us + slow * 1_000_000) % 2**32, slow)
            slow += 1
            yield encode_frame(header, _SLOW_SAMPLES)
        else:
            time_us = (start_us + fast * FRAME_US) % 2**32
            yield encode_frame(FrameHeader(Stream.FAST, PER_FRAME, number, time_us, fast * PER_FRAME), _FAST_SAMPLES)
            fast += 1


async def _given(random: Random, telemetry: Telemetry, copies: list[Copy]) -> list[Copy]:
    """Deliver copies in bursts, of which the queue drops the oldest where they are too many; return those it kept."""
    kept: list[Copy] = []
    at = 0
    while at < len(copies):
        size = (
            1 if at == 0 else random.choice([1, random.randint(1, 30), random.randint(1, 30), random.randint(500, 900)])
        )
        burst = copies[at : at + size]
        for copy in burst:
            telemetry.on_notification(copy.data)
        kept += burst[-CAPACITY:]
        at += size
        await asyncio.sleep(0.5)
    return kept


def _with(truth: Books, copies: list[Copy], kept: list[Copy], sent: int | None) -> Books:
    """Add a stream whose end is known to have `sent` frames, or not at all."""
    newest, seen = -1, set[int]()
    received = duplicate = late = 0
    for copy in kept:
        if copy.spoiled:
            continue
        if copy.number in seen:
            duplicate += 1
        elif copy.number < newest:
            late += 1
        else:
            received += 1
        seen.add(copy.number)
        newest = max(newest, copy.number)
    numbered = newest + 1 if sent is None else sent
    return Books(
        sent=truth.sent + numbered + duplicate,
        received=truth.received + received,
        lost=truth.lost + numbered - len(seen),
        duplicate=truth.duplicate + duplicate,
        late=truth.late + late,
        decode_errors=truth.decode_errors + sum(copy.spoiled for copy in kept),
        dropped=truth.dropped + len(copies) - len(kept),
        unsettled=truth.unsettled + (sent is None),
    )
