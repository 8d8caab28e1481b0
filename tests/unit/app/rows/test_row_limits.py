"""A row is held against the day, the places of the face and the battery, before a roller is connected."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from glowtool.app.ledger.clock import reading_now
from glowtool.app.place import Place
from glowtool.app.rows.limits import battery_warnings, require_in_bounds
from glowtool.app.rows.row import Change, row_of
from glowtool.errors import SafetyError
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Recorded
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.routines.load import load_routine
from support.people import screened

if TYPE_CHECKING:
    from pathlib import Path

FIRST_GLOW = "first-glow"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("sim", tmp_path)


def test_a_row_is_held_against_the_day_and_the_places_of_the_face_as_a_whole(place: Place) -> None:
    screened(place.root)
    first = load_routine(FIRST_GLOW)
    require_in_bounds(place, row_of(place, [FIRST_GLOW], Change(repeat=20)))
    with pytest.raises(SafetyError) as error:
        require_in_bounds(place, [first] * 60)
    assert "the row breaks a safety limit, and nothing of it is run" in str(error.value)
    assert re.search(
        r"time of microcurrent is \d+ s; it must be at most the 1200 s that are left today", str(error.value)
    )
    assert re.search(
        r"time of vibration is 2700 s; it must be at most the 2400 s that are left today", str(error.value)
    )
    long = first.model_copy(update={"steps": (first.steps[0].model_copy(update={"duration_s": 200.0}),)})
    with pytest.raises(
        SafetyError, match=r"cheek-left would be worked for 400 s by step 1 \(Left cheek\) of routine 2"
    ):
        require_in_bounds(place, [long, long])


def test_what_was_had_today_leaves_no_room_for_a_single_routine_either(place: Place) -> None:
    person, first = screened(place.root), load_routine(FIRST_GLOW)
    require_in_bounds(place, [first])
    had = Recorded(massage="x", roller="another", dose=DoseEntry(current_s=1170.0), started_us=None, ended_us=None)
    Book(place.ledger_dir, person.id).record(had, reading_now())
    with pytest.raises(SafetyError) as error:
        require_in_bounds(place, [first])
    said = str(error.value)
    assert "the routine 'first-glow' is more than is left of today, and is not run" in said
    assert "time of microcurrent is 45 s; it must be at most the 30 s that are left today" in said
    assert "leave out 15 s of it, or wait until tomorrow" in said
    require_in_bounds(place, [load_routine("first-glow-vibration")])


@pytest.mark.parametrize(
    ("percent", "says"),
    [
        (None, []),
        (60, []),
        (4, ["charge of the battery was 4 % when Desk last answered", "put the roller on its charger first"]),
        (6, ["charge of the battery was 6 % when Desk last answered", "charge the roller first, or run less"]),
    ],
)
def test_a_battery_that_was_too_low_for_the_row_is_told_before_it_begins(percent: int | None, says: list[str]) -> None:
    known = KnownRoller(
        address="F0:00:00:00:00:01", name="GR-1 C0DE", alias="Desk", last_seen_utc=datetime.now(UTC),
        battery_percent=percent,
    )  # fmt: skip
    warnings = battery_warnings([load_routine("evening-calm-long")] * 3, known)
    assert len(warnings) == bool(says)
    assert all(each in warnings[0] for each in says)
