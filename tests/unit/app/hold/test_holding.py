"""A command that holds a roller can be stopped from elsewhere, once, and everyone who asked is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from glowtool.app.hold.control import Stopped, ask_to_stop
from glowtool.app.hold.holding import holding
from glowtool.app.place import Place
from glowtool.cli.options import Options
from glowtool.cli.signals import stoppable
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.device.identity import Identity
from glowtool.errors import InterruptedSessionError, InUseError
from glowtool.store.rollers.in_use import Holder, holder_of
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import FILE_NAME, DeviceRegistry
from support.logs.full_disk import full_disk

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

pytestmark = pytest.mark.skipif(not hasattr(asyncio, "start_unix_server"), reason="there are no such sockets here")

ADDRESS = "F0:F1:00:00:00:01"
DESK = KnownRoller.model_validate(
    {"address": ADDRESS, "name": "GR-1 4F2A", "alias": "Desk", "last_seen_utc": "2026-11-22T12:30:00Z"}
)
SAID = Identity("a maker", "GR-1", "GR1000004F2A", "rev B", "1.3.0")


@pytest.fixture
def place() -> Iterator[Place]:
    with TemporaryDirectory() as folder:
        yield Place(data_dir=Path(folder))


def holder(place: Place) -> Holder:
    found = holder_of(place.root, ADDRESS)
    assert found is not None
    assert found.control is not None
    return found


async def ask(place: Place) -> Stopped:
    control = holder(place).control
    assert control is not None
    return await ask_to_stop(control, 5)


async def test_a_command_is_cancelled_as_by_ctrl_c_and_its_end_is_the_answer(place: Place) -> None:
    held_up = asyncio.Event()

    async def work() -> None:
        async with holding(place, ADDRESS, "info"):
            held_up.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        command = group.create_task(interrupted(work()))
        await held_up.wait()
        assert await ask(place) == Stopped(confirmed=False, stop_ms=None)
        await command
    assert holder_of(place.root, ADDRESS) is None


async def test_what_a_program_does_without_a_terminal_is_stopped_likewise(place: Place) -> None:
    held_up = asyncio.Event()

    async def work() -> None:
        async with holding(place, ADDRESS, "a program"):
            held_up.set()
            await asyncio.Event().wait()

    async def program() -> None:
        with pytest.raises(InterruptedSessionError):
            await work()

    async with asyncio.TaskGroup() as group:
        group.create_task(program())
        await held_up.wait()
        assert await ask(place) == Stopped(confirmed=False, stop_ms=None)


async def interrupted(work: Coroutine[object, object, None]) -> None:
    with pytest.raises(InterruptedSessionError):
        await stoppable(work)


async def test_however_many_ask_the_massage_is_stopped_once_and_each_hears_when_it_is_zero(place: Place) -> None:
    stops: list[str] = []
    asked, finish = asyncio.Event(), asyncio.Event()

    def request_stop() -> None:
        stops.append("once")
        asked.set()

    async def massage() -> None:
        async with holding(place, ADDRESS, "run") as held:
            with held.stopping_by(request_stop):
                begun.set()
                await asked.wait()
                held.zero(41.5)
                await finish.wait()
            held.zero(99.0, confirmed=False)

    begun = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        command = group.create_task(stoppable(massage()))
        await begun.wait()
        answers = await asyncio.gather(*(ask(place) for _ in range(3)))
        assert not command.done(), "the answer does not wait for the log to be finished"
        finish.set()
    assert stops == ["once"]
    assert answers == [Stopped(confirmed=True, stop_ms=41.5)] * 3


async def test_a_stop_that_is_asked_to_stop_goes_on_and_answers_for_both(place: Place) -> None:
    begun, asked = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        async with holding(place, ADDRESS, "stop", stoppable=False) as held:
            begun.set()
            while not held.asked:  # noqa: ASYNC110 - it is a fact to look at, and nothing else waits for it
                await asyncio.sleep(0)
            asked.set()
            held.zero(12.0)
            return "done"

    async with asyncio.TaskGroup() as group:
        command = group.create_task(stoppable(work()))
        await begun.wait()
        second = group.create_task(ask(place))
        await asked.wait()
    assert command.result() == "done"
    assert second.result() == Stopped(confirmed=True, stop_ms=12.0)


async def test_the_second_is_refused_by_the_name_that_its_owner_gave_the_roller(place: Place) -> None:
    DeviceRegistry(place.root).remember(DESK)
    async with holding(place, ADDRESS, "run"):
        with pytest.raises(InUseError, match="Desk is in use by run, process"):
            async with holding(place, ADDRESS, "info"):
                pass
        assert holder(place).command == "run"


async def test_what_a_roller_said_is_noted_and_a_full_disk_stops_nothing(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = DeviceRegistry(place.root)
    registry.remember(DESK)
    async with holding(place, ADDRESS, "info", shown_by(Printer(Options()))) as held:
        held.seen(SAID, 64)
        assert registry.find().model_dump(include={"model", "serial", "firmware", "battery_percent"}) == {
            "model": "GR-1",
            "serial": "GR1000004F2A",
            "firmware": "1.3.0",
            "battery_percent": 64,
        }
        with monkeypatch.context() as full:
            full.setattr(Path, "replace", full_disk)
            held.seen(SAID, 50)
    assert registry.find().battery_percent == 64
    assert "the time when the roller was seen could not be noted: cannot write" in capsys.readouterr().err
    assert [path.name for path in place.root.glob(f".{FILE_NAME}*")] == []
