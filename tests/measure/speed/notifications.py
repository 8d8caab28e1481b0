"""Measure notifications a second through bleak, with pipeline and journal, against a callback that only counts.

python tests/measure/speed/notifications.py [--notifications 3000] [--times 3]

bleak's client on glowtool's backend subscribes to a peer on a virtual air that notifies as fast as the stacks let it:
frames of 14 samples × 9 channels, as many as fit. Roller, radio and host share this one process
with either callback.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowtool.drivers.gr1.incoming.readings import Readings
from glowtool.drivers.gr1.incoming.telemetry import Telemetry
from glowtool.model.ending import Ending
from glowtool.protocol.channels import ALL_FAST, CHANNELS
from glowtool.session.do.recorder import Recorder
from glowtool.store.journal.journal import Journal
from glowtool.stream.pipeline import Pipeline, PipelineSettings
from measure.speed.hand import RATE_HZ, channels, stroking
from support.air.bleak_bench import AirKind, open_bench
from support.air.bleak_peers import NOTIFY, Property, characteristic, one
from support.host.statuses import IDLE
from support.logs.sessions import manifest
from support.logs.streams import fast_frames

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

    from glowtool.model.channel import Channel
    from glowtool.model.status import Status
    from support.air.bleak_bench import BleakBench

#: As many as fit into a notification.
SAMPLES: Final = 14


@dataclass
class Peer:
    """A connected roller of which only the telemetry is there."""

    client: BleakClient
    sent: int
    channels: tuple[Channel, ...] = CHANNELS
    status: Status = IDLE

    async def telemetry_start(self, rate_hz: int, channel_mask: int) -> Telemetry:
        """Subscribe; rate and mask are those of the frames that are there."""
        assert (rate_hz, channel_mask) == (RATE_HZ, ALL_FAST)
        self.telemetry = Telemetry(lambda: time.time_ns() // 1000)

        def take(_: BleakGATTCharacteristic, data: bytearray) -> None:
            self.telemetry.on_notification(data)

        await self.client.start_notify(NOTIFY, take)
        return self.telemetry

    async def telemetry_stop(self) -> int:
        """Unsubscribe, and return how many frames there were."""
        await self.client.stop_notify(NOTIFY)
        self.telemetry.frames.close()
        return self.sent


async def counted(client: BleakClient, frames: list[bytes], send: Callable[[], Awaitable[None]]) -> float:
    """Return the time in s until a callback has counted all frames."""
    come, every = 0, asyncio.Event()

    def count(_: BleakGATTCharacteristic, __: bytearray) -> None:
        nonlocal come
        come += 1
        if come == len(frames):
            every.set()

    await client.start_notify(NOTIFY, count)
    begun_s = time.perf_counter()
    await send()
    await every.wait()
    took_s = time.perf_counter() - begun_s
    await client.stop_notify(NOTIFY)
    return took_s


async def recorded(client: BleakClient, frames: list[bytes], send: Callable[[], Awaitable[None]]) -> float:
    """Return the time in s until pipeline and journal have all frames, on disk."""
    with tempfile.TemporaryDirectory() as folder:
        readings = Readings(Peer(client, len(frames)), RATE_HZ, ALL_FAST)
        pipeline = Pipeline(PipelineSettings(readings.channels, RATE_HZ))
        recorder = Recorder(pipeline, Journal.create(Path(folder), manifest()), readings, time.monotonic)
        await readings.start()

        whole = asyncio.Event()

        async def pump() -> None:
            async for arrivals in readings.arrivals():
                await recorder.take(arrivals)
                if readings.books.received == len(frames):
                    whole.set()
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(pump()), asyncio.create_task(recorder.write_loop())]
        begun_s = time.perf_counter()
        await send()
        await whole.wait()
        readings.settle(await readings.stop())
        await tasks[0]
        await recorder.close()
        took_s = time.perf_counter() - begun_s
        await tasks[1]
        books = (await recorder.finish(Ending.COMPLETED, datetime.now(UTC))).counters
        recorder.release()
        assert (books.received, books.lost, books.dropped) == (len(frames), 0, 0), books
        return took_s


async def compare(folder: Path, count: int, times: int) -> tuple[float, float]:
    """Return the shortest time in s with each callback, taken in turns."""
    frames = fast_frames(stroking(SAMPLES * count, channels()), per_frame=SAMPLES)
    telemetry = characteristic(NOTIFY, Property.NOTIFY)

    def sender(bench: BleakBench) -> Callable[[], Awaitable[None]]:
        async def send() -> None:
            for frame in frames:
                await bench.peripheral.notify_subscribers(telemetry, frame)

        return send

    async with open_bench(AirKind.LOCAL_LINK, folder, one(telemetry)) as bench, await bench.client() as client:
        assert client.mtu_size >= 3 + len(frames[0]), client.mtu_size
        send = sender(bench)
        both = [(await counted(client, frames, send), await recorded(client, frames, send)) for _ in range(times)]
    return min(alone for alone, _ in both), min(whole for _, whole in both)


def main() -> None:
    """Print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notifications", type=int, default=3000)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        alone_s, whole_s = asyncio.run(compare(Path(folder), asked.notifications, asked.times))
    count = asked.notifications
    print(
        f"{count} notifications of {SAMPLES} samples × 9 channels: {count / alone_s:.0f} a second through a callback "
        f"that counts, {count / whole_s:.0f} through pipeline and journal = {alone_s / whole_s:.2f} of it"
    )


if __name__ == "__main__":
    main()
