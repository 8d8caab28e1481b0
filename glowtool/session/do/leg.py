"""A massage over one connection: upload, telemetry, START, heartbeats, and the roller's reports meanwhile."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from glowtool.errors import ConnectionLostError, GlowtoolError
from glowtool.session.decide.moves import AnswerHeard, Prepared, Started, StatusSeen
from glowtool.session.do.orders.steering import Orders
from glowtool.session.do.zeroing import GLANCE_S
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from glowtool.device.driver import Driver
    from glowtool.model.program import Program
    from glowtool.session.decide.moves import Input
    from glowtool.session.do.recorder import Recorder
    from glowtool.session.do.zeroing import ZeroCheck
    from glowtool.session.news import Publish
    from glowtool.session.plan import SessionPlan

_LOG = logging.getLogger(__name__)


class Leg:
    """The tasks of one connection; `abandon` or `end` leaves none behind, so that no old task can act later.

    `feed` takes what happens, `fail` what failed. `zero_check` looks at the pressure cells before the
    start, where there is one.
    """

    def __init__(
        self,
        group: asyncio.TaskGroup,
        roller: Driver,
        recorder: Recorder,
        *,
        plan: SessionPlan,
        publish: Publish,
        clock: Callable[[], float],
        feed: Callable[[Input], None],
        fail: Callable[[GlowtoolError], None],
        zero_check: ZeroCheck | None = None,
    ) -> None:
        self._group = group
        self._roller = roller
        self._recorder = recorder
        self._readings = recorder.readings
        self._plan = plan
        self._publish = publish
        self._feed = feed
        self._fail = fail
        self._clock = clock
        self._zero_check = zero_check
        self._tasks: list[asyncio.Task[None]] = []
        self._preparing: asyncio.Task[None] | None = None
        self._program: asyncio.Task[None] | None = None
        self._pumping: asyncio.Task[None] | None = None
        #: What a person asks of the massage while it runs.
        self.orders = Orders(roller, self._start_task, clock=clock, feed=feed, fail=fail)
        self._start_task(self._follow_status())
        self._start_task(self._follow_answers())

    def prepare(self, program: Program) -> None:
        """Upload a program and start telemetry; `Prepared` reports that."""
        self._preparing = self._start_task(self._prepare(program))

    def start_program(self) -> None:
        """Send START, which `Started` reports, and heartbeats from then on."""
        self._program = self._start_task(self._start())

    def fall_silent(self) -> None:
        """Send nothing but a stop from now on: if that does not get through, the roller's watchdog acts."""
        for task in (self._preparing, self._program):
            if task is not None:
                task.cancel()
        self.orders.fall_silent()

    async def abandon(self) -> None:
        """Leave a lost connection, or one that counts as lost; data that had arrived is still read."""
        await self._end_tasks()
        await self._roller.drop()
        await self._drain()

    async def end(self, *, confirmed: bool) -> int | None:
        """End the last connection; return how many frames were sent, None when the roller cannot be asked."""
        await self._end_tasks()
        frames_sent = None
        try:
            if self._pumping is not None and confirmed:
                frames_sent = await self._readings.stop()
        except GlowtoolError as error:
            _LOG.debug("telemetry was not stopped in order: %s", error)
        if frames_sent is None:
            await self._roller.close()
        await self._drain()
        return frames_sent

    def _start_task(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = self._group.create_task(work)
        self._tasks.append(task)
        return task

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _drain(self) -> None:
        if self._pumping is not None:
            await asyncio.wait({self._pumping})

    async def _prepare(self, program: Program) -> None:
        roller, plan = self._roller, self._plan
        try:
            await roller.set_time(plan.host_clock_us() // MILLISECONDS_PER_SECOND)
            await roller.upload(program)
            await self._readings.start()
        except GlowtoolError as error:
            self._fail(error)
            return
        _LOG.info("the program is uploaded, telemetry flows")
        self._pumping = self._group.create_task(self._pump())
        if self._zero_check is not None:
            try:
                await self._zero_check.settle(roller, await self._recorder.zero(GLANCE_S))
            except GlowtoolError as error:
                self._fail(error)
                return
        self._feed(Prepared(self._clock()))

    async def _start(self) -> None:
        try:
            await self._roller.start()
            _LOG.info("the program runs")
            self._feed(Started(self._clock()))
            await self._roller.keep_alive()
        except GlowtoolError as error:
            self._fail(error)

    async def _follow_status(self) -> None:
        try:
            async for status in self._roller.status_changes():
                self._feed(StatusSeen(self._clock(), status))
                self._publish(status)
        except ConnectionLostError as error:
            self._fail(error)

    async def _follow_answers(self) -> None:
        try:
            async for heard in self._roller.answers():
                self._feed(AnswerHeard(self._clock(), heard))
        except ConnectionLostError as error:
            self._fail(error)

    async def _pump(self) -> None:
        """Take arrivals through the pipeline into the journal, giving way to everything else after each of them."""
        try:
            async for arrivals in self._readings.arrivals():
                meter = await self._recorder.take(arrivals)
                if meter is not None:
                    self._publish(meter)
                for failed in self._recorder.failed_cells():
                    self._publish(failed)
                await asyncio.sleep(0)
        except ConnectionLostError as error:
            self._fail(error)
