"""A free recording keeps every reading, ends and resumes in order, and has no way to give an output."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowtool.analysis.log import analyse_log
from glowtool.errors import ConnectionLostError, InterruptedSessionError, StoreError
from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.protocol.commands.opcode import Opcode
from glowtool.session.listening.plan import Closing, Opened
from glowtool.session.listening.recording import FreeRecording
from glowtool.session.listening.source import Source
from glowtool.session.news import Lost, Restored
from glowtool.store.journal.journal import Journal
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.state import LogState
from glowtool.stream.live.meter import MeterReading
from support.host.masseur import folders
from support.host.telling import MEASURING, Heard, Teller, listening_plan
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_listened_to_has_no_word_for_an_output() -> None:
    words = {"admit", "upload", "start", "resume", "pause", "skip", "extend", "trim", "keep_alive", "signal", "tare"}
    assert not words & set(dir(Source))


@in_virtual_time
async def test_a_recording_of_some_seconds_is_kept_whole_and_says_that_there_was_no_routine(tmp_path: Path) -> None:
    roller, heard = Teller(), Heard()
    result = await FreeRecording(listening_plan(roller, tmp_path, 3.0)).run(heard.publish)
    assert (result.ending, result.problem, result.confirmed) == (Ending.COMPLETED, None, True)
    assert set(roller.opcodes) <= MEASURING
    assert result.path is not None
    log = SessionLog.open(result.path)
    assert log.manifest.is_free
    assert (log.manifest.state, log.manifest.steps) == (LogState.FINISHED, ())
    assert len(log.samples("sample")["sample"]) == 10 * result.counters.received
    assert result.counters.received == result.counters.sent == pytest.approx(3.0 / 0.05, abs=2)
    assert analyse_log(log).to_json()["routine"] == {"name": "no routine", "title": "no routine"}
    assert len(heard.of(MeterReading)) == pytest.approx(30, abs=2)
    assert [type(heard.news[0]), type(heard.of(Closing)[0])] == [Opened, Closing]


@in_virtual_time
async def test_a_meter_keeps_nothing(tmp_path: Path) -> None:
    roller, heard = Teller(), Heard()
    result = await FreeRecording(listening_plan(roller, None, 1.0)).run(heard.publish)
    assert (result.path, result.session_id, folders(tmp_path)) == (None, None, [])
    assert len(heard.of(MeterReading)) == pytest.approx(10, abs=2)
    assert set(roller.opcodes) <= MEASURING


@in_virtual_time
@pytest.mark.parametrize("duration_s", [None, 60.0])
async def test_a_stop_ends_in_order_and_is_a_problem_only_before_the_time(
    tmp_path: Path, duration_s: float | None
) -> None:
    recording = FreeRecording(listening_plan(Teller(), tmp_path, duration_s))
    running = asyncio.create_task(recording.run())
    await asyncio.sleep(2)
    recording.request_stop()
    result = await running
    assert result.ending is Ending.STOPPED
    assert isinstance(result.problem, InterruptedSessionError) is (duration_s is not None)
    assert result.path is not None
    assert SessionLog.open(result.path).manifest.state is LogState.FINISHED


@in_virtual_time
async def test_it_goes_on_after_a_loss_and_the_gap_is_in_the_log(tmp_path: Path) -> None:
    roller, heard = Teller(), Heard()
    recording = FreeRecording(listening_plan(roller, tmp_path, 8.0))
    running = asyncio.create_task(recording.run(heard.publish))
    await asyncio.sleep(2)
    roller.deaf_for = 1
    roller.lose()
    result = await running
    assert (result.ending, result.losses, result.problem) == (Ending.COMPLETED, 1, None)
    assert [len(heard.of(Lost)), len(heard.of(Restored))] == [1, 1]
    assert result.path is not None
    log = SessionLog.open(result.path)
    changes = [event.data["change"] for event in log.events() if event.kind is EventKind.LINK]
    assert changes == ["lost", "restored"]
    assert set(roller.opcodes) <= MEASURING
    assert roller.opcodes.count(Opcode.TELEMETRY_START) == 2


@in_virtual_time
async def test_a_roller_that_does_not_come_back_ends_it_and_a_stop_meanwhile_is_at_once(tmp_path: Path) -> None:
    for stop in (False, True):
        roller = Teller()
        recording = FreeRecording(listening_plan(roller, tmp_path))
        running = asyncio.create_task(recording.run())
        await asyncio.sleep(2)
        roller.deaf_for = 1000
        roller.lose()
        if stop:
            await asyncio.sleep(1.5)
            recording.request_stop()
            async with asyncio.timeout(4):
                result = await running
            assert (result.ending, result.problem) == (Ending.STOPPED, None)
        else:
            result = await running
            assert result.ending is Ending.LINK_LOST
            assert isinstance(result.problem, ConnectionLostError)
        assert result.counters.unsettled
        assert result.path is not None
        assert SessionLog.open(result.path).manifest.state is LogState.FINISHED


@in_virtual_time
async def test_a_stop_before_any_reading_keeps_nothing_and_a_second_one_leaves_at_once(tmp_path: Path) -> None:
    recording = FreeRecording(listening_plan(Teller(), tmp_path))
    recording.request_stop()
    with pytest.raises(InterruptedSessionError, match="before the recording began"):
        await recording.run()
    assert folders(tmp_path) == []

    roller = Teller()
    recording = FreeRecording(listening_plan(roller, tmp_path))
    running = asyncio.create_task(recording.run())
    await asyncio.sleep(2)
    roller.silent.add(Opcode.TELEMETRY_STOP)
    recording.request_stop()
    recording.request_stop()
    with pytest.raises(InterruptedSessionError, match="left at once"):
        await running
    (folder,) = folders(tmp_path)
    left = SessionLog.open(folder).manifest
    assert (left.is_free, left.state) == (True, LogState.RECORDING)


@in_virtual_time
async def test_a_full_disk_ends_it_and_what_was_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = FreeRecording(listening_plan(Teller(), tmp_path))
    running = asyncio.create_task(recording.run())
    await asyncio.sleep(2)

    def full(*_: object) -> bool:
        raise StoreError("no space is left")

    monkeypatch.setattr(Journal, "sync", full)
    with pytest.raises(StoreError, match="no space"):
        await running
    (folder,) = folders(tmp_path)
    assert len(SessionLog.open(folder).samples("sample")["sample"]) > 100


@in_virtual_time
async def test_a_face_that_fails_ends_it_and_the_log_is_whole(tmp_path: Path) -> None:
    def publish(news: object) -> None:
        if isinstance(news, MeterReading):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await FreeRecording(listening_plan(Teller(), tmp_path)).run(publish)
    (folder,) = folders(tmp_path)
    assert SessionLog.open(folder).manifest.state is LogState.FINISHED
