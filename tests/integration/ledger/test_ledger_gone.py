"""A ledger whose files are gone is not an empty one: the day on which there was a massage counts as spent."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from glowtool import app
from glowtool.app.ledger.auditing import audit
from glowtool.app.ledger.clock import reading_now
from glowtool.app.ledger.pseudonyms import pseudonyms_of
from glowtool.app.people.who import today
from glowtool.errors import LogDamagedError
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import Begun, DoseEntry
from glowtool.store.people.people import People
from support.people import screened
from support.processes.console import Host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _remove_books(folder: Path) -> None:
    for path in folder.glob("?" * 16 + ".*"):
        path.unlink()


GONE: dict[str, Callable[[Path], object]] = {
    "the book": _remove_books,
    "all of it": lambda folder: shutil.rmtree(folder, ignore_errors=True),
}


@pytest.mark.parametrize("take_away", GONE.values(), ids=GONE)
def test_a_ledger_that_is_gone_gives_no_second_dose(tmp_path: Path, take_away: Callable[[Path], object]) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    People(tmp_path).change(known, lambda profile: profile.massaged(today()))
    take_away(place.ledger_dir)
    with pytest.raises(LogDamagedError, match="is gone, though there was a massage today"):
        app.who.bounds_here(place)
    bounds = app.who.bounds_here(place)
    assert (bounds.day_current_s, bounds.day_vibration_s) == (0, 0)
    assert [each.why for each in app.proving.prove(place) if not each.whole], "and the proof goes on telling it"


def test_an_errand_neither_swallows_what_is_told_once_nor_counts_it_against_the_button(tmp_path: Path) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    People(tmp_path).change(known, lambda profile: profile.massaged(today()))
    bounds = app.who.bounds_at_hand(place)
    assert bounds is not None
    assert bounds.peak_ua > 0
    with pytest.raises(LogDamagedError):
        app.who.bounds_here(place)


def test_what_is_left_of_the_day_is_not_all_of_it_when_the_ledger_is_gone(tmp_path: Path) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    People(tmp_path).change(known, lambda profile: profile.massaged(today()))
    with pytest.raises(LogDamagedError, match="is gone, though there was a massage today"):
        app.circumstances.left_today(place)
    left = app.circumstances.left_today(place)
    assert (left.current_left_s, left.vibration_left_s) == (0, 0)


def test_a_spent_day_reads_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    People(tmp_path).change(known, lambda profile: profile.massaged(today()))
    with pytest.raises(LogDamagedError):
        app.who.bounds_here(place)
    said = Host(tmp_path, "bumble:none").call_here(capsys, "safety", "status")
    assert "microcurrent none, the day is spent, vibration none, the day is spent" in said.out


def test_who_had_none_today_needs_no_ledger(tmp_path: Path) -> None:
    screened(tmp_path)
    assert app.who.bounds_here(app.place.Place("sim", tmp_path)).day_current_s > 0


def test_the_proof_tells_of_a_book_that_is_gone_and_of_nobody_who_had_no_massage(tmp_path: Path) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    screened(tmp_path, "Bob")
    audit(place, AuditKind.STARTED, {"massage": "one"}, person=known.id)
    (told,) = [each for each in app.proving.prove(place) if not each.whole]
    assert (told.path, told.why) == (
        place.ledger_dir / f"{known.id}.sqlite",
        "it lacks massage one of Ann, though the audit tells of it",
    )
    pseudonyms_of(place).path.unlink()
    (told,) = [each for each in app.proving.prove(place) if not each.whole]
    assert told.why.startswith("the key of pseudonyms is gone")
    assert not pseudonyms_of(place).path.exists(), "a proof makes nothing"


def test_the_proof_tells_of_an_audit_that_is_gone(tmp_path: Path) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    assert all(each.whole for each in app.proving.prove(place)), "nobody was massaged so far"
    Book(place.ledger_dir, known.id).see(reading_now())
    (told,) = [each for each in app.proving.prove(place) if not each.whole]
    assert told.why == "there is no audit, though the ledger tells of massages"


def test_the_proof_tells_of_a_book_that_was_put_back_as_it_was_earlier(tmp_path: Path) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    book, now = Book(place.ledger_dir, known.id), reading_now()
    for massage in ("one", "two"):
        if massage == "two":
            shutil.copytree(place.ledger_dir, tmp_path / "earlier")
        begun = Begun(massage=massage, roller="r", planned=DoseEntry(current_s=60))
        book.begin(begun, now, lambda _reckoning: None)
        audit(place, AuditKind.STARTED, {"massage": massage}, person=known.id)
    assert all(each.whole for each in app.proving.prove(place))
    shutil.copytree(tmp_path / "earlier", place.ledger_dir, dirs_exist_ok=True)
    (told,) = [each for each in app.proving.prove(place) if not each.whole]
    assert told.why == "it lacks massage two of Ann, though the audit tells of it"


def test_a_ledger_that_was_put_back_as_it_was_earlier_gives_no_second_dose(tmp_path: Path) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    book, now = Book(place.ledger_dir, known.id), reading_now()
    for massage in ("one", "two"):
        if massage == "two":
            shutil.copytree(place.ledger_dir, tmp_path / "earlier")
        book.begin(Begun(massage=massage, roller="r", planned=DoseEntry(current_s=60)), now, lambda _: None)
        audit(place, AuditKind.STARTED, {"massage": massage}, person=known.id)
    assert app.who.bounds_here(place).day_current_s == pytest.approx(1200 - 120)
    shutil.rmtree(place.ledger_dir)
    shutil.copytree(tmp_path / "earlier", place.ledger_dir)
    with pytest.raises(LogDamagedError, match="is an earlier state: it lacks two, which the audit tells of"):
        app.who.bounds_here(place)
    assert app.who.bounds_here(place).day_current_s == 0
    book.begin(Begun(massage="three", roller="r", planned=DoseEntry()), now, lambda _: None)
    audit(place, AuditKind.STARTED, {"massage": "three"}, person=known.id)
    assert app.who.bounds_here(place).day_current_s == 0, "told once, and counted until the day is over"
