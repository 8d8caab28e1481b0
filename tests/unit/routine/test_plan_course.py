"""A plan's course: what a day was due, what counts for it, and when a missed day waits or is left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.routine.models import Goal
from glowtool.routine.plans.course import ENOUGH, Course, Fate, Massage, course_of, family
from glowtool.routine.plans.models import REST, Missed, Phase, Plan
from glowtool.routine.plans.score import score_of

BEGINS = date(2027, 3, 1)
WEEK = ("calm", "rest", "calm", "glow", "rest", "calm", "rest")
DAY = timedelta(days=1)


def phase(missed: Missed, days: tuple[str, ...] = WEEK, weeks: int = 1) -> Phase:
    return Phase(title="A phase", weeks=weeks, days=days, missed=missed)


def plan(*phases: Phase) -> Plan:
    return Plan(name="a-plan", title="A plan", goal=Goal.RELAXATION, description="It is one.", phases=phases)


SKIPS = plan(phase(Missed.SKIP))
WAITS = plan(phase(Missed.ROLL_OVER))


def on(day: int, at: str = "21:00", routine: str | None = "calm", share: float = 1.0) -> Massage:
    return Massage(datetime.combine(BEGINS + (day - 1) * DAY, time.fromisoformat(at)), routine, share, f"{day}-{at}")


def course(of: Plan, day: int, *massages: Massage, at: str = "22:00") -> Course:
    return course_of(of, BEGINS, on(day, at).at, massages)


def fates(found: Course) -> str:
    signs = {Fate.DONE: "x", Fate.PARTLY: "/", Fate.MISSED: "-", Fate.REST: ".", Fate.DUE: "?"}
    return "".join(signs[day.fate] for day in found.days)


def test_a_missed_day_is_left_out_where_the_phase_skips_it() -> None:
    found = course(SKIPS, 5, on(3), on(4, routine="glow"))
    assert fates(found) == "-.xx."
    assert [day.slot.number for day in found.days] == [1, 2, 3, 4, 5]


def test_a_missed_day_waits_where_the_phase_rolls_over() -> None:
    found = course(WAITS, 5, on(3), on(5))
    assert fates(found) == "--x.x"
    assert [day.slot.number for day in found.days] == [1, 1, 1, 2, 3]
    assert found.ahead[-1].on == BEGINS + 8 * DAY, "two days later than planned"


def test_a_phase_decides_for_its_own_days_alone() -> None:
    both = plan(phase(Missed.ROLL_OVER, ("calm", *[REST] * 6)), phase(Missed.SKIP, ("glow", *[REST] * 6)))
    found = course(both, 10, on(2))
    assert fates(found) == "-x......-."
    assert found.now is not None
    assert found.now.slot.number == 9


def test_today_is_due_until_it_is_done_and_missed_only_tomorrow() -> None:
    assert fates(course(SKIPS, 1)) == "?"
    assert fates(course(SKIPS, 1, on(1))) == "x"
    assert fates(course(SKIPS, 2)) == "-."
    assert score_of(course(SKIPS, 3, on(1))).streak == 1, "today breaks no streak before it is over"


def test_a_massage_after_midnight_is_still_of_the_evening_before() -> None:
    late = on(2, "00:40")
    assert fates(course(SKIPS, 3, late)) == "x.?"
    assert fates(course(SKIPS, 3, on(2, "04:10"))) == "-.?"


def test_at_night_the_day_before_goes_on_while_it_is_due() -> None:
    night = course(SKIPS, 2, at="00:20")
    assert night.now is not None
    assert (night.now.slot.number, night.now.fate) == (1, Fate.DUE)
    done = course(SKIPS, 2, on(1), at="00:20")
    assert done.now is not None
    assert done.now.fate is Fate.REST


def test_a_massage_counts_once_and_an_early_one_for_its_own_day_if_the_day_before_is_done() -> None:
    early = [on(day, "03:30") for day in (3, 4)]
    glow = plan(phase(Missed.SKIP, ("calm", "calm", "calm", "calm", REST, REST, REST)))
    assert fates(course(glow, 4, on(2), *early)) == "-xxx"
    assert fates(course(glow, 2, on(2, "01:00"))) == "x?", "it made up for yesterday"


def test_parts_of_a_massage_add_up_and_too_few_are_only_begun() -> None:
    assert fates(course(SKIPS, 2, on(1, "20:00", share=0.5), on(1, share=0.4))) == "x."
    assert fates(course(SKIPS, 2, on(1, share=ENOUGH / 2))) == "/."
    assert fates(course(SKIPS, 1, on(1, share=0.1))) == "/"


def test_a_shorter_form_and_one_without_current_count_and_another_routine_does_not() -> None:
    assert family("muscle-tone-short-vibration") == family("muscle-tone") == "muscle-tone"
    assert fates(course(SKIPS, 2, on(1, routine="calm-short"))) == "x."
    other = on(1, routine="glow")
    found = course(SKIPS, 2, other, on(1, routine=None))
    assert fates(found) == "-."
    assert other in found.others


def test_a_plan_has_no_today_before_it_begins_and_after_its_end() -> None:
    before = course(SKIPS, 0)
    assert before.now is None
    assert not before.is_over
    assert before.ahead[0].on == BEGINS
    after = course(SKIPS, 20, on(6))
    assert after.now is None
    assert after.is_over
    assert fates(after) == "-.--.x."


def test_the_streak_goes_over_days_of_rest_and_ends_with_a_missed_day() -> None:
    found = score_of(course(SKIPS, 7, on(1), on(3), on(6)))
    assert (found.done, found.due, found.streak, found.longest) == (3, 4, 1, 2)
    assert found.adherence == pytest.approx(0.75)
    assert score_of(course(SKIPS, 1)).adherence is None


@pytest.mark.parametrize(("spring", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25)])
def test_a_day_of_23_or_25_hours_is_a_day(spring: date, hours: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    evenings = [datetime.combine(spring + (number - 1) * DAY, time(21, 30), zone) for number in range(3)]
    assert (evenings[1].astimezone(UTC) - evenings[0].astimezone(UTC)) == timedelta(hours=hours)
    daily = plan(phase(Missed.SKIP, ("calm",) * 7))
    done = [Massage(each.astimezone(UTC).astimezone(zone), "calm", 1.0) for each in evenings]
    assert fates(course_of(daily, spring - DAY, evenings[2] + timedelta(hours=1), done)) == "xxx"


WEEKS = st.lists(st.sampled_from(["calm", "glow", REST]), min_size=7, max_size=7).filter(
    lambda days: set(days) != {REST}
)
PHASES = st.builds(phase, st.sampled_from(Missed), WEEKS.map(tuple), st.integers(1, 3))
MASSAGES = st.lists(
    st.builds(
        on, st.integers(-3, 60), st.sampled_from(["00:30", "03:59", "04:00", "12:00", "23:59"]),
        st.sampled_from(["calm", "calm-short", "glow", None]), st.sampled_from([0.0, 0.3, 0.8, 1.0]),
    ),
    max_size=40,
)  # fmt: skip


@given(phases=st.lists(PHASES, min_size=1, max_size=3), massages=MASSAGES, day=st.integers(-3, 80))
def test_whatever_was_done_a_course_is_whole(phases: list[Phase], massages: list[Massage], day: int) -> None:
    followed = plan(*phases)
    found = course(followed, day, *massages)
    days = [*found.days, *found.ahead]
    assert [each.on for each in found.days] == [BEGINS + number * DAY for number in range(len(found.days))]
    numbers = [each.slot.number for each in days]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, len(followed.slots) + 1)), "no day of the plan is lost"
    counted = [massage for each in found.days for massage in each.massages]
    assert len(counted) + len(found.others) == len(massages), "each massage counts once, or is one of the others"
    score = score_of(found)
    assert score.streak <= score.longest <= score.done <= score.due
    done = [each for each in found.days if each.fate is Fate.DONE]
    assert all(sum(massage.share for massage in each.massages) >= ENOUGH for each in done)
    assert all(each.on < found.today for each in found.days if each.fate is Fate.MISSED)


@given(massages=MASSAGES, day=st.integers(1, 30), more=st.integers(1, 7))
def test_what_is_over_stays_as_it_was(massages: list[Massage], day: int, more: int) -> None:
    """Massages after a day's end change nothing before it."""
    then = on(day, "22:00").at
    known = [each for each in massages if each.at <= then]
    before = course_of(WAITS, BEGINS, then, known)
    later = [on(day + 1 + more, "12:00"), *known]
    after = course_of(WAITS, BEGINS, on(day + 1 + more, "13:00").at, later)
    assert [each.fate for each in before.days[:-1]] == [each.fate for each in after.days[: len(before.days) - 1]]
