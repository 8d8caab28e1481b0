"""A person who said "pacemaker" cannot get current by any way: each is tried, and the electrode is looked at.

The same ways give current to somebody who said no to everything, so that a way that leads nowhere by itself is seen.
"""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.console.console import SHORT_PRESS_S
from glowsim.evidence.record import read_delivered
from glowsim.roller.button import press
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowtool import app
from glowtool.app import library
from glowtool.app.people.who import today
from glowtool.app.running import Wish
from glowtool.errors import GlowtoolError, SafetyError, ScreeningError
from glowtool.model.event import Event
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.status import Status
from glowtool.safety.limits import PersonalMax
from glowtool.safety.screening import Flag, Reply
from glowtool.session.decide.resumption import OnLoss
from glowtool.store.people.people import People
from glowtool.store.routines.load import load_routine
from support.host.virtual_time import in_virtual_time
from support.people import screened
from support.processes.console import Host, served
from support.processes.routine_file import routine_file
from support.stack.full_stack import known_roller
from support.stack.massage import step

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from glowtool.app.news import News
    from glowtool.app.place import Place
    from glowtool.routine import Routine

SEED = 11
ME = "Grandpa"

#: One step with current, at the electrode after its soft start.
WITH_CURRENT = Program((step(Zone.CHEEK_LEFT, 9000),))


@in_virtual_time
async def _pair(folder: Path) -> None:
    async with known_roller(folder, SEED):
        pass


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paired") / "data"
    folder.mkdir()
    _pair(folder)
    return folder


@pytest.fixture
def data(paired: Path, tmp_path: Path) -> Path:
    """A data folder with a paired roller, and nobody yet."""
    shutil.copytree(paired, tmp_path / "data")
    return tmp_path / "data"


def pacemaker(data: Path) -> Place:
    screened(data, ME, implant=Reply.YES)
    return app.place.Place("sim", data, ME)


def well(data: Path) -> Place:
    screened(data, ME)
    return app.place.Place("sim", data, ME)


def current_since(data: Path, before: int) -> float:
    """Return the greatest current through the skin, in µA, of all that the roller delivered since then."""
    delivered = read_delivered(data / "sim")[before:]
    return float(delivered["peak_ua"].max()) if len(delivered) else 0.0


def so_far(data: Path) -> int:
    return len(read_delivered(data / "sim")) if (data / "sim" / "delivered.bin").exists() else 0


def short() -> Routine:
    routine = load_routine("first-glow")
    (first, *_) = routine.steps
    return routine.model_copy(update={"steps": (first.model_copy(update={"duration_s": 9.0}),)})


async def run_it(place: Place, routine: Routine, personal: PersonalMax | None = None) -> None:
    with suppress(ScreeningError):
        await library.run(place, routine, personal=personal)


async def steered(place: Place, on_loss: OnLoss = OnLoss.RESUME) -> None:
    """Run it with a wish of one's own, as a bridge may."""
    with suppress(ScreeningError):
        await app.running.run(place, app.finding.known_roller(place), Wish(short(), on_loss, personal=PersonalMax()))


async def by_hand(place: Place, personal: PersonalMax | None = None) -> None:
    """Open the roller from a program, and give it a program of its own."""
    async with library.open_roller(place, personal=personal) as roller:
        with suppress(SafetyError):
            await roller.upload(WITH_CURRENT)
        beating = asyncio.ensure_future(roller.keep_alive())
        with suppress(SafetyError):
            await roller.start()
            await asyncio.sleep(8)
        beating.cancel()


async def by_the_button(place: Place) -> None:
    """Store it for the button, and press that where no host is."""
    with suppress(ScreeningError):
        await app.button.store(place, app.finding.known_roller(place), short())
    await pressed(place)


async def pressed(place: Place) -> None:
    async with VirtualRoller.open(Air(), place.root / "sim", Scenario(), seed=SEED) as roller:
        press(roller, SHORT_PRESS_S)
        await asyncio.sleep(12)


WAYS: dict[str, Callable[[Place], Awaitable[None]]] = {
    "glowtool.run": lambda place: run_it(place, short()),
    "glowtool.run with a maximum of one's own": lambda place: run_it(place, short(), PersonalMax()),
    "a wish of a bridge, resumed after losses": steered,
    "glowtool.open_roller": by_hand,
    "glowtool.open_roller with a maximum of one's own": lambda place: by_hand(place, PersonalMax()),
    "button store, then a press of the button": by_the_button,
}


@in_virtual_time
async def _go(way: Callable[[Place], Awaitable[object]], place: Place) -> None:
    await way(place)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_of_a_program_gives_current(data: Path, way: Callable[[Place], Awaitable[None]]) -> None:
    before, place = so_far(data), pacemaker(data)
    _go(way, place)
    assert current_since(data, before) == 0


@pytest.mark.parametrize("way", [WAYS[name] for name in ("glowtool.run", "glowtool.open_roller")])
def test_the_same_ways_give_current_to_who_was_screened(data: Path, way: Callable[[Place], Awaitable[None]]) -> None:
    before, place = so_far(data), well(data)
    _go(way, place)
    assert current_since(data, before) > 50


def test_the_button_gives_it_to_who_was_screened_and_is_cleared_once_the_pacemaker_is_there(data: Path) -> None:
    place, before = well(data), so_far(data)
    _go(by_the_button, place)
    assert current_since(data, before) > 50
    people = People(data)
    people.change(people.find(ME), lambda profile: profile.answering({Flag.IMPLANT: Reply.YES}, today()))

    before, heard = so_far(data), list["News"]()
    calm = short().model_copy(
        update={"steps": tuple(each.model_copy(update={"microcurrent": None}) for each in short().steps)}
    )
    people.change(
        people.find(ME),
        lambda profile: profile.answering({Flag.IMPLANT: Reply.AGREED}, today()),  # to vibration, as the list asks
    )
    _go(lambda there: app.running.run(there, app.finding.known_roller(there), Wish(calm), heard.append), place)
    (cleared,) = [news for news in heard if isinstance(news, app.news.ButtonCleared)]
    assert cleared.current
    _go(pressed, place)
    assert current_since(data, before) == 0
    assert [news for news in heard if isinstance(news, Status | Event)], "the massage itself did run"


@pytest.mark.parametrize(
    "words",
    [
        ("run", "first-glow"),
        ("run", "first-glow", "--yes"),
        ("run", "first-glow", "--json"),
        ("run", "first-glow", "--on-loss", "resume"),
        ("run", "short.toml"),
        ("button", "store", "first-glow", "--yes"),
        ("button", "store", "short.toml"),
        ("--person", ME, "run", "first-glow"),
        ("run", "first-glow", "--person", ME.upper()),
    ],
    ids=" ".join,
)
def test_no_command_sends_any_of_it_and_the_answer_is_named(
    data: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pacemaker(data)
    monkeypatch.chdir(data.parent)
    routine_file(data.parent, 3, current=True)
    said = Host(data, "bumble:none").call_here(capsys, *words)
    assert said.status == 17
    assert f"{ME} gets no " in said.err
    assert "pacemaker" in said.err


def test_not_who_else_is_in_use_but_who_is_named_counts(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pacemaker(data)
    people = People(data)
    people.use(screened(data, "Ann"))
    host = Host(data, "bumble:none")
    for words in (("run", "first-glow", "--person", ME), ("--person", ME, "button", "store", "first-glow")):
        assert host.call_here(capsys, *words).status == 17
    monkeypatch.setenv("GLOWTOOL_PERSON", ME)
    assert host.call_here(capsys, "run", "first-glow").status == 17
    assert host.call_here(capsys, "run", "first-glow", "--person", "Nobody").status == 3
    monkeypatch.delenv("GLOWTOOL_PERSON")
    assert host.call_here(capsys, "run", "first-glow").status != 17, "Ann is in use, and comes as far as the adapter"


SPOILED: dict[str, Callable[[Path], object]] = {
    "the profile is removed": lambda folder: next(folder.glob("?" * 16 + ".json")).unlink(),
    "the profile is cut": lambda folder: next(folder.glob("?" * 16 + ".json")).write_bytes(b'{"answers"'),
    "the list is removed": lambda folder: (folder / "people.json").unlink(),
    "the list is cut": lambda folder: (folder / "people.json").write_bytes(b"{"),
    "all of it is removed": shutil.rmtree,
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_no_missing_or_damaged_file_counts_as_an_answer(
    data: Path, spoil: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    well(data)
    spoil(data / "people")
    for words in (("run", "first-glow"), ("button", "store", "first-glow")):
        assert Host(data, "bumble:none").call_here(capsys, *words).status in {17, 18}
    before = so_far(data)
    for way in WAYS.values():
        with suppress(GlowtoolError):
            _go(way, app.place.Place("sim", data))
    assert current_since(data, before) == 0


def test_another_data_folder_knows_nobody(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    well(data)
    other = tmp_path / "other"
    shutil.copytree(data, other, ignore=shutil.ignore_patterns("people"))
    assert Host(other, "bumble:none").call_here(capsys, "run", "first-glow").status == 17


def test_answers_run_out(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known, people = screened(data, ME), People(data)
    old = today() - timedelta(days=90)
    people.change(known, lambda profile: profile.answering(dict.fromkeys(Flag, Reply.NO), old))
    said = Host(data, "bumble:none").call_here(capsys, "run", "first-glow")
    assert said.status == 17
    assert "older than 90 days" in said.err


@pytest.mark.long
def test_nor_does_a_second_roller(data: Path, tmp_path: Path) -> None:
    pacemaker(data)
    with served(tmp_path / "second") as roller:
        host = Host(data, roller.adapter)
        paired = host.call("pair", "--passkey", roller.passkey, "--json").document()
        for words in (("run", "first-glow"), ("button", "store", "first-glow"), ("info",), ("tare",)):
            said = host.call(*words, str(paired["address"]))
            assert said.status == (17 if "first-glow" in words else 0), said
    delivered = tmp_path / "second" / "delivered.bin"
    assert not delivered.exists() or float(read_delivered(tmp_path / "second")["peak_ua"].max(initial=0)) == 0


@pytest.mark.parametrize("flag", ["epilepsy", "pregnancy", "cancer", "under-18", "surgery", "thyroid", "care"])
def test_nor_do_other_answers_that_block_or_ask_first(data: Path, flag: str) -> None:
    people, known = People(data), screened(data, ME)
    people.change(known, lambda profile: profile.answering({Flag(flag): Reply.YES}, today()))
    with pytest.raises(ScreeningError, match=ME):
        _go(partial(library.run, routine=short()), app.place.Place("sim", data, ME))
