"""From frames and events to the journal, without ever holding up the event loop for the disk."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.errors import StoreError
from glowtool.store.erase import erase_log
from glowtool.store.journal.journal import Checkpoint
from glowtool.store.tables.events import Event
from glowtool.store.tables.finish import finish
from glowtool.stream.columns import fast_channels
from glowtool.stream.pipeline import Output
from glowtool.stream.zero import ZeroWatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from glowtool.drivers.gr1.telemetry import TimedFrame
    from glowtool.model.ending import Ending
    from glowtool.protocol.program import StepRecord
    from glowtool.store.journal.journal import Journal
    from glowtool.store.tables.manifest import Manifest
    from glowtool.stream.meter import MeterReading
    from glowtool.stream.pipeline import Pipeline
    from glowtool.stream.zero import Zero

#: The journal is handed what came at least this often; it syncs by itself within the second.
HAND_OVER_S: Final = 0.25

#: What waits for the disk at most, in frames: a disk slower than that for long holds up the reader of frames,
#: whose own queue drops the oldest and counts them.
PENDING_MAX: Final = 400

Item = Output | Event

T = TypeVar("T")


class Recorder:
    """Runs the pipeline in the event loop and the journal in one thread of its own, so that its order is kept.

    `write_loop` is to be run as a task until `close`. The first failure of the disk is raised from it; after that
    nothing more is written, and what was written stays.
    """

    def __init__(self, pipeline: Pipeline, journal: Journal, clock: Callable[[], float]) -> None:
        self.path: Path = journal.folder
        self.session_id = journal.manifest.session_id
        self.pipeline = pipeline
        self._journal = journal
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._pending: list[Item] = []
        self._room = asyncio.Event()
        self._room.set()
        self._closing = asyncio.Event()
        self._failed = False
        self._dropped = 0
        self._zero_watch = ZeroWatch(
            fast_channels(pipeline.settings.channels, pipeline.settings.mask), pipeline.settings.rate_hz
        )
        self._zero_settled = asyncio.Event()

    async def take(self, frame: TimedFrame, dropped: int) -> MeterReading | None:
        """Take a frame, and how many frames were dropped before it in all; return the meter's reading if it is new.

        Waits only when far more is pending than a disk should need.
        """
        if dropped > self._dropped:
            self.pipeline.count_dropped(dropped - self._dropped)
            self._dropped = dropped
        output = self.pipeline.feed(frame.data, frame.host_time_us)
        self._keep(output)
        self._zero_watch.take(output.samples)
        if self._zero_watch.settled:
            self._zero_settled.set()
        if len(self._pending) >= PENDING_MAX and not self._failed:
            self._room.clear()
            await self._room.wait()
        return output.meter

    async def zero(self, patience_s: float) -> Zero | None:
        """Return what the cells first read in the air; None when they are not in it, or no frames come in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._zero_settled.wait()
        return self._zero_watch.zero

    def begin_step(self, index: int, step: StepRecord | None) -> None:
        """Hold what comes from now on against a step of the whole program; None, and an index of −1: against none."""
        self.pipeline.begin_step(index)
        if step is not None:
            self.pipeline.ask_for(step.band_low / 100, step.band_high / 100, step.direction)

    def begin_stream(self) -> None:
        """Note that telemetry was started, with a queue of its own."""
        self._dropped = 0
        self.pipeline.begin_stream()

    def settle(self, frames_sent: int | None) -> None:
        """Close the books of a stream that the loss of the connection ended; None when nobody knows how many it had."""
        self.pipeline.settle(frames_sent)

    def mark(self, event: Event) -> None:
        """Take an event; never waits."""
        self._keep(event)

    async def write_loop(self) -> None:
        """Hand to the journal what comes, until `close`; raises `StoreError` when the disk does not take it."""
        while not self._closing.is_set():
            try:
                async with asyncio.timeout(HAND_OVER_S):
                    await self._closing.wait()
            except TimeoutError:
                await self._hand_over()

    async def write_until_failed(self, fail: Callable[[StoreError], None]) -> None:
        """Do what `write_loop` does, and hand a failure of the disk to `fail`."""
        try:
            await self.write_loop()
        except StoreError as error:
            fail(error)

    async def close(self, frames_sent: int | None) -> None:
        """Settle the books, write the rest and close the journal; `frames_sent` is None if nobody knows."""
        self._closing.set()
        self._keep(self.pipeline.finish(frames_sent))
        if not self._failed:
            await self._hand_over()
        await self._in_thread(lambda: self._journal.close(self.checkpoint))

    async def finish(self, ending: Ending, ended_utc: datetime) -> Manifest:
        """Turn the closed journal into the finished log and return its manifest."""
        checkpoint = self.checkpoint
        return await self._in_thread(lambda: finish(self.path, ending, ended_utc, checkpoint))

    async def discard(self) -> None:
        """Remove the closed journal with its folder: there was no massage."""
        with suppress(StoreError):  # what cannot be erased stays as a log without a massage
            await self._in_thread(lambda: erase_log(self.path))

    def release(self) -> None:
        """Let the journal's thread end when it has done what it was given."""
        self._thread.shutdown(wait=False)

    @property
    def checkpoint(self) -> Checkpoint:
        """The books and the clock model as they are now."""
        return Checkpoint(self.pipeline.counters, self.pipeline.clock)

    def _keep(self, item: Item) -> None:
        if not self._failed:
            self._pending.append(item)

    async def _hand_over(self) -> None:
        batch, self._pending = self._pending, []
        checkpoint, now_s = self.checkpoint, self._clock()
        try:
            await self._in_thread(lambda: self._write(batch, now_s, checkpoint))
        finally:
            self._room.set()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except StoreError:
            self._failed = True
            self._pending.clear()
            raise

    def _write(self, batch: list[Item], now_s: float, checkpoint: Checkpoint) -> None:
        for item in batch:
            if isinstance(item, Event):
                self._journal.append_event(item)
            else:
                self._journal.append_output(item)
        self._journal.sync(now_s, checkpoint)
