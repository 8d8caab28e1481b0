"""The asynchronous shell around a massage: it carries out what the machine decides, and decides nothing itself."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from glowtool.device.roller import Roller
from glowtool.errors import ConnectionLostError, GlowtoolError, InterruptedSessionError, LinkError, StoreError
from glowtool.safety.gate import Gate
from glowtool.session.endings import ending_for, problem_of
from glowtool.session.machine import OUTSIDE, Massage, advance
from glowtool.session.moves import (
    Leave,
    LinkLost,
    Mark,
    Over,
    Prepared,
    SendStart,
    SendStop,
    Started,
    StatusSeen,
    StopAnswered,
    StopAsked,
    StopUnanswered,
    Tick,
    Trouble,
)
from glowtool.session.opening import open_recorder, utc_of
from glowtool.session.plan import SessionResult, SessionStart, Unseen
from glowtool.store.events import EventKind
from glowtool.store.manifest import Ending
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.device.telemetry import Telemetry
    from glowtool.protocol.control import Response
    from glowtool.session.moves import Input, Output
    from glowtool.session.plan import SessionPlan, View
    from glowtool.session.recorder import Recorder
    from glowtool.store.events import Event

_LOG = logging.getLogger(__name__)

#: How often the machine is told that time passes.
TICK_S: Final = 0.1


class Session:
    """One massage: `await run()` once; `request_stop()` may be called at any time from the event loop.

    Whatever happens once the roller is connected, outputs are made zero first, and then the log is finished.
    """

    def __init__(self, plan: SessionPlan, view: View | None = None) -> None:
        self._plan = plan
        self._view: View = view or Unseen()
        self._massage = Massage(tuple(step.duration_ms for step in plan.program))
        self._roller: Roller | None = None
        self._recorder: Recorder | None = None
        self._group: asyncio.TaskGroup | None = None
        self._running: asyncio.Task[object] | None = None
        self._connecting: asyncio.Timeout | None = None
        self._pumping: asyncio.Task[None] | None = None
        self._program: asyncio.Task[None] | None = None
        self._helpers: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()
        self._confirmed = False
        self._left = False
        self._cause: GlowtoolError | None = None
        self._stop_sent_s: float | None = None
        self._stop_ms: float | None = None

    def request_stop(self) -> None:
        """Stop at once, from a signal handler of the event loop; the second time, leave at once.

        The first request writes STOP before anything else that waits; `run` then finishes the log and returns. The
        second one cancels `run`, which raises `InterruptedSessionError` and leaves the log as it is.
        """
        if self._connecting is not None:
            self._connecting.reschedule(self._now_s())
        self._feed(StopAsked(self._now_s()))

    async def run(self) -> SessionResult:
        """Do the massage and return how it ended; any ending is a result, with its `problem`.

        Raises what prevents a log from being begun (`LinkError`, `NotPairedError`, `VersionRefusedError`, …),
        `StoreError` when the disk does not take the log, and `InterruptedSessionError` when stopped before the log
        was begun, or left at once.
        """
        self._running = asyncio.current_task()
        try:
            async with AsyncExitStack() as stack:
                recorder = await self._begin(stack)
                await self._conduct_or_stop(recorder)
            return await self._finish(recorder)
        except asyncio.CancelledError:
            if not self._left or self._running is None:
                raise
            self._running.uncancel()
            raise InterruptedSessionError(
                "left at once; the roller stops by itself within a second. What was recorded is kept: "
                "`glowtool logs recover` finishes it"
            ) from None
        finally:
            if self._recorder is not None:
                self._recorder.release()

    async def _begin(self, stack: AsyncExitStack) -> Recorder:
        self._roller = await self._connect(stack)
        self._recorder = await open_recorder(self._plan, self._roller)
        return self._recorder

    def _start_of(self, recorder: Recorder) -> SessionStart:
        roller = self._open_roller
        return SessionStart(
            recorder.session_id, recorder.path, roller.identity, roller.battery_percent, self._plan.program
        )

    async def _connect(self, stack: AsyncExitStack) -> Roller:
        plan = self._plan
        opening = Roller.open(plan.client_for, Gate(personal=plan.personal_max), plan.host_clock_us)
        try:
            async with asyncio.timeout(0 if self._massage.stops_asked else None) as self._connecting:
                return await stack.enter_async_context(opening)
        except TimeoutError:
            raise InterruptedSessionError("stopped before the massage began; nothing was recorded") from None
        finally:
            self._connecting = None

    async def _conduct_or_stop(self, recorder: Recorder) -> None:
        try:
            self._view.began(self._start_of(recorder))
            await self._conduct(recorder)
        except BaseException as error:
            # A defect, of ours or of a view, or a cancellation from outside: outputs first, then the log, then up.
            ending = Ending.STOPPED if isinstance(error, asyncio.CancelledError) else Ending.CRASHED
            if not self._left:
                await self._make_zero()
                await self._close_log(recorder, ending)
            raise

    async def _conduct(self, recorder: Recorder) -> None:
        """Let the massage happen, from the upload to the last frame."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            writing = group.create_task(self._write(recorder))
            works = () if self._over.is_set() else (self._follow_status(), self._tick(), self._prepare())
            self._helpers += [group.create_task(work) for work in works]
            await self._over.wait()
            for helper in self._helpers:
                helper.cancel()
            frames_sent = await self._end_telemetry()
            if self._pumping is not None:
                await self._pumping
            try:
                await recorder.close(frames_sent)
            except StoreError as error:
                self._cause = error
            await writing

    async def _finish(self, recorder: Recorder) -> SessionResult:
        """Turn the journal into the finished log; the connection is closed by now."""
        if isinstance(self._cause, StoreError):
            raise self._cause
        massage = self._massage
        ending = massage.ending or Ending.CRASHED
        manifest = await recorder.finish(ending, utc_of(self._plan.host_clock_us()))
        return SessionResult(
            session_id=recorder.session_id,
            path=recorder.path,
            identity=self._open_roller.identity,
            battery_percent=self._open_roller.battery_percent,
            ending=ending,
            reason=massage.reason,
            confirmed=self._confirmed,
            counters=recorder.pipeline.counters,
            steps=manifest.steps,
            stop_ms=self._stop_ms,
            problem=problem_of(massage, self._cause, confirmed=self._confirmed),
        )

    def _feed(self, event: Input) -> None:
        """Tell the machine what happened and carry out what it decides; never waits."""
        before = self._massage.ending
        self._massage, outputs = advance(self._massage, event)
        for output in outputs:
            self._carry_out(output)
        if before is None and self._massage.ending is not None and self._recorder is not None:
            self._view.ending(self._massage.ending, self._massage.reason)

    def _carry_out(self, output: Output) -> None:
        match output:
            case SendStop():
                self._send_stop()
            case SendStart():
                self._begin_program()
            case Mark(event=event):
                self._mark(event)
            case Over(confirmed=confirmed):
                self._confirmed = confirmed
                if confirmed and self._stop_sent_s is not None:
                    self._stop_ms = (self._now_s() - self._stop_sent_s) * MILLISECONDS_PER_SECOND
                self._over.set()
            case Leave():
                self._left = True
                if self._running is not None:
                    self._running.cancel()

    def _send_stop(self) -> None:
        if self._roller is None:
            return
        self._stop_sent_s = self._now_s()
        if self._program is not None:
            self._program.cancel()  # no heartbeat any more: should the stop not get through, the watchdog acts
        try:
            self._roller.post_stop().add_done_callback(self._on_stop_answer)
        except LinkError as error:
            _LOG.debug("no stop could be written: %s", error)
            self._feed(LinkLost(self._now_s()))

    def _on_stop_answer(self, task: asyncio.Task[Response]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._feed(StopAnswered(task.result().head.outputs.zero))
        elif isinstance(error, ConnectionLostError):
            self._feed(LinkLost(self._now_s()))
        else:
            self._feed(StopUnanswered())

    def _mark(self, event: Event) -> None:
        if self._recorder is None:
            return
        self._recorder.mark(event)
        index = event.data.get("index")
        if event.kind is EventKind.STEP and isinstance(index, int):
            self._recorder.pipeline.begin_step(index)
            if index != OUTSIDE:
                step = self._plan.program[index]
                self._recorder.pipeline.set_band(step.band_low / 100, step.band_high / 100)
        self._view.event(event)

    def _begin_program(self) -> None:
        if self._group is not None:
            self._program = self._group.create_task(self._start())
            self._helpers.append(self._program)

    def _fail(self, error: GlowtoolError) -> None:
        """End the massage because of an error; the first one is what the person hears of."""
        if self._massage.ending is None or isinstance(error, StoreError):
            self._cause = error
        if isinstance(error, ConnectionLostError):
            self._feed(LinkLost(self._now_s()))
        else:
            self._feed(Trouble(self._now_s(), ending_for(error), str(error)))

    async def _prepare(self) -> None:
        roller, plan = self._open_roller, self._plan
        try:
            await roller.set_time(plan.host_clock_us() // MILLISECONDS_PER_SECOND)
            await roller.upload(plan.program)
            telemetry = await roller.telemetry_start(plan.rate_hz, plan.channel_mask)
            _LOG.info("the program is uploaded, telemetry flows")
        except GlowtoolError as error:
            self._fail(error)
            return
        if self._group is not None:
            self._pumping = self._group.create_task(self._pump(telemetry))
        self._feed(Prepared())

    async def _start(self) -> None:
        try:
            await self._open_roller.start()
            _LOG.info("the program runs")
            self._feed(Started(self._now_s()))
            await self._open_roller.keep_alive()
        except GlowtoolError as error:
            self._fail(error)

    async def _follow_status(self) -> None:
        try:
            async for status in self._open_roller.status_changes():
                self._feed(StatusSeen(self._now_s(), status))
                self._view.status(status)
        except ConnectionLostError as error:
            self._fail(error)

    async def _pump(self, telemetry: Telemetry) -> None:
        """Take frames through the pipeline into the journal, giving way to everything else after each one."""
        if self._recorder is None:
            return
        try:
            async for frame in telemetry.frames:
                meter = await self._recorder.take(frame, telemetry.frames.dropped)
                if meter is not None:
                    self._view.meter(meter)
                await asyncio.sleep(0)
        except ConnectionLostError as error:
            self._fail(error)

    async def _write(self, recorder: Recorder) -> None:
        try:
            await recorder.write_loop()
        except StoreError as error:
            self._fail(error)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._feed(Tick(self._now_s()))

    async def _end_telemetry(self) -> int | None:
        """Stop telemetry and return how many frames were sent, None when the roller cannot be asked."""
        roller = self._open_roller
        try:
            if self._pumping is not None and self._confirmed:
                return await roller.telemetry_stop()
        except GlowtoolError as error:
            _LOG.debug("telemetry was not stopped in order: %s", error)
        await roller.close()
        return None

    async def _make_zero(self) -> None:
        try:
            await self._open_roller.stop()
        except GlowtoolError as error:
            _LOG.warning("the roller did not confirm the stop, and stops by itself: %s", error)

    async def _close_log(self, recorder: Recorder, ending: Ending) -> None:
        try:
            await recorder.close(None)
            await recorder.finish(ending, utc_of(self._plan.host_clock_us()))
        except StoreError as error:
            _LOG.warning("the log was not finished: %s", error)

    @property
    def _open_roller(self) -> Roller:
        if self._roller is None:
            raise LinkError("the roller is not connected yet")
        return self._roller

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()
