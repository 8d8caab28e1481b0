"""The asynchronous shell of a free recording: readings without a program, through losses, to an end in order."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from glowtool.device.calendar import SteadyCalendar
from glowtool.device.host_clock import HostClock
from glowtool.errors import (
    ConnectionLostError,
    GlowtoolError,
    InterruptedSessionError,
    LinkError,
    StoreError,
)
from glowtool.kit.system.failures import bare
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.session.do.conclusion.endings import ending_for
from glowtool.session.do.conclusion.outcome import Outcome
from glowtool.session.do.connecting import Connecting
from glowtool.session.do.notes import Listener
from glowtool.session.do.opening import utc_of
from glowtool.session.do.zeroing import GLANCE_S, zero_note
from glowtool.session.listening.plan import Closing, ListeningNews, Opened, Recorded, unheard
from glowtool.session.listening.return_path import Back, come_back
from glowtool.session.listening.taking import kept_as, open_taker
from glowtool.session.news import Lost, Restored
from glowtool.stream.columns import heads_read

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from glowtool.model.event import JsonObject
    from glowtool.session.do.recorder import Recorder
    from glowtool.session.listening.plan import ListeningPlan, Publish
    from glowtool.session.listening.source import Source
    from glowtool.session.listening.taking import MeterOnly

_LOG = logging.getLogger(__name__)


class FreeRecording:
    """One free recording: `await run()` once; `request_stop()` may be called at any time from the event loop.

    The device is a `Source`, which has nothing that could give an output.
    """

    def __init__(self, plan: ListeningPlan) -> None:
        self._clock = HostClock()
        calendar = SteadyCalendar(plan.host_clock_us, self._clock.now_s)
        self._plan = replace(plan, host_clock_us=calendar.unix_us)
        self._listener: Listener[ListeningNews] = Listener(self._end_unheard)
        self._connecting = Connecting("the recording")
        self._outcome = Outcome()
        self._over = asyncio.Event()
        self._ending: Ending | None = None
        self._reason = ""
        self._stops = 0
        self._losses = 0
        self._latest_us = 0
        self._timer: asyncio.Task[None] | None = None

    def request_stop(self) -> None:
        """End the recording in order; the second time, leave at once, and the log as it is."""
        self._connecting.give_up()
        self._stops += 1
        if self._stops > 1:
            self._outcome.leave()
        self._end(Ending.STOPPED)

    async def run(self, publish: Publish = unheard) -> Recorded:
        """Make the recording and return its ending; any ending is a result, with its `problem`.

        Raises what prevented it from beginning, of which nothing is kept, `StoreError` when the disk does not take the
        log, the error of a failing `publish` once the log is finished, and `InterruptedSessionError` when it was
        stopped before there was any reading, or left at once.
        """
        self._outcome.begin()
        self._listener.publish = publish
        taker: Recorder | MeterOnly | None = None
        try:
            async with AsyncExitStack() as stack:
                source = await self._connecting.to(self._plan, self._listener.tell, stack)
                taker = await open_taker(self._plan, source)
                self._tell_opened(source, taker)
                await self._listen_or_break_off(source, taker)
            return await self._finish(source, taker)
        except asyncio.CancelledError:
            if self._outcome.was_left():
                raise _left(kept=taker is not None and self._plan.logs_dir is not None) from None
            raise
        finally:
            if taker is not None:
                taker.release()

    def _tell_opened(self, source: Source, taker: Recorder | MeterOnly) -> None:
        session_id, path = kept_as(taker)
        heads, ceilings = heads_read(source.channels), source.limits.ceilings
        known = Opened(
            session_id, path, source.identity, source.battery_percent, taker.readings.rate_hz, heads, ceilings
        )
        self._listener.tell(known)

    async def _listen_or_break_off(self, source: Source, taker: Recorder | MeterOnly) -> None:
        try:
            with bare():
                await self._listen(source, taker)
        except BaseException as error:
            if not self._outcome.left:
                ending = Ending.STOPPED if isinstance(error, asyncio.CancelledError) else Ending.CRASHED
                try:
                    await taker.close()
                    await taker.finish(ending, self._utc())
                except StoreError as failed:
                    _LOG.warning("the log was not finished: %s", failed)
            raise

    async def _listen(self, source: Source, taker: Recorder | MeterOnly) -> None:
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(taker.write_until_failed(self._fail))
            zero = group.create_task(self._remark_zero(taker))
            while not self._over.is_set():
                await self._one_connection(source, taker)
            for task in (self._timer, zero):
                if task is not None:
                    task.cancel()
            self._listener.tell(Closing(self._ending or Ending.CRASHED, self._reason))
            try:
                await taker.close()
            except StoreError as error:
                self._outcome.cause = error
            await writing

    async def _one_connection(self, source: Source, taker: Recorder | MeterOnly) -> None:
        """Read until the recording is over, or the connection lost and made again."""
        readings = taker.readings
        try:
            await readings.start()
        except LinkError:
            await self._return(source, taker)
            return
        except GlowtoolError as error:
            self._fail(error)
            return
        self._begin_to_count()
        pumping = asyncio.create_task(self._pump(taker))
        following = asyncio.create_task(self._follow(source))
        try:
            await self._until_over(asyncio.wait({pumping}))
            if pumping.done():
                pumping.result()
                await source.drop()
                await self._return(source, taker)
            else:
                await self._part(source, taker, pumping)
        finally:
            for task in (pumping, following):
                task.cancel()
            await asyncio.wait({pumping, following})

    async def _part(self, source: Source, taker: Recorder | MeterOnly, pumping: asyncio.Task[None]) -> None:
        """Stop the readings in order, and take those that are still on their way."""
        frames_sent = None
        try:
            frames_sent = await taker.readings.stop()
            self._outcome.end(confirmed=(await source.stop()).levels.zero)
        except GlowtoolError as error:
            _LOG.debug("the readings were not stopped in order: %s", error)
        if frames_sent is None:
            await source.close()
        await asyncio.wait({pumping})
        taker.readings.settle(frames_sent)

    async def _return(self, source: Source, taker: Recorder | MeterOnly) -> None:
        """Note a loss and connect again, unless the recording is over before that."""
        since_s, because = self._clock.now_s(), source.lost_because or ""
        self._losses += 1
        self._mark(taker, EventKind.LINK, {"change": "lost", "because": because})
        self._listener.tell(Lost(because))
        unsure = taker.readings.unsure
        try:
            back = await self._until_over(come_back(source, self._plan.chance, self._listener.tell, settle=not unsure))
        except GlowtoolError as error:
            taker.readings.settle(None)
            why = f"the connection was lost, and the roller was not found again: {error}"
            self._end(ending_for(error), why, ConnectionLostError(why, advice="bring it near and record again"))
            return
        taker.readings.settle(back.frames_sent if back is not None else None)
        if back is None:
            return
        away_s = round(self._clock.now_s() - since_s, 3)
        self._mark(taker, EventKind.LINK, {"change": "restored", "away_s": away_s, "attempts": back.attempts})
        self._listener.tell(Restored(away_s))

    async def _until_over(self, work: Coroutine[object, object, Back | object]) -> Back | None:
        """Return what `work` returns; None, and the work cancelled, as soon as the recording is over."""
        doing, over = asyncio.create_task(work), asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({doing, over}, return_when=asyncio.FIRST_COMPLETED)
            done = doing.result() if doing.done() else None
            return done if isinstance(done, Back) else None
        finally:
            doing.cancel()
            over.cancel()
            await asyncio.wait({doing, over})

    async def _pump(self, taker: Recorder | MeterOnly) -> None:
        """Take arrivals until the stream ends; a loss ends it, too."""
        try:
            async for arrivals in taker.readings.arrivals():
                meter = await taker.take(arrivals)
                if meter is not None:
                    self._latest_us = meter.device_time_us
                    self._listener.tell(meter)
                await asyncio.sleep(0)
        except ConnectionLostError as error:
            _LOG.info("%s", error)

    async def _follow(self, source: Source) -> None:
        try:
            async for status in source.status_changes():
                self._listener.tell(status)
        except ConnectionLostError as error:
            _LOG.debug("%s", error)

    async def _remark_zero(self, taker: Recorder | MeterOnly) -> None:
        """Remark in the log that cells do not read zero in the air, as it stands in a log of a massage."""
        zero = await taker.zero(GLANCE_S)
        if zero is not None and zero.off:
            self._mark(taker, EventKind.NOTE, zero_note(zero))

    def _begin_to_count(self) -> None:
        if self._plan.duration_s is not None and self._timer is None:
            self._timer = asyncio.create_task(self._end_after(self._plan.duration_s))

    async def _end_after(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s)
        self._end(Ending.COMPLETED)

    def _mark(self, taker: Recorder | MeterOnly, kind: EventKind, data: JsonObject) -> None:
        event = Event(self._latest_us, kind, data)
        taker.mark(event)
        self._listener.tell(event)

    def _end(self, ending: Ending, reason: str = "", cause: GlowtoolError | None = None) -> None:
        if self._ending is None:
            self._ending, self._reason, self._outcome.cause = ending, reason, cause
        self._over.set()

    def _fail(self, error: GlowtoolError) -> None:
        self._end(ending_for(error), str(error), error)

    def _end_unheard(self, error: Exception) -> None:
        # A closed terminal or pipe is a person who leaves; everything else is a defect.
        self._end(Ending.STOPPED if isinstance(error, OSError) else Ending.CRASHED, "what shows the recording failed")

    async def _finish(self, source: Source, taker: Recorder | MeterOnly) -> Recorded:
        ending, cause, counters = self._ending or Ending.CRASHED, self._outcome.cause, taker.readings.books
        if isinstance(cause, StoreError):
            raise cause
        if not counters.received:
            await taker.discard()
            raise cause or InterruptedSessionError("stopped before there was any reading; nothing was kept")
        await taker.finish(ending, self._utc())
        if self._listener.failure is not None:
            raise self._listener.failure
        early = self._plan.duration_s is not None and ending is Ending.STOPPED
        return Recorded(
            *kept_as(taker),
            source.identity,
            source.battery_percent,
            ending,
            self._reason,
            self._outcome.confirmed,
            counters,
            self._losses,
            cause or (InterruptedSessionError("stopped before the time was over") if early else None),
        )

    def _utc(self) -> datetime:
        return utc_of(self._plan.host_clock_us())


def _left(*, kept: bool) -> InterruptedSessionError:
    if not kept:
        return InterruptedSessionError("left at once")
    return InterruptedSessionError("left at once; the recording is kept", advice="`glowtool logs recover` finishes it")
