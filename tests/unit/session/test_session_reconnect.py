"""After a lost connection the session reconnects, asks, goes on or stops, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakGATTProtocolErrorCode

from glowtool.analysis.log import analyse_log
from glowtool.cli.live.link_news import link_sentence
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.errors import ConnectionLostError, InterruptedSessionError, NotPairedError
from glowtool.model.ending import Ending
from glowtool.model.event import EventKind
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import unpack_program
from glowtool.protocol.vocabulary import Result
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.news import Asked, Lost, Replied, Restored, Resuming
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.state import LogState
from support.host.losing_client import LONG, Losing, after_loss, finish_when_resumed, session_on
from support.host.masseur import folders
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.model.event import Event
    from glowtool.protocol.commands.codec import Request
    from glowtool.session.decide.questions import Question
    from glowtool.session.news import LinkNews


@in_virtual_time
async def test_resuming_uploads_what_is_left_and_starts_it_after_a_stop(tmp_path: Path) -> None:
    roller = Losing()
    finish_when_resumed(roller)
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    result = await session.run(watcher.publish)
    assert (result.ending, result.problem, result.losses) == (Ending.COMPLETED, None, 1)
    assert unpack_program(roller.uploaded) == Program((replace(LONG[0], duration_s=3.0), LONG[1]))
    commands = after_loss(roller)
    assert commands[0] is Opcode.STOP
    assert commands[: commands.index(Opcode.START)].count(Opcode.DIAGNOSTICS) == 1
    assert [type(news) for news in watcher.link] == [Lost, Restored, Resuming]
    assert [span.index for span in result.steps] == [0, 0, 1]
    books = result.counters
    assert (books.sent, books.received, books.unsettled) == (4, 4, 0)
    assert SessionLog.open(result.path).manifest.state is LogState.FINISHED


@in_virtual_time
async def test_a_person_who_says_yes_goes_on_and_one_who_says_no_does_not(tmp_path: Path) -> None:
    asked: list[Question] = []
    for yes in (True, False):
        roller = Losing()
        finish_when_resumed(roller)

        async def ask(question: Question, *, yes: bool = yes) -> bool:
            asked.append(question)
            await asyncio.sleep(5)
            return yes

        session, watcher = session_on(roller, tmp_path, OnLoss.ASK, ask)
        result = await session.run(watcher.publish)
        assert result.ending is (Ending.COMPLETED if yes else Ending.LINK_LOST)
        assert result.confirmed
        assert roller.opcodes.count(Opcode.START) == 1 + yes
        assert not roller.outputs_asked
        assert Replied(yes) in watcher.link
    assert (asked[0].step, asked[0].step_left_s, asked[0].massage_left_s) == (0, 3.0, 8.0)


@in_virtual_time
async def test_nobody_who_answers_is_waited_for_two_minutes_and_the_question_is_withdrawn(tmp_path: Path) -> None:
    withdrawn: list[bool] = []

    async def ask(_question: Question) -> bool:
        try:
            await asyncio.Event().wait()
        finally:
            withdrawn.append(True)
        return True

    roller, clock = Losing(), asyncio.get_running_loop().time
    session, watcher = session_on(roller, tmp_path, OnLoss.ASK, ask)
    began_s = clock()
    result = await session.run(watcher.publish)
    assert 119 < clock() - began_s < 125
    assert (result.ending, result.confirmed, withdrawn) == (Ending.LINK_LOST, True, [True])
    assert "nobody answered" in str(result.problem)


@in_virtual_time
async def test_where_nobody_can_be_asked_asking_is_stopping(tmp_path: Path) -> None:
    roller = Losing()
    session, watcher = session_on(roller, tmp_path, OnLoss.ASK)
    result = await session.run(watcher.publish)
    assert (result.ending, result.confirmed) == (Ending.LINK_LOST, True)
    assert isinstance(result.problem, ConnectionLostError)
    assert "outputs are zero" in str(result.problem)


@in_virtual_time
async def test_every_attempt_is_told_and_the_budget_holds(tmp_path: Path) -> None:
    roller, clock = Losing(), asyncio.get_running_loop().time
    roller.deaf_for = 99
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    began_s = clock()
    result = await session.run(watcher.publish)
    assert clock() - began_s < 65
    attempts = [news for news in watcher.link if isinstance(news, FailedAttempt)]
    assert [attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1))
    assert attempts[-1].pause_s is None
    assert (result.ending, result.confirmed) == (Ending.LINK_LOST, False)
    assert "not heard" in result.reason
    assert "stops by itself" in str(result.problem)
    assert result.counters.unsettled == 1


@in_virtual_time
async def test_a_roller_that_is_back_after_some_attempts_is_gone_on_with(tmp_path: Path) -> None:
    roller = Losing()
    roller.deaf_for = 3
    finish_when_resumed(roller)
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    result = await session.run(watcher.publish)
    assert result.ending is Ending.COMPLETED
    assert [type(news) for news in watcher.link].count(FailedAttempt) == 3
    told = [link_sentence(news).strip() for news in watcher.link if isinstance(news, FailedAttempt | NextAttempt)]
    assert [sentence.partition(": ")[0] for sentence in told[::2]] == [f"attempt {n} of 8 failed" for n in (1, 2, 3)]
    assert [sentence.partition(": ")[0] for sentence in told[1::2]] == [f"attempt {n} of 8" for n in (2, 3, 4)]


@in_virtual_time
async def test_a_roller_that_was_stopped_meanwhile_is_not_started(tmp_path: Path) -> None:
    roller = Losing()
    roller.state_after = State.READY
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    result = await session.run(watcher.publish)
    assert result.ending is Ending.LINK_LOST
    assert roller.opcodes.count(Opcode.START) == 1


@in_virtual_time
async def test_a_bond_that_is_gone_when_the_roller_is_back_is_said(tmp_path: Path) -> None:
    roller = Losing()
    lose = roller.lose

    def lose_and_forget() -> None:
        lose()
        roller.att_error = BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION

    roller.lose = lose_and_forget  # type: ignore[method-assign]  # the roller loses its bonds as well
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    result = await session.run(watcher.publish)
    assert result.ending is Ending.LINK_LOST
    assert isinstance(result.problem, NotPairedError)
    assert SessionLog.open(result.path).manifest.state is LogState.FINISHED


@in_virtual_time
async def test_an_older_roller_leaves_the_number_of_frames_unknown(tmp_path: Path) -> None:
    roller = Losing(refused={Opcode.DIAGNOSTICS: Result.UNKNOWN_OPCODE})
    finish_when_resumed(roller)
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    result = await session.run(watcher.publish)
    assert result.ending is Ending.COMPLETED
    assert result.counters.unsettled == 1


@pytest.mark.parametrize("when", [Lost, FailedAttempt, Restored, Asked])
@pytest.mark.parametrize("times", [1, 2])
@in_virtual_time
async def test_a_stop_at_any_point_of_a_loss_ends_it_at_once(tmp_path: Path, when: type[LinkNews], times: int) -> None:
    async def ask(_question: Question) -> bool:
        await asyncio.Event().wait()
        return True

    roller, clock = Losing(), asyncio.get_running_loop().time
    roller.deaf_for = 2
    session, watcher = session_on(roller, tmp_path, OnLoss.ASK, ask)
    asked_s: list[float] = []

    def stop(*_: object) -> None:
        if not asked_s and watcher.link and isinstance(watcher.link[-1], when):
            asked_s.append(clock())
            for _time in range(times):
                session.request_stop()

    def link(_news: LinkNews) -> None:
        if when is Restored:
            stop()
        else:
            asyncio.get_running_loop().call_later(0.2, stop)

    watcher.on_link = link
    if times == 2:
        with pytest.raises(InterruptedSessionError, match="left at once"):
            await session.run(watcher.publish)
        assert clock() - asked_s[0] < 3
        return
    result = await session.run(watcher.publish)
    assert clock() - asked_s[0] < 6
    assert result.ending is Ending.LINK_LOST
    assert isinstance(result.problem, InterruptedSessionError)
    assert roller.opcodes.count(Opcode.START) == 1
    assert not any(client.is_connected for client in roller.clients)
    assert SessionLog.open(result.path).manifest.state is LogState.FINISHED


@in_virtual_time
async def test_a_cancelled_session_in_mid_reconnection_leaves_a_finished_log_and_no_connection(tmp_path: Path) -> None:
    roller = Losing()
    roller.deaf_for = 99
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    running = asyncio.create_task(session.run(watcher.publish))
    await asyncio.sleep(5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (folder,) = folders(tmp_path)
    assert SessionLog.open(folder).manifest.ending is Ending.STOPPED
    assert not any(client.is_connected for client in roller.clients)


@in_virtual_time
async def test_a_resumed_massage_that_is_cut_off_is_recovered_with_both_its_parts(tmp_path: Path) -> None:
    roller = Losing()
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    begin_loss = watcher.on_event
    starts = 0

    def leave_in_the_second_part(event: Event) -> None:
        nonlocal starts
        if begin_loss is not None:
            begin_loss(event)
        if event.kind is EventKind.STEP and event.data["index"] == 0:
            starts += 1
            if starts == 2:
                for _time in range(2):
                    asyncio.get_running_loop().call_later(0.6, session.request_stop)

    watcher.on_event = leave_in_the_second_part
    with pytest.raises(InterruptedSessionError, match="left at once"):
        await session.run(watcher.publish)
    (left,) = folders(tmp_path)
    folder = shutil.copytree(left, tmp_path / "later" / left.name)  # this process holds the one that it left
    manifest = recover(folder)
    assert (manifest.state, manifest.ending) == (LogState.RECOVERED, Ending.CRASHED)
    assert [span.index for span in manifest.steps] == [0, 0]
    books = manifest.counters
    assert (books.sent, books.received, books.unsettled) == (8, 8, 1), "of the second stream the end is not known"
    log = SessionLog.open(folder)
    samples = log.samples("sample", "step")
    assert len(samples["sample"]) == 80
    assert len(log.gaps()) == 1
    summary = analyse_log(log)
    assert summary.session.observed_s > 0
    assert any("not known" in remark for remark in summary.quality.remarks)


@pytest.mark.parametrize("number", range(1, 14))
@in_virtual_time
async def test_a_second_loss_at_any_request_hangs_nothing_and_the_books_add_up(tmp_path: Path, number: int) -> None:
    roller = Losing()
    finish_when_resumed(roller)
    perform, since_loss = roller.on_request, 0

    def lose_again(request: Request) -> None:
        nonlocal since_loss
        if perform is not None:
            perform(request)
        if len(roller.clients) == 2:
            since_loss += 1
            if since_loss == number:
                if request.opcode is Opcode.START:
                    asyncio.get_running_loop().call_soon(roller.lose_in_mid_step)
                else:
                    (roller.lose_in_mid_step if roller.outputs_asked else roller.lose)()

    roller.on_request = lose_again
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)
    async with asyncio.timeout(200):
        result = await session.run(watcher.publish)
    assert result.ending is Ending.COMPLETED, "what was left is known, though the first attempt has said STOP"
    books = result.counters
    assert books.received + books.lost + books.duplicate + books.late == books.sent
    assert books.received == 4
    assert not any(client.is_connected for client in roller.clients)


@in_virtual_time
async def test_a_stop_as_soon_as_it_goes_on_uploads_nothing_more(tmp_path: Path) -> None:
    roller = Losing()
    session, watcher = session_on(roller, tmp_path, OnLoss.RESUME)

    def link(news: LinkNews) -> None:
        if isinstance(news, Resuming):
            session.request_stop()

    watcher.on_link = link
    result = await session.run(watcher.publish)
    assert (result.ending, result.confirmed) == (Ending.STOPPED, True)
    commands = after_loss(roller)
    assert not {Opcode.PROGRAM_BEGIN, Opcode.START} & set(commands)
