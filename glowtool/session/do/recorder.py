"""The way from frames and events to the journal, which never blocks the event loop for the disk."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.errors import StoreError
from glowtool.model.event import Event
from glowtool.store.erasure.erase import erase_log
from glowtool.store.journal.journal import Checkpoint
from glowtool.store.tables.finish import finish
from glowtool.stream.live.zero import ZeroWatch
from glowtool.stream.pipeline import Portion

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from glowtool.device.driver import Readings
    from glowtool.model.ending import Ending
    from glowtool.model.program import Step
    from glowtool.store.journal.journal import Journal
    from glowtool.store.tables.manifest import Manifest
    from glowtool.stream.arrivals import Arrival
    from glowtool.stream.live.meter import MeterReading
    from glowtool.stream.live.zero import Zero
    from glowtool.stream.pipeline import Pipeline
    from glowtool.stream.quality.watch import FailedCell

#: The journal gets new data at least this often; it syncs by itself within the second.
HAND_OVER_S: Final = 0.25

#: At most this many arrivals wait for the disk: a disk that stays slower than that holds up the reader of frames,
#: whose own queue drops the oldest and counts them.
PENDING_MAX: Final = 400

Item = Portion | Event

T = TypeVar("T")


class Recorder:
    """Takes `readings` through the pipeline in the event loop, and into the journal in one thread, in order.

    `write_loop` is to be run as a task until `close`. The first failure of the disk is raised from it; after that
    nothing more is written, and what was written stays.
    """

    def __init__(self, pipeline: Pipeline, journal: Journal, readings: Readings, clock: Callable[[], float]) -> None:
        self.path: Path = journal.folder
        self.session_id = journal.manifest.session_id
        self.pipeline = pipeline
        self.readings = readings
        self._journal = journal
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._pending: list[Item] = []
        self._room = asyncio.Event()
        self._room.set()
        self._closing = asyncio.Event()
        self._failed = False
        self._zero_watch = ZeroWatch(pipeline.settings.channels, pipeline.settings.rate_hz)
        self._zero_settled = asyncio.Event()
        self._failed_cells: list[FailedCell] = []

    async def take(self, arrivals: tuple[Arrival, ...]) -> MeterReading | None:
        """Take an arrival; return the meter's reading if it is new.

        Waits only when far more is pending than a disk should need.
        """
        meter = None
        for arrival in arrivals:
            output = self.pipeline.take(arrival)
            self._keep(output)
            self._zero_watch.take(output.samples)
            self._failed_cells += output.failed_cells
            meter = output.meter or meter
        if self._zero_watch.settled:
            self._zero_settled.set()
        if len(self._pending) >= PENDING_MAX and not self._failed:
            self._room.clear()
            await self._room.wait()
        return meter

    def failed_cells(self) -> list[FailedCell]:
        """Return the pressure cells that were found to be bad since the last call."""
        found, self._failed_cells = self._failed_cells, []
        return found

    async def zero(self, patience_s: float) -> Zero | None:
        """Return the first zero of the cells in the air; None without air, or without frames in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._zero_settled.wait()
        return self._zero_watch.zero

    def begin_step(self, step: Step) -> None:
        """Compare the readings with a step of the program from now on."""
        self.pipeline.ask_for(step.band_low_kpa, step.band_high_kpa, step.direction)

    def mark(self, event: Event) -> None:
        """Take an event; never waits."""
        self._keep(event)

    async def write_loop(self) -> None:
        """Pass new data to the journal until `close`; raises `StoreError` when the disk does not take it."""
        while not self._closing.is_set():
            try:
                async with asyncio.timeout(HAND_OVER_S):
                    await self._closing.wait()
            except TimeoutError:
                await self._hand_over()

    async def write_until_failed(self, fail: Callable[[StoreError], None]) -> None:
        """Run `write_loop`, and pass a failure of the disk to `fail`."""
        try:
            await self.write_loop()
        except StoreError as error:
            fail(error)

    async def close(self) -> None:
        """Write the rest and close the journal, once the account is settled."""
        self._closing.set()
        self._keep(self.pipeline.finish())
        if not self._failed:
            await self._hand_over()
        await self._in_thread(lambda: self._journal.close(self.checkpoint))

    async def finish(self, ending: Ending, ended_utc: datetime) -> Manifest:
        """Turn the closed journal into the finished log and return its manifest."""
        checkpoint = self.checkpoint
        return await self._in_thread(lambda: finish(self.path, ending, ended_utc, checkpoint))

    async def discard(self) -> None:
        """Remove the closed journal with its folder: there was no massage."""
        with suppress(StoreError):  # a folder that cannot be erased stays as a log without a massage
            await self._in_thread(lambda: erase_log(self.path))

    def release(self) -> None:
        """Let the journal's thread end when its work is done."""
        self._thread.shutdown(wait=False)

    @property
    def checkpoint(self) -> Checkpoint:
        """The present frame account and clock model."""
        return Checkpoint(self.readings.books, self.pipeline.clock)

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
