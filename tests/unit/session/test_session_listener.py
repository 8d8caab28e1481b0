"""A listener that fails brings outputs to zero, the log is finished, and its error comes out unchanged."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import StoreError
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.decide.standstill import Standstill
from glowtool.session.do.runner import Session
from glowtool.session.news import Began, Ends, Lost, OutputsZero, Restored, Resuming, StepBegan
from glowtool.store.journal.journal import Journal
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.state import LogState
from glowtool.stream.live.meter import MeterReading
from support.host.masseur import Masseur, folders, plan
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.session.news import MassageNews


class FaceError(Exception):
    """What a face raises."""


@dataclass
class Failing:
    """Hears news, and fails once: when `fails` says so."""

    fails: Callable[[MassageNews, int], bool]
    heard: int = 0
    failed_at: MassageNews | None = None
    later: tuple[MassageNews, ...] = ()

    def publish(self, news: MassageNews) -> None:
        self.heard += 1
        if self.failed_at is not None:
            self.later = (*self.later, news)
        elif self.fails(news, self.heard):
            self.failed_at = news
            raise FaceError(type(news).__name__)


def at(number: int) -> Failing:
    return Failing(lambda _news, heard: heard == number)


def on(kind: type) -> Failing:
    return Failing(lambda news, _heard: isinstance(news, kind))


def loses_once(roller: Masseur) -> Callable[[MassageNews], None]:
    """Return what loses the connection soon after the first step began."""

    def lose() -> None:
        roller.clients[-1].subscriptions.clear()
        roller.change(
            state=State.PAUSED,
            step_elapsed_ms=300,
            massage_elapsed_ms=300,
            amplitude_permille=0,
            interlocks=Interlock.LINK_LOSS,
            device_time_us=roller.status.device_time_us + 300_000,
        )
        roller.lose()

    losses = [lose]

    def heard(news: MassageNews) -> None:
        if isinstance(news, StepBegan) and news.index == 0 and losses:
            asyncio.get_running_loop().call_later(0.3, losses.pop())

    return heard


async def massage(logs: Path, failing: Failing, *, lost: bool = False) -> tuple[Masseur, FaceError | None]:
    """Return the roller after a massage with this listener, and the error that came out of it."""
    roller = Masseur().perform(to_the_end=not lost)
    planned = replace(plan(roller, logs), on_loss=OnLoss.RESUME if lost else OnLoss.STOP)
    lose = loses_once(roller)

    def publish(news: MassageNews) -> None:
        if lost:
            lose(news)
        failing.publish(news)

    try:
        async with asyncio.timeout(300):
            await Session(planned).run(publish)
    except FaceError as error:
        return roller, error
    return roller, None


def ends_in_order(roller: Masseur, error: FaceError, failing: Failing, logs: Path) -> None:
    """Check that the roller stands, that its log is finished or there was no massage, and what was raised."""
    assert error.args == (type(failing.failed_at).__name__,)
    assert error.__notes__ == [Standstill.CONFIRMED]
    assert not roller.outputs_asked
    assert not any(client.is_connected for client in roller.clients)
    if Opcode.START in roller.opcodes:
        after = roller.opcodes[len(roller.opcodes) - roller.opcodes[::-1].index(Opcode.START) :]
        assert Opcode.STOP in after
    for folder in folders(logs):
        manifest = SessionLog.open(folder).manifest
        assert manifest.state is LogState.FINISHED
        assert manifest.ending is not None
    assert len(folders(logs)) <= 1


def test_whichever_news_it_fails_at_the_massage_ends_in_order(tmp_path: Path) -> None:
    kinds: set[type] = set()
    for number in itertools.count(1):
        logs = tmp_path / str(number)
        failing = at(number)
        roller, error = in_virtual_time(massage)(logs, failing)
        if error is None:
            break
        ends_in_order(roller, error, failing, logs)
        kinds.add(type(failing.failed_at))
        assert any(isinstance(news, OutputsZero) for news in (failing.failed_at, *failing.later)), "it is told the end"
    assert {Began, Event, StepBegan, MeterReading, Ends, OutputsZero} < kinds


@pytest.mark.parametrize("kind", [Lost, Restored, Resuming])
@in_virtual_time
async def test_at_news_of_the_connection_too(tmp_path: Path, kind: type) -> None:
    failing = on(kind)
    roller, error = await massage(tmp_path, failing, lost=True)
    assert error is not None
    ends_in_order(roller, error, failing, tmp_path)


@in_virtual_time
async def test_the_log_says_that_it_ended_by_a_defect_and_not_when_it_had_ended_before(tmp_path: Path) -> None:
    for number, (fails, ending) in enumerate(((StepBegan, Ending.CRASHED), (OutputsZero, Ending.COMPLETED))):
        logs = tmp_path / str(number)
        _, error = await massage(logs, on(fails))
        assert error is not None
        (folder,) = folders(logs)
        log = SessionLog.open(folder)
        assert log.manifest.ending is ending
        (stop,) = (event for event in log.events() if event.kind is EventKind.STOP)
        assert stop.data["ending"] == ending.value


@in_virtual_time
async def test_before_the_massage_began_nothing_is_started_and_no_log_is_kept(tmp_path: Path) -> None:
    roller, error = await massage(tmp_path, on(Began))
    assert error is not None
    assert error.__notes__ == [Standstill.CONFIRMED]
    assert Opcode.START not in roller.opcodes
    assert folders(tmp_path) == []


@in_virtual_time
async def test_an_error_of_the_disk_meanwhile_does_not_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = on(StepBegan)
    sync = Journal.sync

    def full(journal: Journal, *facts: object) -> bool:
        if failing.failed_at is not None:
            raise StoreError("no space left on device")
        return sync(journal, *facts)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(Journal, "sync", full)
    roller, error = await massage(tmp_path, failing)
    assert error is not None
    known, disk = error.__notes__
    assert known == Standstill.CONFIRMED
    assert "o space left on device" in disk
    assert not roller.outputs_asked


@in_virtual_time
async def test_a_failure_on_the_way_to_a_stop_that_was_asked_for_stops_once(tmp_path: Path) -> None:
    roller = Masseur().perform(to_the_end=False)
    session = Session(plan(roller, tmp_path))

    def publish(news: MassageNews) -> None:
        if isinstance(news, StepBegan) and news.index == 0:
            asyncio.get_running_loop().call_later(0.1, session.request_stop)  # as a signal handler does
        if isinstance(news, Ends):
            raise FaceError("Ends")

    with pytest.raises(FaceError, match=r"^Ends\b"):
        await session.run(publish)
    assert not roller.outputs_asked
    (folder,) = folders(tmp_path)
    assert SessionLog.open(folder).manifest.ending is Ending.STOPPED


@in_virtual_time
async def test_a_terminal_that_closes_ends_it_as_a_person_does_and_the_signal_that_follows_cuts_no_log_off(
    tmp_path: Path,
) -> None:
    roller = Masseur().perform(to_the_end=False)
    session = Session(plan(roller, tmp_path))
    heard: list[MassageNews] = []

    def publish(news: MassageNews) -> None:
        heard.append(news)
        if isinstance(news, StepBegan) and news.index == 0:
            asyncio.get_running_loop().call_soon(session.request_stop)  # SIGHUP, once the terminal could not be written
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError) as raised:
        await session.run(publish)
    assert raised.value.__notes__ == [Standstill.CONFIRMED]
    assert not roller.outputs_asked
    assert any(isinstance(news, OutputsZero) for news in heard)
    (folder,) = folders(tmp_path)
    manifest = SessionLog.open(folder).manifest
    assert (manifest.state, manifest.ending) == (LogState.FINISHED, Ending.STOPPED)
