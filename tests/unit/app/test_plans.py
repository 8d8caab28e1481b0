"""What is due and done, from logs and massages by the button, in the plan's own time zone; and its calendar."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from glowtool.app.errands.kept import kept_program
from glowtool.app.logs.kept import READERS
from glowtool.app.place import Place
from glowtool.app.plans import following
from glowtool.app.plans.calendar_file import Reminders, calendar_of
from glowtool.app.plans.zones import zone_here
from glowtool.device.archive import RecordedMassage, RecordedStep
from glowtool.errors import InputError, MissingExtraError
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.routine.plans.course import Fate
from glowtool.safety.day import Reading
from glowtool.safety.screening import Reply
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import Begun, DoseEntry
from glowtool.store.people.people import People
from glowtool.store.plans.load import load_plan
from glowtool.store.rollers.massages import Massages, keep_massage, massage_of
from glowtool.store.rollers.programs import keep_program
from glowtool.store.routines.load import load_routine
from support.logs.plain_logs import keep_log
from support.people import screened

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
BEGINS = date(2027, 3, 25)  # three days before the clocks go forward
ZONE = "Europe/Berlin"
MINE = """
name = "mine"
title = "Mine"
goal = "relaxation"
description = "One of my own."

[[steps]]
title = "Left cheek"
zone = "cheek-left"
duration_s = 30
band_kpa = [2.0, 4.0]
cue = "Roll slowly"
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("sim", tmp_path / "data")


def at(day: int, hour: int = 21, minute: int = 0) -> datetime:
    return datetime.combine(BEGINS + timedelta(days=day - 1), time(hour, minute), BERLIN).astimezone(UTC)


def begin(place: Place, who: str | None = None, zone: str = ZONE) -> None:
    following.begin(place, who, load_plan("gentle-start"), begins=BEGINS, now=at(1, 8), zone=zone)


def fates(place: Place, now: datetime) -> list[Fate]:
    return [day.fate for day in following.progress(place, None, now).course.days]


def test_a_log_counts_for_its_local_day_also_when_that_is_another_one_in_utc(place: Place) -> None:
    begin(place)
    name = keep_log(place, at(1, 0, 30), "first-glow")  # 23:30 of the day before in UTC
    found = following.progress(place, None, at(1, 22))
    assert found.course.days[0].fate is Fate.DONE
    assert found.course.days[0].massages[0].kept_as == name


def test_a_massage_that_was_stopped_is_begun_and_the_rest_of_it_completes_the_day(place: Place) -> None:
    begin(place)
    keep_log(place, at(1, 20), "first-glow", share=0.5)
    assert fates(place, at(1, 20, 30)) == [Fate.PARTLY]
    keep_log(place, at(1, 21), "first-glow", share=0.5)
    assert fates(place, at(1, 21, 30)) == [Fate.DONE]


def test_a_massage_by_the_button_counts_once_by_the_routine_that_was_stored(place: Place) -> None:
    begin(place)
    routine = load_routine("first-glow")
    program = kept_program(routine)
    keep_program(place.programs_dir, program)
    steps = tuple(RecordedStep(step.duration_s, step.duration_s, 3.0, 5.0) for step in routine.steps)
    recorded = RecordedMassage(
        data=b"a record", kind="another", started_utc=at(1), ending=MassageEnd.PROGRAM_END,
        interlocks=Interlock(0), program_crc32=int(program.crc32, 16), current_s=0.0, vibration_s=30.0, steps=steps,
    )  # fmt: skip
    kept = massage_of(1, recorded, serial="S-1", device="GR-1", address="F0", fetched_utc=at(2))
    massages = Massages(place.massages_dir, READERS)
    assert [keep_massage(massages, kept) for _ in range(2)] == [True, False]
    found = following.progress(place, None, at(1, 23))
    assert [massage.kept_as for massage in found.course.days[0].massages] == [kept.massage_id]
    assert found.score.done == 1


def test_two_persons_follow_plans_of_their_own(place: Place) -> None:
    begin(place, "ada")
    with pytest.raises(InputError, match="no plan is followed"):
        following.progress(place, "zoe", at(1))
    following.end(place, "ada", at(2))
    with pytest.raises(InputError, match="no plan is followed"):
        following.end(place, "ada", at(2))


def test_a_massage_is_whose_book_of_doses_it_stands_in(place: Place) -> None:
    ada, zoe = (People(place.root).add(name, at(1, 8)) for name in ("Ada", "Zoe"))
    for who in (ada, zoe):
        begin(place, who.id)
    name = keep_log(place, at(1), "first-glow")
    keep_log(place, at(1, 22), "first-glow")  # nobody knows whose
    begun = Begun(massage=name, roller="a", planned=DoseEntry())
    Book(place.ledger_dir, ada.id).begin(begun, Reading(at(1).timestamp()), lambda _: None)
    counted = {who.id: following.progress(place, who.id, at(1, 23)).course.days[0].massages for who in (ada, zoe)}
    assert [massage.kept_as for massage in counted[ada.id]] == [name]
    assert not counted[zoe.id]
    Book(place.ledger_dir, ada.id).path.write_bytes(b"damaged")
    assert not following.progress(place, ada.id, at(1, 23)).course.days[0].massages, "and the plan is still shown"


def test_who_may_have_no_current_is_given_the_form_without_it(place: Place) -> None:
    screened(place.root, "Ben", epilepsy=Reply.YES)
    screened(place.root, "Ada")
    for_ben, for_ada = (Place("sim", place.data_dir, name) for name in ("Ben", "Ada"))
    assert following.command_for(for_ben, "muscle-lift") == "glowtool run muscle-lift-vibration --person Ben"
    assert following.command_for(for_ben, "fine-lines") == "glowtool run fine-lines --person Ben"
    assert following.command_for(for_ada, "muscle-lift") == "glowtool run muscle-lift --person Ada"
    assert following.to_run(place, "muscle-lift") == "muscle-lift", "nobody is meant"


def test_a_plan_with_a_routine_that_there_is_not_is_refused_before_anything_is_written(place: Place) -> None:
    plan = load_plan("gentle-start")
    phase = plan.phases[0].model_copy(update={"days": ("no-such-one", *plan.phases[0].days[1:])})
    with pytest.raises(InputError, match="no routine 'no-such-one'"):
        following.begin(place, None, plan.model_copy(update={"phases": (phase,)}), begins=BEGINS, now=at(1), zone=ZONE)
    assert following.current(place, None) is None


def test_a_plan_may_have_routines_of_the_person_s_own(place: Place) -> None:
    place.routines_dir.mkdir(parents=True)
    plan = load_plan("gentle-start")
    own = plan.phases[0].model_copy(update={"days": ("mine", *plan.phases[0].days[1:])})
    mine = plan.model_copy(update={"phases": (own,)})
    with pytest.raises(InputError, match="no routine 'mine'"):
        following.begin(place, None, mine, begins=BEGINS, now=at(1), zone=ZONE)
    (place.routines_dir / "mine.toml").write_text(MINE)
    following.begin(place, None, mine, begins=BEGINS, now=at(1), zone=ZONE)
    assert following.due_today(place, None, at(1)) == "glowtool run mine"


def test_the_zone_of_a_computer_is_found_by_name_and_a_wrong_one_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    assert zone_here() == "America/New_York"
    monkeypatch.setenv("TZ", "UTC+3")
    assert zone_here() is None, "an offset has no name"
    with pytest.raises(InputError, match="no time zone 'Berlin'"):
        begin(place, zone="Berlin")


def test_a_calendar_says_what_is_ahead_in_local_time_over_the_change_of_clocks(place: Place) -> None:
    begin(place)
    keep_log(place, at(1), "first-glow")
    text = calendar_of(
        place, following.progress(place, None, at(1, 22)), Reminders(time(21), timedelta(minutes=15)), at(1, 22)
    )
    calendar = Calendar.from_ical(text)
    assert not calendar.errors
    events = calendar.walk("VEVENT")
    assert all(not event.errors for event in events)
    begun = [event.decoded("dtstart") for event in events]
    assert len(begun) == 7, "of eight massages, one is done"
    assert all(each.timetuple()[3:5] == (21, 0) for each in begun)
    assert {each.utcoffset() for each in begun} == {timedelta(hours=1), timedelta(hours=2)}
    assert [zone["tzid"] for zone in calendar.walk("VTIMEZONE")] == [ZONE]
    (alarm,) = events[0].walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(minutes=-15)
    assert "glowtool run evening-calm" in str(events[0]["description"])
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


def test_an_event_keeps_its_id_and_moves_when_a_day_was_missed(place: Place) -> None:
    begin(place)

    def events(day: int) -> dict[str, tuple[datetime, int]]:
        text = calendar_of(place, following.progress(place, None, at(day, 12)), Reminders(), at(day, 12))
        found = Calendar.from_ical(text).walk("VEVENT")
        return {str(each["uid"]): (each.decoded("dtstart"), int(str(each["sequence"]))) for each in found}

    before, after = events(1), events(2)
    assert before.keys() == after.keys()
    for uid, (begun, number) in after.items():
        assert begun.date() == before[uid][0].date() + timedelta(days=1), "the first phase waits"
        assert number > before[uid][1]


def test_without_the_package_a_calendar_says_how_to_get_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(place)
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'glowtool\[calendar\]'"):
        calendar_of(place, following.progress(place, None, at(1)), Reminders(), at(1))
