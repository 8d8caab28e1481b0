"""The asynchronous shell around a massage: it carries out what the machine decides, and decides nothing itself."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from glowtool.device.calendar import SteadyCalendar
from glowtool.device.host_clock import HostClock
from glowtool.errors import GlowtoolError, LinkError, StoreError
from glowtool.kit.system.failures import bare
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.session.decide import moves
from glowtool.session.decide.machine import Massage, advance
from glowtool.session.decide.resumption import OnLoss, rest_of_program
from glowtool.session.decide.standstill import standstill_of
from glowtool.session.decide.steering import orders
from glowtool.session.decide.waking import clock_was_set
from glowtool.session.do.conclusion.closing import Conclusion, break_off, finish_log, left_at_once, raise_after
from glowtool.session.do.conclusion.endings import event_of, refusal_of
from glowtool.session.do.conclusion.outcome import Outcome
from glowtool.session.do.connecting import Connecting
from glowtool.session.do.helpers import Helpers, there
from glowtool.session.do.inputs import Inputs
from glowtool.session.do.interlude import Interlude
from glowtool.session.do.leg import Leg
from glowtool.session.do.notes import Listener, note
from glowtool.session.do.opening import open_recorder, utc_of
from glowtool.session.do.orders.steering import Askers
from glowtool.session.do.orders.stopping import Stopping
from glowtool.session.news import Began, Lost, OutputsZero, Resuming, Steered, unheard
from glowtool.stream.columns import heads_read
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from datetime import datetime

    from glowtool.device.driver import Driver
    from glowtool.model.event import JsonObject
    from glowtool.session.decide.questions import Question
    from glowtool.session.do.recorder import Recorder
    from glowtool.session.do.zeroing import ZeroCheck
    from glowtool.session.news import MassageNews, Publish
    from glowtool.session.plan import SessionPlan, SessionResult
    from glowtool.session.wishes import Ask

_LOG = logging.getLogger(__name__)


class Session:
    """One massage: `await run()` once; `request_stop()` may be called at any time from the event loop.

    Whatever happens once the roller is connected, outputs are made zero first, and then the log is finished.
    """

    def __init__(self, plan: SessionPlan) -> None:
        self._clock = HostClock()
        self._calendar = SteadyCalendar(plan.host_clock_us, self._now_s)
        plan = replace(plan, host_clock_us=self._calendar.unix_us)
        self._plan = plan
        self._listener: Listener[MassageNews] = Listener(self._end_unheard)
        on_loss = OnLoss.STOP if plan.on_loss is OnLoss.ASK and plan.ask is None else plan.on_loss
        self._massage = Massage(
            plan.program.durations_ms,
            on_loss,
            program=plan.program,
            can_ask=plan.ask is not None,
        )
        self._roller: Driver | None = None
        self._recorder: Recorder | None = None
        self._group: asyncio.TaskGroup | None = None
        self._connecting = Connecting()
        self._interlude = Interlude(plan, self._listener.tell, self._now_s)
        self._leg: Leg | None = None
        self._helpers: Helpers | None = None
        self._inputs = Inputs(self._advance, self._now_s)
        self._outcome = Outcome()
        self._stopping = Stopping(self._feed, self._now_s)
        self._askers = Askers(self._feed, self._now_s)

    def request_stop(self) -> None:
        """Stop at once, from a signal handler of the event loop; the second time, leave at once.

        The first request writes STOP before anything else that waits; `run` then finishes the log and returns. The
        second one cancels `run`, which raises `InterruptedSessionError` and leaves the log as it is.
        """
        self._connecting.give_up()
        self._feed(moves.StopAsked(self._now_s()))

    def emergency_stop(self) -> None:
        """Stop at once and latch the roller, which then refuses everything until it is re-armed."""
        self._connecting.give_up()
        self._feed(orders.EmergencyAsked(self._now_s()))

    def steer(self, ask: Ask) -> asyncio.Future[Steered]:
        """Change the massage while it runs; never waits. Await what is returned for what became of the wish."""
        return self._askers.ask(ask)

    def remark(self, data: JsonObject) -> None:
        """Note a remark in the log, at the roller's time; nothing happens when there is no log."""
        self._carry_out(moves.Mark(Event(self._massage.device_time_us(self._now_s()), EventKind.NOTE, data)))

    async def run(self, publish: Publish = unheard) -> SessionResult:
        """Run the massage and return its ending; any ending is a result, with its `problem`.

        `publish` gets the news meanwhile. An error that it raises ends the massage in order, wherever it is raised:
        outputs zero, the log finished, then that error, by itself, with a note on the outputs.

        Raises the error that prevented a massage from beginning (`LinkError`, `NotPairedError`, `StartRefusedError`,
        …), of which no log is kept, `StoreError` when the disk does not take the log, and `InterruptedSessionError`
        when stopped before the log was begun, or left at once.
        """
        self._outcome.begin()
        self._listener.publish = publish
        self._massage = replace(self._massage, agreed_s=self._now_s())
        try:
            async with AsyncExitStack() as stack:
                recorder = await self._begin(stack)
                await self._conduct_or_stop(recorder)
            return await self._finish(recorder)
        except asyncio.CancelledError:
            if self._outcome.was_left():
                raise left_at_once() from None
            raise
        finally:
            self._askers.end()
            if self._recorder is not None:
                self._recorder.release()

    async def _begin(self, stack: AsyncExitStack) -> Recorder:
        self._roller = await self._connecting.to(self._plan, self._listener.publish, stack)
        self._plan = self._plan.suited(self._roller.limits, self._listener.tell)
        of, percent = self._plan.program, self._roller.battery_percent
        self._massage = replace(self._massage, program=of, durations_ms=of.durations_ms, battery_percent=percent)
        self._recorder = await open_recorder(self._plan, self._roller)
        return self._recorder

    async def _conduct_or_stop(self, recorder: Recorder) -> None:
        try:
            roller, program = self._open_roller, self._plan.program
            known = roller.identity, roller.battery_percent, program, heads_read(roller.channels)
            self._listener.tell(Began(recorder.session_id, recorder.path, *known, roller.limits.ceilings))
            with bare():
                await self._conduct(recorder)
        except BaseException as error:
            if not self._outcome.left:
                await break_off(error, self._open_roller, recorder, self._utc())
            raise

    async def _conduct(self, recorder: Recorder) -> None:
        """Run the massage from the upload to the last frame."""
        async with asyncio.TaskGroup() as group:
            self._group, self._helpers = group, Helpers(group)
            writing = group.create_task(recorder.write_until_failed(self._fail))
            self._leg = self._new_leg(self._interlude.zero_check(self.remark))
            if not self._outcome.is_over:
                self._helpers.start(self._inputs.tick(self._look_at_the_calendar))
                self._leg.prepare(self._plan.program)
            await self._outcome.over()
            await self._helpers.end()
            frames_sent = await self._leg.end(confirmed=self._outcome.confirmed)
            try:
                recorder.readings.settle(frames_sent)
                await recorder.close()
            except StoreError as error:
                self._outcome.cause = error
            await writing

    def _new_leg(self, zero_check: ZeroCheck | None = None) -> Leg:
        return Leg(
            there(self._group),
            self._open_roller,
            there(self._recorder),
            plan=self._plan,
            publish=self._listener.tell,
            clock=self._now_s,
            feed=self._feed,
            fail=self._fail,
            zero_check=zero_check,
        )

    async def _finish(self, recorder: Recorder) -> SessionResult:
        known = standstill_of(confirmed=self._outcome.confirmed, connected=not self._massage.gone)
        how = Conclusion(self._massage, known, self._stopping.took_ms, self._outcome.cause)
        finishing = finish_log(recorder, self._open_roller, how, self._utc())
        if self._listener.failure is not None:
            await raise_after(finishing, known, self._listener.failure)
        return await finishing

    def _feed(self, event: moves.Input) -> None:
        """Pass an event to the machine and carry out its moves; never waits."""
        self._inputs.feed(event)

    def _advance(self, event: moves.Input) -> None:
        self._massage, outputs = advance(self._massage, event)
        for output in outputs:
            self._carry_out(output)

    def _carry_out(self, output: moves.Move) -> None:
        match output:
            case moves.SendStop() | orders.SendEmergencyStop():
                self._send_stop(latching=isinstance(output, orders.SendEmergencyStop))
            case moves.SendStart():
                there(self._leg).start_program()
            case moves.Mark() | moves.BeginStep() | moves.Tell():
                if self._recorder is not None:  # before the log is open, nothing belongs in it
                    note(output, self._recorder, self._plan.program, self._listener.tell)
            case moves.Over(confirmed=confirmed):
                self._outcome.end(confirmed=confirmed)
                if confirmed:
                    self._stopping.confirmed()
                    self._listener.tell(OutputsZero(self._stopping.took_ms))
            case moves.Leave():
                self._outcome.leave()
            case _:
                self._carry_on(output)

    def _carry_on(self, output: moves.OfConnection | orders.OfPerson) -> None:
        match output:
            case orders.Order():
                there(self._leg).orders.carry_out(output)
            case orders.Reply(number=number, steered=steered):
                self._askers.reply(number, steered)
            case moves.Reconnect(brief=brief):
                there(self._helpers).start(self._reconnect(brief=brief))
            case moves.Settle(frames_sent=frames_sent):
                there(self._recorder).readings.settle(frames_sent)
            case moves.Ask(question=question):
                there(self._helpers).ask(self._ask(question))
            case moves.Withdraw():
                there(self._helpers).withdraw()
            case moves.Prepare(rest=rest):
                left_s = rest.first_ms / MILLISECONDS_PER_SECOND
                self._listener.tell(Resuming(rest.step, left_s))
                there(self._leg).prepare(rest_of_program(self._massage.program, rest))

    async def _reconnect(self, *, brief: bool) -> None:
        self._listener.tell(Lost(there(self._massage.loss).because))
        await there(self._leg).abandon()
        unsure = there(self._recorder).readings.unsure
        outcome = await self._interlude.come_back(self._open_roller, brief=brief, settle=not unsure)
        self._outcome.cause = self._outcome.cause or self._interlude.cause
        if isinstance(outcome, moves.Returned):
            self._leg = self._new_leg()
        self._feed(outcome)

    async def _ask(self, question: Question) -> None:
        self._feed(await self._interlude.ask(question))

    def _send_stop(self, *, latching: bool = False) -> None:
        if self._leg is not None:
            self._leg.fall_silent()
        if self._roller is None:
            return
        if latching and self._helpers is not None:
            self._stopping.post_emergency(self._roller, self._helpers)
        else:
            self._stopping.post(self._roller)

    def _end_unheard(self, error: Exception) -> None:
        # A closed terminal or pipe is a person who leaves; everything else is a defect.
        ending = Ending.STOPPED if isinstance(error, OSError) else Ending.CRASHED
        self._feed(moves.Trouble(self._now_s(), ending, "what shows the massage has failed"))

    def _fail(self, error: GlowtoolError) -> None:
        """Pass an error to the machine; the one that ends the massage is reported to the person."""
        error = refusal_of(error, self._massage)
        ending = self._massage.ending is not None
        event = event_of(error, self._now_s(), self._open_roller.lost_because or "", ending=ending)
        self._feed(event)
        if isinstance(event, moves.Trouble) and (not ending or isinstance(error, StoreError)):
            self._outcome.cause = error

    def _look_at_the_calendar(self) -> None:
        step_s = self._calendar.step_s()
        if step_s is not None:
            self.remark(clock_was_set(step_s))

    @property
    def _open_roller(self) -> Driver:
        if self._roller is None:
            raise LinkError("the roller is not connected yet")
        return self._roller

    def _utc(self) -> datetime:
        return utc_of(self._plan.host_clock_us())

    def _now_s(self) -> float:
        return self._clock.now_s()
