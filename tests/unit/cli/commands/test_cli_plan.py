"""`glowtool plan`: from the list to the calendar, as typed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

import pytest

from glowtool.app.place import Place
from glowtool.cli.commands.plan import clock
from glowtool.cli.commands.plan.calendar import time_of_day
from glowtool.cli.commands.plan.group import first_day
from glowtool.errors import UsageError
from glowtool.store.people.people import People
from support.logs.plain_logs import keep_log
from support.processes.console import call_here

if TYPE_CHECKING:
    from pathlib import Path

    from support.processes.console import Said


class Call(Protocol):
    """The type of the fixture `glowtool`."""

    def __call__(self, *arguments: str) -> Said: ...


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GLOWTOOL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TZ", "UTC")
    return tmp_path / "data"


@pytest.fixture
def glowtool(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    it_is(monkeypatch, 1)
    return partial(call_here, capsys)


def it_is(monkeypatch: pytest.MonkeyPatch, day: int, hour: int = 20) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 3, day, hour, tzinfo=UTC))


def test_a_plan_from_its_first_day_on(glowtool: Call, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = glowtool("plan", "new", "gentle-start")
    assert begun.status == 0
    assert "begins Monday 2027-03-01, 2 weeks" in begun.out
    assert "glowtool run first-glow" in begun.out
    keep_log(Place("sim", data), datetime(2027, 3, 1, 19, tzinfo=UTC), "first-glow")
    done = glowtool("plan", "today")
    assert "first-glow, done at 19:00" in done.out
    assert "Next:  Wed 2027-03-03, evening-calm" in done.out
    it_is(monkeypatch, 4)
    missed = glowtool("plan", "today")
    assert "Yesterday: evening-calm, missed" in missed.err
    assert "glowtool run evening-calm" in missed.out, "it waits in this phase"
    found = glowtool("plan", "status", "--json").document()
    assert (found["done"], found["due"], found["streak"], found["ends"]) == (1, 2, 0, "2027-03-15")
    shown = glowtool("plan", "status")
    assert "x . - ? . o . ." in shown.out
    assert all(len(line) <= 40 for line in shown.out.splitlines()[3:]), "as wide as the narrowest terminal"


def test_a_plan_of_ones_own_routines_is_followed_and_one_that_is_gone_is_told(
    glowtool: Call, data: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "mine.toml"
    plan.write_text(
        'name = "mine"\ntitle = "Mine"\ngoal = "other"\ndescription = "Mine"\n'
        '[[phases]]\ntitle = "All"\nweeks = 1\nmissed = "skip"\ndays = ["my-calm", "rest", "rest", "rest", "rest", '
        '"rest", "rest"]\n',
        "utf-8",
    )
    assert glowtool("plan", "new", str(plan)).status != 0, "there is no such routine yet"
    assert glowtool("routines", "new", "my-calm", "--from", "cheek L 60s vib 30%; mirror").status == 0
    assert glowtool("plan", "new", str(plan)).status == 0
    here = glowtool("plan", "today")
    assert ("My calm, 2:00 min" in here.out, "glowtool run my-calm" in here.out, here.err) == (True, True, "")
    (data / "routines/my-calm.toml").unlink()
    assert "`glowtool routines validate my-calm` says why" in glowtool("plan", "today").err


def test_a_plan_that_is_followed_is_replaced_only_on_a_yes(glowtool: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert glowtool("plan", "new", "gentle-start", "--start", "tomorrow").status == 0
    assert "begins Tuesday 2027-03-02" in glowtool("plan", "today").out
    assert glowtool("plan", "new", "gentle-start").status == 2, "nobody answers"
    assert glowtool("plan", "today", "--json").document()["begins"] == "2027-03-02"
    assert glowtool("plan", "new", "gentle-start", "--yes", "--json").document()["begins"] == "2027-03-01"
    assert glowtool("plan", "end", "--yes", "--json").document() == {"ended": "gentle-start"}
    nothing = glowtool("plan", "today")
    assert (nothing.status, nothing.err) == (3, "glowtool: no plan is followed; `glowtool plan list` shows the plans\n")


def test_run_without_a_routine_names_the_one_of_today(glowtool: Call, data: Path) -> None:
    assert "`glowtool routines list` shows the names" in glowtool("run").err
    glowtool("plan", "new", "gentle-start")
    assert "your plan has `glowtool run first-glow` for today" in glowtool("run").err
    keep_log(Place("sim", data), datetime(2027, 3, 1, 19, tzinfo=UTC), "first-glow")
    assert "your plan" not in glowtool("run").err


def test_each_person_has_a_plan_and_somebody_has_to_be_meant(glowtool: Call, data: Path) -> None:
    glowtool("plan", "new", "gentle-start")
    People(data).add("Ada", clock.now())
    assert glowtool("plan", "today", "--json").document()["fate"] == "due", "what was begun before is the first one's"
    People(data).add("Zoe", clock.now())
    assert "2 people are known" in glowtool("plan", "today").err
    assert glowtool("plan", "today", "--person", "Ada").status == 0
    assert "no plan is followed" in glowtool("--person", "Zoe", "plan", "today").err
    keep_log(Place("sim", data), datetime(2027, 3, 1, 19, tzinfo=UTC), "first-glow")
    found = glowtool("plan", "today", "--json", "--person", "Ada").document()
    assert found["fate"] == "due", "whose massage it was is not known"


def test_a_calendar_goes_to_a_file_that_is_replaced_only_by_force(glowtool: Call, tmp_path: Path) -> None:
    glowtool("plan", "new", "gentle-start")
    target = str(tmp_path / "plan.ics")
    assert glowtool("plan", "ics", "--at", "7:05", "-o", target, "--json").document() == {"path": target, "events": 8}
    assert "DTSTART:20270301T070500Z" in (tmp_path / "plan.ics").read_text()
    assert glowtool("plan", "ics", "-o", target).status == 3
    assert glowtool("plan", "ics", "-o", target, "--force").status == 0
    assert glowtool("plan", "ics", "--json").status == 2


def test_plans_are_listed_and_shown(glowtool: Call) -> None:
    assert "gentle-start" in glowtool("plan", "list").out
    listed = glowtool("plan", "list", "--json").document()["plans"]
    assert isinstance(listed, list)
    assert "day 1  first-glow" in glowtool("plan", "show", "gentle-start").out
    assert glowtool("plan", "show", "gentle-strat").status == 3


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("today", date(2027, 3, 3)), ("Tomorrow", date(2027, 3, 4)), ("wed", date(2027, 3, 3)),
        ("monday", date(2027, 3, 8)), ("tu", date(2027, 3, 9)), ("2027-02-27", date(2027, 2, 27)),
    ],
)  # fmt: skip
def test_a_first_day_may_be_said_in_words(word: str, means: date) -> None:
    assert first_day(word, date(2027, 3, 3)) == means


@pytest.mark.parametrize("word", ["", "t", "s", "yesterday", "2027-13-01", "2207-01-01", "01.03.2027"])
def test_a_first_day_that_is_none_says_what_is_allowed(word: str) -> None:
    with pytest.raises(UsageError, match="--start is"):
        first_day(word, date(2027, 3, 3))


def test_a_time_of_day_is_read_as_people_write_it() -> None:
    assert time_of_day("7").isoformat() == "07:00:00"
    assert time_of_day(" 21:30 ").isoformat() == "21:30:00"
    for word in ("24:00", "7:60", "9pm", "", "12:3"):
        with pytest.raises(UsageError, match="--at is"):
            time_of_day(word)
