"""The recorder keeps its books, bounds what waits for the disk, and takes nothing after a failure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glowtool.drivers.gr1.incoming.readings import Readings
from glowtool.drivers.gr1.incoming.telemetry import CAPACITY, Telemetry
from glowtool.drivers.gr1.opener import opener
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import (
    CommandRefusedError,
    ConnectionLostError,
    GlowtoolError,
    InterruptedSessionError,
    LinkError,
    NotPairedError,
    SafetyError,
    StoreError,
)
from glowtool.model.channel import Stream
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.program import Program
from glowtool.protocol.channels import CHANNELS, select
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.telemetry import FrameHeader
from glowtool.safety.gate import Gate
from glowtool.session.decide.machine import Massage
from glowtool.session.decide.standstill import Standstill
from glowtool.session.do import recorder as recorder_module
from glowtool.session.do.conclusion.endings import ending_for, problem_of
from glowtool.session.do.opening import open_recorder
from glowtool.session.plan import SessionPlan
from glowtool.store.logs.log import SessionLog
from support.device.steps import VIBRATION
from support.host.scripted_client import ScriptedRoller

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.session.do.recorder import Recorder
    from glowtool.store.journal.journal import Journal
    from glowtool.stream.arrivals import Arrival

STEP = VIBRATION
FAST = sample_dtype(select(CHANNELS, Stream.FAST, -1))
SAMPLES = 10


def frame(number: int) -> bytes:
    header = FrameHeader(Stream.FAST, SAMPLES, number, 5_000_000 + number * SAMPLES * 5000, number * SAMPLES)
    return encode_frame(header, np.zeros(SAMPLES, FAST))


def arrivals(recorder: Recorder, number: int) -> tuple[Arrival, ...]:
    assert isinstance(recorder.readings, Readings)
    return recorder.readings._reader.read(frame(number), 1_700_000_000_000_000 + number * 50_000)


async def opened(logs: Path) -> Recorder:
    scripted = ScriptedRoller()
    plan = SessionPlan(opener(scripted.client_for, Gate()), "GR-1", "F0", {}, Program((STEP,)), logs)
    async with Roller.open(scripted.client_for, Gate()) as roller:
        return await open_recorder(plan, roller)


async def test_what_was_taken_and_marked_is_in_the_finished_log_with_its_books(tmp_path: Path) -> None:
    recorder = await opened(tmp_path)
    writing = asyncio.create_task(recorder.write_loop())
    for number in (0, 1, 4, 5):
        await recorder.take(arrivals(recorder, number))
    recorder.mark(Event(5_000_000, EventKind.STEP, {"index": 0}))
    recorder.readings.settle(6)
    await recorder.close()
    await writing
    manifest = await recorder.finish(Ending.COMPLETED, datetime.now(UTC))
    recorder.release()
    books = manifest.counters
    assert (books.sent, books.received, books.lost) == (6, 4, 2)
    log = SessionLog.open(recorder.path)
    assert list(log.samples("sample")["sample"]) == [*range(20), *range(40, 60)]
    assert [(gap.first_sample, gap.count) for gap in log.gaps()] == [(20, 20)]


async def test_a_reader_waits_when_far_too_much_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "PENDING_MAX", 3)
    recorder = await opened(tmp_path)
    for number in range(2):
        await recorder.take(arrivals(recorder, number))
    third = asyncio.create_task(recorder.take(arrivals(recorder, 2)))
    done, _ = await asyncio.wait({third}, timeout=0.05)
    assert not done
    writing = asyncio.create_task(recorder.write_loop())
    async with asyncio.timeout(5):
        await third
    recorder.readings.settle(3)
    await recorder.close()
    await writing
    recorder.release()


async def test_what_a_disk_that_hangs_costs_is_counted_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "PENDING_MAX", 1)
    recorder, telemetry = await opened(tmp_path), Telemetry(lambda: 1_700_000_000_000_000)
    readings = recorder.readings
    assert isinstance(readings, Readings)
    readings._telemetry = telemetry

    async def pump() -> None:
        async for found in readings.arrivals():
            await recorder.take(found)

    pumping = asyncio.create_task(pump())
    telemetry.on_notification(frame(0))
    await asyncio.sleep(0)
    for number in range(1, CAPACITY + 51):  # the reader waits for the disk meanwhile, and never the radio
        telemetry.on_notification(frame(number))
    telemetry.frames.close()
    writing = asyncio.create_task(recorder.write_loop())
    async with asyncio.timeout(5):
        await pumping
    readings.settle(CAPACITY + 51)
    await recorder.close()
    await writing
    books = (await recorder.finish(Ending.COMPLETED, datetime.now(UTC))).counters
    recorder.release()
    assert (books.received, books.lost, books.dropped) == (CAPACITY + 1, 50, 50)
    assert [(gap.first_sample, gap.count) for gap in SessionLog.open(recorder.path).gaps()] == [(SAMPLES, 50 * SAMPLES)]


async def test_after_a_failure_nothing_is_taken_and_nobody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = await opened(tmp_path)

    def full(_journal: Journal, _now_s: float, _checkpoint: object = None) -> bool:
        raise StoreError("full")

    monkeypatch.setattr("glowtool.store.journal.journal.Journal.sync", full)
    monkeypatch.setattr(recorder_module, "PENDING_MAX", 1)
    writing = asyncio.create_task(recorder.write_loop())
    async with asyncio.timeout(5):
        with pytest.raises(StoreError, match="full"):
            await asyncio.gather(writing, recorder.take(arrivals(recorder, 0)))
        for number in range(1, 20):
            await recorder.take(arrivals(recorder, number))
    await recorder.close()
    recorder.release()


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (ConnectionLostError("x"), Ending.LINK_LOST),
        (LinkError("x"), Ending.LINK_LOST),
        (CommandRefusedError("x"), Ending.REFUSED),
        (SafetyError("x"), Ending.REFUSED),
        (NotPairedError("x"), Ending.REFUSED),
        (StoreError("x"), Ending.CRASHED),
        (GlowtoolError("x"), Ending.CRASHED),
    ],
)
def test_every_error_has_its_ending(error: GlowtoolError, ending: Ending) -> None:
    assert ending_for(error) is ending


@pytest.mark.parametrize(
    ("ending", "stops_asked", "problem"),
    [
        (Ending.COMPLETED, 0, None),
        (Ending.COMPLETED, 1, None),
        (Ending.STOPPED, 1, InterruptedSessionError),
        (Ending.STOPPED, 0, None),
        (Ending.LINK_LOST, 0, ConnectionLostError),
        (Ending.INTERLOCK, 0, SafetyError),
    ],
)
def test_a_shell_hears_of_what_went_wrong_and_of_nothing_else(
    ending: Ending, stops_asked: int, problem: type[GlowtoolError] | None
) -> None:
    massage = Massage((1000,), ending=ending, reason="why", stops_asked=stops_asked)
    for known in Standstill:
        found = problem_of(massage, None, known)
        assert type(found) is (problem or type(None))
        assert found is None or str(known) in str(found), "what became of the outputs is said"
        if problem is ConnectionLostError:
            assert found is not None
            assert found.advice == "bring the roller near and run again"
            assert str(found) == f"{known}. Why. The log is kept; {found.advice}"
        cause = StoreError("the cause")
        assert problem_of(massage, cause, known) is cause
        assert str(cause) == f"{known}. The cause"
