"""What a roller's button starts is allowed to whoever uses it, or cleared by the next command of any kind."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from glowtool import app
from glowtool.app.news import ButtonCleared
from glowtool.app.people.who import today
from glowtool.app.place import Place
from glowtool.safety.screening import Flag, Reply
from glowtool.store.people import sealing
from glowtool.store.people.people import People
from glowtool.store.routines.load import load_routine
from support.host.virtual_time import in_virtual_time
from support.people import screened
from support.stack.full_stack import known_roller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from glowtool.app.news import ErrandNews

SEED = 11
PASSPHRASE = "four words are enough"  # noqa: S105 - of a test


@in_virtual_time
async def _pair(folder: Path) -> None:
    async with known_roller(folder, SEED):
        pass


@in_virtual_time
async def _store(place: Place) -> None:
    await app.button.store(place, app.finding.known_roller(place), load_routine("first-glow"))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a paired roller, and the routine of somebody who was screened at its button."""
    folder = tmp_path_factory.mktemp("stored") / "data"
    folder.mkdir()
    _pair(folder)
    screened(folder, "Ann")
    _store(Place("sim", folder))
    return folder


@pytest.fixture
def data(stored: Path, tmp_path: Path) -> Path:
    shutil.copytree(stored, tmp_path / "data")
    return tmp_path / "data"


def _blocked(data: Path) -> None:
    people = People(data)
    people.change(people.find("Ann"), lambda profile: profile.answering({Flag.IMPLANT: Reply.YES}, today()))


def _erased(data: Path) -> None:
    assert app.erasing.erase(Place("sim", data), People(data).find("Ann")).left == ()


def _another(data: Path) -> None:
    People(data).use(screened(data, "Ben", implant=Reply.YES))


def _one_of_two(data: Path) -> None:
    """Nobody says which of the two holds the roller."""
    path = People(data).path
    screened(data, "Ben", implant=Reply.YES)
    assert '"in_use": null' in path.read_text("utf-8")


def _sealed(data: Path) -> None:
    People(data).seal(People(data).find("Ann"), PASSPHRASE)


COMMANDS: dict[str, Callable[..., Awaitable[object]]] = {
    "info": app.asking.ask,
    "logs fetch": app.fetching.fetch,
    "tare": app.taring.tare,
    "rearm": app.rearming.rearm,
    "button show": app.button.stored,
}


@in_virtual_time
async def _visit(data: Path, command: Callable[..., Awaitable[object]], place: Place | None = None) -> list[ErrandNews]:
    heard, here = list["ErrandNews"](), place or Place("sim", data)
    await command(here, app.finding.known_roller(here), heard.append)
    return heard


def _cleared(heard: list[ErrandNews]) -> list[ButtonCleared]:
    return [news for news in heard if isinstance(news, ButtonCleared)]


@pytest.mark.parametrize("change", [_blocked, _erased, _another, _one_of_two])
def test_after_a_change_the_next_command_clears_what_is_not_allowed_any_more(
    data: Path, change: Callable[[Path], None]
) -> None:
    assert not _cleared(_visit(data, app.asking.ask)), "so far it is allowed"
    change(data)
    (told,) = _cleared(_visit(data, app.asking.ask))
    assert (told.title, told.current, told.error) == ("First glow", True, None)
    assert not _cleared(_visit(data, app.asking.ask)), "it is gone"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_command_that_opens_the_roller_clears_it(data: Path, command: Callable[..., Awaitable[object]]) -> None:
    _blocked(data)
    assert _cleared(_visit(data, command))
    assert not _cleared(_visit(data, app.asking.ask)), "it is gone"


def test_what_an_encrypted_profile_allows_is_not_known_so_it_is_cleared_without_the_passphrase(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "COST_LOG2", 10)
    _sealed(data)
    for said, clears in ((lambda _: PASSPHRASE, False), (lambda _: "something else", True)):
        monkeypatch.setattr(sealing, "_OPENED", {})
        heard = _cleared(_visit(data, app.asking.ask, Place("sim", data, unasked=said)))
        assert [told.closed for told in heard] == [True] * clears


def test_an_emergency_stop_that_hinders_the_clearing_does_not_hinder_its_own_end(data: Path) -> None:
    @in_virtual_time
    async def latch() -> None:
        place = Place("sim", data)
        async with app.opening.opened(place, app.finding.known_roller(place), "tare") as roller:
            await roller.emergency_stop()

    latch()
    _blocked(data)
    hindered, cleared = _cleared(_visit(data, app.rearming.rearm))
    assert "emergency stop" in str(hindered.error)
    assert cleared.error is None
