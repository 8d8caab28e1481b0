"""Massages by the button that nobody fetched count before anything is started on their roller, and count once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool import app
from glowtool.app.ledger.clock import reading_now
from glowtool.app.news import Unfetched
from glowtool.app.place import Place
from glowtool.app.running import Wish
from glowtool.errors import SafetyError
from glowtool.safety.dose import NO_DOSE
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Recorded
from glowtool.store.routines.load import load_routine
from support.host.virtual_time import in_virtual_time
from support.people import screened
from support.processes.console import Host
from support.stack.by_button import pair_and_store, press_button

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.news import News
    from glowtool.routine import Routine


def _short(duration_s: float) -> Routine:
    routine = load_routine("first-glow-vibration")
    return routine.model_copy(update={"steps": (routine.steps[0].model_copy(update={"duration_s": duration_s}),)})


@in_virtual_time
async def _run(place: Place, duration_s: float) -> list[News]:
    heard = list["News"]()
    await app.running.run(place, app.finding.known_roller(place), Wish(_short(duration_s)), heard.append)
    return heard


@in_virtual_time
async def _info(place: Place) -> list[News]:
    heard = list["News"]()
    await app.asking.ask(place, app.finding.known_roller(place), heard.append)
    return heard


def _told(heard: list[News]) -> list[Unfetched]:
    return [news for news in heard if isinstance(news, Unfetched)]


def test_a_run_learns_of_them_and_counts_them_once_and_for_whoever_it_could_have_been(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair_and_store(tmp_path)
    screened(tmp_path, "Ann")
    ben = screened(tmp_path, "Ben")
    press_button(tmp_path)
    place = Place("sim", tmp_path, "Ann")
    (told,) = _told(_run(place, 2.0))
    assert (told.count, told.person) == (1, None)
    assert told.vibration_s == pytest.approx(4.0, abs=0.2)
    had = app.doses.dose_today(place, ben.id)
    assert had.vibration_s == told.vibration_s, "who runs the next massage need not be who pressed the button"
    assert not _told(_run(place, 2.0))
    assert "fetched" in Host(tmp_path).call_here(capsys, "logs", "fetch").out
    assert app.doses.dose_today(place, ben.id) == had, "fetched afterwards, it still counts once"


def test_what_the_button_gave_is_off_the_day_before_the_next_massage_begins(tmp_path: Path) -> None:
    pair_and_store(tmp_path)
    ann, place = screened(tmp_path, "Ann"), Place("sim", tmp_path)
    had = Recorded(massage="x", roller="another", dose=DoseEntry(vibration_s=2378.0), started_us=None, ended_us=None)
    Book(place.ledger_dir, ann.id).record(had, reading_now())
    press_button(tmp_path)
    with pytest.raises(SafetyError, match=r"with 39\.7 min of vibration today already"):
        _run(place, 20.0)


def test_a_visit_of_any_kind_learns_of_them(tmp_path: Path) -> None:
    pair_and_store(tmp_path)
    ann, place = screened(tmp_path, "Ann"), Place("sim", tmp_path)
    press_button(tmp_path)
    (told,) = _told(_info(place))
    assert told.person == "Ann"
    assert app.doses.dose_today(place, ann.id).vibration_s == told.vibration_s
    press_button(tmp_path)
    (told,) = _told(_info(place))
    assert told.count == 1, "the walk ends at the one that is known"


def test_one_that_was_learned_of_as_nobodys_becomes_that_of_who_fetches_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair_and_store(tmp_path)
    ann, ben = screened(tmp_path, "Ann"), screened(tmp_path, "Ben")
    press_button(tmp_path)
    place = Place("sim", tmp_path)
    assert [told.person for told in _told(_info(place))] == [None]
    assert Host(tmp_path).call_here(capsys, "logs", "fetch", "--person", "Ann").status == 0
    assert app.doses.dose_today(place, ben.id) == NO_DOSE
    assert app.doses.dose_today(place, ann.id).vibration_s == pytest.approx(4.0, abs=0.2)
