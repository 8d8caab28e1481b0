"""A day has one dose, whatever is done to the clock of the computer."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from glowtool.safety.day import Entry, Reading, taken_today, was_set_back
from glowtool.safety.dose import NO_DOSE, Dose

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
NOON_S = 20_000 * DAY_S + 12 * HOUR_S
MINUTE = Dose(current_s=60.0)


def day_of(unix_s: float) -> int:
    return math.floor(unix_s / DAY_S)


def entry(unix_s: float, boot: str = "", steady_s: float = 0.0, dose: Dose = MINUTE) -> Entry:
    return Entry(dose, Reading(unix_s, boot, steady_s), unix_s)


def minutes(entries: list[Entry], now: Reading) -> int:
    return len([each for each in taken_today(entries, now, day_of) if each.dose == MINUTE])


def test_a_new_day_has_a_dose_of_its_own() -> None:
    kept = [entry(NOON_S - DAY_S), entry(NOON_S - HOUR_S), entry(NOON_S)]
    assert minutes(kept, Reading(NOON_S + HOUR_S)) == 2
    assert minutes(kept, Reading(NOON_S + DAY_S)) == 0


def test_a_clock_that_is_set_back_gives_no_second_dose() -> None:
    kept = [entry(NOON_S)]
    for back_s in (HOUR_S, DAY_S, 400 * DAY_S):
        assert minutes(kept, Reading(NOON_S - back_s)) == 1
    assert was_set_back(kept, Reading(NOON_S - HOUR_S))
    assert not was_set_back(kept, Reading(NOON_S))


def test_set_forward_and_back_again_it_gives_one_at_most() -> None:
    kept = [entry(NOON_S), entry(NOON_S + DAY_S), entry(NOON_S + HOUR_S)]
    assert minutes(kept, Reading(NOON_S + 2 * HOUR_S)) == 3


def test_a_clock_that_is_set_forward_gives_none_while_the_machine_runs() -> None:
    kept = [entry(NOON_S, "a", 100.0)]
    soon, next_day = Reading(NOON_S + DAY_S, "a", 200.0), Reading(NOON_S + DAY_S, "a", 100.0 + DAY_S)
    assert minutes(kept, soon) == 1
    assert minutes(kept, next_day) == 0
    assert minutes(kept, Reading(NOON_S + DAY_S, "b", 5.0)) == 0, "after a new start nobody can tell"


def test_a_clock_that_was_years_ahead_locks_no_more_than_the_day_on_which_that_is_found_out() -> None:
    ahead = [entry(NOON_S + 3000 * DAY_S)]
    assert minutes(ahead, Reading(NOON_S)) == 1
    found_out = [*ahead, entry(NOON_S, dose=NO_DOSE)]
    assert minutes(found_out, Reading(NOON_S + HOUR_S)) == 1
    assert minutes(found_out, Reading(NOON_S + DAY_S)) == 0


def test_a_dose_that_was_heard_of_later_counts_on_its_own_day() -> None:
    fetched = [Entry(MINUTE, Reading(NOON_S), NOON_S - 2 * DAY_S)]
    assert minutes(fetched, Reading(NOON_S)) == 0
    assert minutes([Entry(MINUTE, Reading(NOON_S), NOON_S - HOUR_S)], Reading(NOON_S)) == 1


def test_what_may_still_go_on_counts_until_it_is_settled() -> None:
    open_one = [Entry(MINUTE, Reading(NOON_S - 9 * DAY_S), None)]
    assert minutes(open_one, Reading(NOON_S)) == 1


SHIFTS = st.lists(st.tuples(st.floats(0, 6 * HOUR_S), st.floats(-3 * DAY_S, 3 * DAY_S)), min_size=1, max_size=8)


@given(SHIFTS, st.floats(0, 6 * HOUR_S))
def test_while_the_machine_runs_no_setting_of_the_clock_hides_a_dose_of_the_last_minutes(
    shifts: list[tuple[float, float]], wait_s: float
) -> None:
    """Each massage comes some true time after the one before, and after the clock was set by anything."""
    kept, steady_s, wall_s = [], 1000.0, NOON_S
    for after_s, set_by_s in shifts:
        steady_s += after_s
        wall_s += after_s + set_by_s
        kept.append(entry(wall_s, "a", steady_s))
    wall_s += wait_s
    now = Reading(wall_s, "a", steady_s + wait_s)
    since_midnight_s = wall_s % DAY_S
    young = [each for each in kept if now.steady_s - each.written.steady_s <= since_midnight_s]
    counted = taken_today(kept, now, day_of)
    assert all(each in counted for each in young)
