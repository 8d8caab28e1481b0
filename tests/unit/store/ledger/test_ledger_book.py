"""A book of doses: a massage counts once, at once, and never as less than it may have been."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import InputError, LogDamagedError, SafetyError
from glowtool.safety.day import Reading, taken_today
from glowtool.safety.dose import NO_DOSE, Dose
from glowtool.store.ledger.book import NOBODY, Book, books
from glowtool.store.ledger.lines import Begun, DoseEntry, Recorded, Settled, Source
from glowtool.store.ledger.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.ledger.lines import Reckoning

NOON = Reading(1_764_504_000.0, "boot", 1000.0)
LATER = Reading(NOON.unix_s + 600, "boot", 1600.0)
PLANNED = Dose(600.0, 900.0, 60.0, 100.0)


def day_of(unix_s: float) -> int:
    return math.floor(unix_s / 86400)


def begun(massage: str = "one") -> Begun:
    return Begun(massage=massage, roller="r", routine="glow", planned=DoseEntry.of(PLANNED), duration_s=900.0)


def settled(dose: Dose, massage: str = "one") -> Settled:
    start_us = round(NOON.unix_s * 1e6)
    times = {"started_us": start_us, "ended_us": start_us + 500_000_000}
    return Settled(massage=massage, dose=DoseEntry.of(dose), source=Source.SAMPLES, **times)


def recorded(massage: str = "record", ended_s: float | None = NOON.unix_s) -> Recorded:
    ended_us = None if ended_s is None else round(ended_s * 1e6)
    times = {"started_us": ended_us, "ended_us": ended_us}
    return Recorded(massage=massage, roller="r", dose=DoseEntry(current_s=30.0), **times)


def admit(_reckoning: Reckoning) -> None: ...


def today(book: Book, now: Reading = LATER) -> Dose:
    entries = book.reckoning(now).entries
    return sum((entry.dose for entry in taken_today(entries, now, day_of)), NO_DOSE)


def test_a_massage_counts_as_its_plan_until_it_is_settled(tmp_path: Path) -> None:
    book = Book(tmp_path, "a1")
    book.begin(begun(), NOON, admit)
    assert today(book) == PLANNED
    assert today(book, Reading(NOON.unix_s + 5 * 86400)) == PLANNED, "on whatever day"
    assert book.settle(settled(Dose(50.0, 60.0)), LATER)
    assert today(book) == Dose(50.0, 60.0)
    assert not book.settle(settled(NO_DOSE), LATER), "twice changes nothing"
    assert today(book) == Dose(50.0, 60.0)
    assert today(book, Reading(NOON.unix_s + 86400)) == NO_DOSE
    assert book.reckoning(LATER).open == ()


def test_several_at_once_are_kept_apart(tmp_path: Path) -> None:
    book = Book(tmp_path, "a1")
    book.begin(begun("one"), NOON, admit)
    book.begin(begun("two"), NOON, admit)
    book.settle(settled(Dose(50.0), "one"), LATER)
    assert today(book) == Dose(50.0) + PLANNED
    assert [each.massage for each, _ in book.reckoning(LATER).open] == ["two"]


def test_what_is_not_admitted_is_not_begun(tmp_path: Path) -> None:
    def refuse(reckoning: Reckoning) -> None:
        assert len(reckoning.open) == 1
        raise SafetyError("too much")

    book = Book(tmp_path, "a1")
    book.begin(begun("one"), NOON, admit)
    with pytest.raises(SafetyError):
        book.begin(begun("two"), NOON, refuse)
    assert len(book.reckoning(NOON).open) == 1


def test_a_massage_by_the_button_counts_when_it_was_and_today_when_nobody_knows(tmp_path: Path) -> None:
    book = Book(tmp_path, "a1")
    book.record(recorded("long ago", NOON.unix_s - 3 * 86400), NOON)
    assert today(book) == NO_DOSE
    book.record(recorded("unknown", None), NOON)
    book.record(recorded("by a clock that is ahead", NOON.unix_s + 9 * 86400), NOON)
    assert today(book) == Dose(60.0)
    assert today(book, Reading(NOON.unix_s + 86400)) == NO_DOSE
    assert book.mentions("unknown")
    assert not book.mentions("know")


def test_a_massage_that_was_somebody_elses_counts_here_no_more(tmp_path: Path) -> None:
    book = Book(tmp_path, NOBODY)
    book.record(recorded(), NOON)
    book.give("record", LATER)
    assert today(book) == NO_DOSE
    assert book.mentions("record"), "so that it is not recorded again"
    assert book.reckoning(LATER).massages == ()


def test_a_book_that_was_altered_is_set_aside_and_the_day_counts_as_spent(tmp_path: Path) -> None:
    book = Book(tmp_path, "a1")
    book.begin(begun(), NOON, admit)
    book.settle(settled(Dose(1100.0)), LATER)
    with closing(sqlite3.connect(book.path)) as connection, connection:
        connection.execute("DROP TRIGGER never_altered")
        connection.execute("""UPDATE line SET content = replace(content, '1100.0', '1.0') WHERE number = 2""")
    with pytest.raises(LogDamagedError, match=r"line 2 was altered; .*set aside as a1\.sqlite\.damaged-1"):
        book.reckoning(LATER)
    assert today(book).current_s == 1200.0
    assert today(book, Reading(LATER.unix_s + 86400)) == NO_DOSE
    book.begin(begun("next day"), Reading(LATER.unix_s + 86400), admit)


@pytest.mark.parametrize("content", [b"", b"rubbish" * 1000])
def test_a_damaged_book_is_never_taken_for_an_empty_one(tmp_path: Path, content: bytes) -> None:
    book = Book(tmp_path, "a1")
    book.begin(begun(), NOON, admit)
    book.path.write_bytes(content)
    with pytest.raises(LogDamagedError, match="set aside"):
        book.begin(begun("two"), LATER, admit)
    assert today(book).current_s == 1200.0


def test_erased_nothing_of_a_person_is_left(tmp_path: Path) -> None:
    book, other = Book(tmp_path, "a1"), Book(tmp_path, "b2")
    for each in (book, other):
        each.begin(begun(), NOON, admit)
    assert [each.person for each in books(tmp_path)] == ["a1", "b2"]
    book.erase()
    assert {path.name.partition(".")[0] for path in tmp_path.iterdir()} == {"b2"}
    assert today(book) == NO_DOSE


@pytest.mark.parametrize("name", ["", "../a", "A", "a b", "x" * 41])
def test_only_a_pseudonym_names_a_book(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        Book(tmp_path, name)


def test_pseudonyms_tell_rollers_apart_and_do_not_name_them(tmp_path: Path) -> None:
    known = Pseudonyms(tmp_path)
    assert known.of("GR1-0001") == Pseudonyms(tmp_path).of("gr1-0001") != known.of("GR1-0002")
    assert known.of("GR1-0001") != Pseudonyms(tmp_path / "other").of("GR1-0001")
    assert known.of("a", "b") != known.of("ab")
