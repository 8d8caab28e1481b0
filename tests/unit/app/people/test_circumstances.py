"""What is left of the day is held against a routine wherever one is checked, stored or due."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest

from glowtool.app.ledger.clock import reading_now
from glowtool.app.people.admitting import admitted
from glowtool.app.people.circumstances import against_today, left_today
from glowtool.app.people.who import meant
from glowtool.app.place import Place
from glowtool.errors import SafetyError
from glowtool.safety import Circumstances, PersonalMax
from glowtool.safety.screening import Reply
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Recorded
from glowtool.store.people.people import People
from glowtool.store.routines.load import load_routine
from support.people import screened
from support.processes.console import call_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.processes.console import Said

LEFT = "time of microcurrent is 45 s; it must be at most the 30 s that are left today"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("sim", tmp_path)


@pytest.fixture
def glowtool(place: Place, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    return partial(call_here, capsys, "--data-dir", str(place.root))


def spend(place: Place, person: str, current_s: float) -> None:
    had = Recorded(massage="x", roller="another", dose=DoseEntry(current_s=current_s), started_us=None, ended_us=None)
    Book(place.ledger_dir, person).record(had, reading_now())


def test_what_was_had_of_whatever_roller_is_off_what_is_left(place: Place) -> None:
    assert left_today(place) == Circumstances()
    person = screened(place.root)
    assert left_today(place) == Circumstances(), "all of it is left, and the ceiling itself speaks"
    spend(place, person.id, 1170.0)
    assert left_today(place) == Circumstances(current_left_s=30.0)


def test_who_runs_or_stores_a_routine_is_told_what_is_left_before_a_roller_is_looked_for(place: Place) -> None:
    person, first = screened(place.root), load_routine("first-glow")
    who = meant(place)
    assert admitted(place, who, first) == PersonalMax()
    spend(place, person.id, 1170.0)
    with pytest.raises(SafetyError, match=LEFT) as refused:
        admitted(place, who, first)
    assert "leave out 15 s of it, or wait until tomorrow" in str(refused.value)
    assert admitted(place, who, load_routine("first-glow-vibration")).day_current_s == 30.0
    with pytest.raises(SafetyError, match="at most the 10 s that are left"):
        admitted(place, who, first, PersonalMax(day_current_s=10.0))


def test_a_routine_is_checked_against_ones_own_day_only_where_asked(
    place: Place, glowtool: Callable[..., Said]
) -> None:
    spend(place, screened(place.root).id, 1170.0)
    assert glowtool("routines", "validate", "first-glow").status == 0
    mine = glowtool("routines", "validate", "--mine", "first-glow")
    assert mine.status == 17
    assert LEFT in mine.err
    (finding,) = json.loads(glowtool("routines", "validate", "--mine", "--json", "first-glow").out.splitlines()[0])[
        "findings"
    ]
    assert [bool(finding[key]) for key in ("what", "value", "allowed", "reason", "fix")] == [True] * 5
    assert glowtool("routines", "validate", "--mine", "first-glow-vibration").status == 0


def test_a_routine_is_checked_at_ones_own_maximum(place: Place, glowtool: Callable[..., Said]) -> None:
    quick = "cheek L 20s vib 10%@75Hz at 1s vib 90%"
    assert glowtool("routines", "validate", quick).status == 17
    known = screened(place.root)
    People(place.root).change(known, lambda profile: profile.model_copy(update={"amplitude": 0.1}))
    assert glowtool("routines", "validate", "--mine", quick).status == 0
    assert glowtool("routines", "validate", quick).status == 17, "at full strength it stays too fast"


def test_a_routine_is_checked_against_ones_own_screening(place: Place, glowtool: Callable[..., Said]) -> None:
    nobody = glowtool("routines", "validate", "--mine", "first-glow")
    assert nobody.status == 17
    assert "nobody has been screened" in nobody.err
    screened(place.root, implant=Reply.YES)
    blocked = glowtool("routines", "validate", "--mine", "first-glow")
    assert blocked.status == 17
    assert "microcurrent is asked for; it must be left out: Ann gets no microcurrent" in blocked.err


def test_a_plan_says_what_the_day_has_not_left(place: Place, glowtool: Callable[..., Said]) -> None:
    person = screened(place.root)
    glowtool("plan", "new", "gentle-start")
    assert "Not today any more" not in glowtool("plan", "today").err
    spend(place, person.id, 1170.0)
    assert f"Not today any more: {LEFT}" in glowtool("plan", "today").err
    assert json.loads(glowtool("plan", "today", "--json").out)["against"] == list(
        against_today(place, load_routine("first-glow"))
    )
