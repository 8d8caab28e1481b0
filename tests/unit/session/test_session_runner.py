"""Every ending of a massage with a scripted roller stops it first and leaves a finished log."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.device.refusals import StartRefusedError
from glowtool.errors import (
    ConnectionLostError,
    InterruptedSessionError,
    NotPairedError,
    SafetyError,
    StoreError,
)
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import pack_program
from glowtool.protocol.vocabulary import Result
from glowtool.session.decide.standstill import Standstill
from glowtool.session.do.runner import Session
from glowtool.store.journal.journal import Journal
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.state import LogState
from support.host.masseur import PROGRAM, STEP, Masseur, Watcher, folders, plan
from support.host.scripted_client import ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.protocol.commands.codec import Request
    from glowtool.store.journal.journal import Checkpoint


def stop_when(session: Session, kind: EventKind) -> Callable[[Event], None]:
    return lambda event: session.request_stop() if event.kind is kind else None


@in_virtual_time
async def test_a_massage_to_its_end_leaves_a_finished_log_and_no_complaint(tmp_path: Path) -> None:
    roller, watcher = Masseur().perform(), Watcher()
    result = await Session(plan(roller, tmp_path)).run(watcher.publish)

    assert (result.ending, result.problem, result.confirmed) == (Ending.COMPLETED, None, True)
    assert (result.counters.sent, result.counters.received, result.counters.lost) == (4, 4, 0)
    assert [span.index for span in result.steps] == [0, 1]
    assert all(span.end_us - span.start_us == 1_000_000 for span in result.steps)
    assert roller.uploaded == pack_program(PROGRAM)
    assert watcher.started is not None
    assert watcher.started.path == result.path
    assert watcher.endings == [Ending.COMPLETED]

    log = SessionLog.open(result.path)
    assert log.manifest.state is LogState.FINISHED
    assert log.manifest.device.serial == "00C0FFEE"
    assert list(log.samples("sample")["sample"]) == list(range(40))
    assert [event.kind for event in log.events()] == ["step", "step", "stop"]

    order = roller.opcodes
    start = order.index(Opcode.START)
    assert order.index(Opcode.TELEMETRY_START) < start
    stop = order.index(Opcode.STOP, start)
    assert order.index(Opcode.TELEMETRY_STOP) > stop
    assert Opcode.HEARTBEAT in order[start:stop]
    assert not roller.clients[-1].is_connected


@in_virtual_time
async def test_a_request_to_stop_writes_stop_first_and_finishes_the_log(tmp_path: Path) -> None:
    roller, watcher = Masseur().perform(to_the_end=False), Watcher()
    session = Session(plan(roller, tmp_path))
    watcher.on_event = stop_when(session, EventKind.STEP)
    result = await session.run(watcher.publish)
    assert result.ending is Ending.STOPPED
    assert isinstance(result.problem, InterruptedSessionError)
    assert "outputs are zero" in str(result.problem)
    assert result.stop_ms is not None
    assert result.stop_ms < 300
    after_start = roller.opcodes[roller.opcodes.index(Opcode.START) + 1 :]
    assert next(opcode for opcode in after_start if opcode is not Opcode.HEARTBEAT) is Opcode.STOP
    assert not roller.outputs_asked
    assert SessionLog.open(result.path).manifest.ending is Ending.STOPPED


@in_virtual_time
async def test_stopping_twice_leaves_at_once_and_the_log_can_be_recovered(tmp_path: Path) -> None:
    roller, watcher = Masseur(silent={Opcode.TELEMETRY_STOP}).perform(to_the_end=False), Watcher()
    session = Session(plan(roller, tmp_path))

    def twice(event: Event) -> None:
        if event.kind is EventKind.STEP:
            session.request_stop()
            session.request_stop()

    watcher.on_event = twice
    async with asyncio.timeout(1):
        with pytest.raises(InterruptedSessionError, match="logs recover"):
            await session.run(watcher.publish)
    assert not roller.outputs_asked
    (folder,) = folders(tmp_path)
    assert SessionLog.open(folder).manifest.state is LogState.RECORDING


@in_virtual_time
async def test_a_lost_link_keeps_what_came_and_says_so(tmp_path: Path) -> None:
    roller, watcher = Masseur().perform(to_the_end=False), Watcher()
    session = Session(plan(roller, tmp_path))

    def lose_soon(_: Event) -> None:
        asyncio.get_running_loop().call_later(0.15, roller.lose)

    watcher.on_event = lose_soon
    result = await session.run(watcher.publish)
    assert result.ending is Ending.LINK_LOST
    assert isinstance(result.problem, ConnectionLostError)
    assert result.confirmed, "it was connected again, to hear it"
    log = SessionLog.open(result.path)
    assert len(log.samples("sample")["sample"]) >= 30
    assert log.manifest.ending is Ending.LINK_LOST
    assert [event.kind for event in log.events()][-4:] == ["link", "step", "link", "stop"]
    assert (log.manifest.counters.sent, log.manifest.counters.unsettled) == (roller.frames_sent, 0)


@pytest.mark.parametrize("opcode", [Opcode.PROGRAM_COMMIT, Opcode.START, Opcode.TELEMETRY_START])
@in_virtual_time
async def test_a_refusal_ends_with_stop_and_the_rollers_reason(tmp_path: Path, opcode: Opcode) -> None:
    roller = Masseur(refused={opcode: Result.BATTERY_LOW}).perform()
    with pytest.raises(StartRefusedError) as refused:
        await Session(plan(roller, tmp_path)).run()
    assert str(refused.value) == (
        "the battery of the roller is too low (80 %); charge the roller, then run again. Nothing was started, and no "
        "log is kept"
    )
    assert Opcode.STOP in roller.opcodes[roller.opcodes.index(opcode) :]
    assert folders(tmp_path) == []


@in_virtual_time
async def test_what_the_gate_forbids_is_never_committed(tmp_path: Path) -> None:
    roller = Masseur().perform()
    forbidden = replace(plan(roller, tmp_path), program=Program((replace(STEP, zone=Zone.MOUTH),)))
    with pytest.raises(SafetyError, match="never over the mouth"):
        await Session(forbidden).run()
    assert Opcode.PROGRAM_COMMIT not in roller.opcodes
    assert folders(tmp_path) == []


@in_virtual_time
async def test_an_interlock_of_the_roller_ends_the_massage(tmp_path: Path) -> None:
    roller, watcher = Masseur().perform(to_the_end=False), Watcher()
    watcher.on_event = lambda event: (
        roller.change(state=State.PAUSED, amplitude_permille=0, interlocks=Interlock.WATCHDOG)
        if event.kind is EventKind.STEP
        else None
    )
    result = await Session(plan(roller, tmp_path)).run(watcher.publish)
    assert result.ending is Ending.INTERLOCK
    assert isinstance(result.problem, SafetyError)
    assert "heard nothing" in str(result.problem)


@in_virtual_time
async def test_a_roller_that_confirms_no_stop_is_disconnected(tmp_path: Path) -> None:
    roller, watcher = Masseur().perform(to_the_end=False), Watcher()
    session = Session(plan(roller, tmp_path))

    def stop_unheard(event: Event) -> None:
        if event.kind is EventKind.STEP:
            roller.silent = set(Opcode)
            session.request_stop()

    watcher.on_event = stop_unheard
    result = await session.run(watcher.publish)
    assert (result.ending, result.confirmed) == (Ending.STOPPED, False)
    assert "did not confirm" in str(result.problem)
    assert not roller.clients[-1].is_connected
    after = roller.opcodes[roller.opcodes.index(Opcode.STOP, roller.opcodes.index(Opcode.START)) :]
    assert set(after) == {Opcode.STOP}, "no heartbeat keeps the watchdog quiet"


@in_virtual_time
async def test_a_defect_in_the_view_stops_the_roller_and_closes_the_log(tmp_path: Path) -> None:
    roller, watcher = Masseur().perform(to_the_end=False), Watcher()

    def break_down(event: Event) -> None:
        raise ZeroDivisionError("a defect")

    watcher.on_event = break_down
    with pytest.raises(ZeroDivisionError) as caught:
        await Session(plan(roller, tmp_path)).run(watcher.publish)
    assert caught.value.__notes__ == [Standstill.CONFIRMED]
    assert not roller.outputs_asked
    (folder,) = folders(tmp_path)
    assert SessionLog.open(folder).manifest.ending is Ending.CRASHED


@in_virtual_time
async def test_a_cancelled_session_stops_the_roller_and_closes_the_log(tmp_path: Path) -> None:
    roller, watcher = Masseur().perform(to_the_end=False), Watcher()
    running = asyncio.create_task(Session(plan(roller, tmp_path)).run(watcher.publish))

    def cancel(_: Event) -> None:
        running.cancel()

    watcher.on_event = cancel
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not roller.outputs_asked
    (folder,) = folders(tmp_path)
    assert SessionLog.open(folder).manifest.ending is Ending.STOPPED


@in_virtual_time
async def test_a_full_disk_stops_the_roller_and_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roller = Masseur().perform(to_the_end=False)

    sync = Journal.sync

    def full(journal: Journal, now_s: float, checkpoint: Checkpoint | None = None) -> bool:
        if Opcode.START not in roller.opcodes:
            return sync(journal, now_s, checkpoint)
        raise StoreError("no space left on device")

    monkeypatch.setattr(Journal, "sync", full)
    words = "^the roller has stopped: it confirmed that its outputs are zero. No space left on device$"
    with pytest.raises(StoreError, match=words):
        await Session(plan(roller, tmp_path)).run()
    assert not roller.outputs_asked
    start = roller.opcodes.index(Opcode.START)
    assert Opcode.STOP in roller.opcodes[start:]
    (folder,) = folders(tmp_path)
    assert (folder / "manifest.json").exists()


@in_virtual_time
async def test_what_prevents_a_connection_is_raised_and_no_log_is_begun(tmp_path: Path) -> None:
    from bleak.exc import BleakGATTProtocolErrorCode

    roller = ScriptedRoller(att_error=BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION)
    with pytest.raises(NotPairedError):
        await Session(plan(roller, tmp_path)).run()
    assert folders(tmp_path) == []


@pytest.mark.parametrize("number", range(14))
@in_virtual_time
async def test_a_link_that_dies_at_any_request_hangs_nothing_and_leaves_no_open_log(
    tmp_path: Path, number: int
) -> None:
    roller = Masseur().perform(to_the_end=False)
    perform = roller.on_request

    def die(request: Request) -> None:
        if perform is not None:
            perform(request)
        if len(roller.requests) == number + 1:
            roller.lose()

    roller.on_request = die
    async with asyncio.timeout(10):
        try:
            result = await Session(plan(roller, tmp_path)).run()
        except ConnectionLostError:
            assert folders(tmp_path) == []
        else:
            assert result.ending is Ending.LINK_LOST
            assert SessionLog.open(result.path).manifest.state is LogState.FINISHED


async def test_a_slow_disk_does_not_hold_up_the_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = threading.Event()
    go_on = threading.Event()
    sync = Journal.sync

    def slow(journal: Journal, now_s: float, checkpoint: Checkpoint | None = None) -> bool:
        if Opcode.START in roller.opcodes:
            writing.set()
            go_on.wait(5)
        return sync(journal, now_s, checkpoint)

    monkeypatch.setattr(Journal, "sync", slow)
    roller = Masseur().perform(to_the_end=False)
    session = Session(plan(roller, tmp_path))
    running = asyncio.create_task(session.run())
    await asyncio.to_thread(writing.wait)
    session.request_stop()
    async with asyncio.timeout(1):
        await roller.stopped.wait()
    assert not running.done()
    go_on.set()
    assert (await running).ending is Ending.STOPPED
