"""The routines that come along: both sides, each goal in two lengths, honest about what is behind them, and gentle."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from glowtool.model.ceilings import CeilingId, limit
from glowtool.routine import Goal, compile_routine
from glowtool.safety import lint_program
from glowtool.store.routines.load import builtin_names, load_routine

SIDES = {"LEFT": "left", "RIGHT": "right"}


@pytest.mark.parametrize("name", builtin_names())
def test_a_step_on_one_side_says_which_to_the_person(name: str) -> None:
    for step in load_routine(name).steps:
        if step.zone is None:
            continue
        place, _, side = step.zone.name.rpartition("_")
        if side not in SIDES:
            continue
        assert SIDES[side] in step.title.casefold(), f"{step.title} is {step.zone.name}"
        assert SIDES[side] in step.cue.casefold(), f"{step.cue!r} is for {step.zone.name}"
        assert place.split("_")[0].casefold() in step.title.casefold()


@pytest.mark.parametrize("name", builtin_names())
def test_both_sides_are_worked_on_for_as_long(name: str) -> None:
    spent_s: dict[str, Counter[str]] = {side: Counter() for side in SIDES}
    for step in load_routine(name).steps:
        if step.zone is None:
            continue
        place, _, side = step.zone.name.rpartition("_")
        if side in SIDES:
            spent_s[side][place] += round(step.duration_s * 1000)
    assert spent_s["LEFT"] == spent_s["RIGHT"]
    assert spent_s["LEFT"]


def test_first_glow_says_the_microcurrent_that_it_asks_for() -> None:
    routine = load_routine("first-glow")
    peaks_ua = [step.microcurrent.peak_ua or 0 for step in routine.steps if step.microcurrent is not None]
    assert any(f"Microcurrent of {min(peaks_ua):g} to {max(peaks_ua):g} µA" in source for source in routine.sources)


GOALS = [goal for goal in Goal if goal not in {Goal.INTRODUCTION, Goal.OTHER}]
WITH_CURRENT = [name for name in builtin_names() if load_routine(name).uses_microcurrent]


def plain(name: str) -> str:
    """Return the name of a routine without what says that it is the full form, or the one without current."""
    return name.removesuffix("-vibration").removesuffix("-long")


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.name)
def test_each_goal_has_a_short_and_a_full_routine(goal: Goal) -> None:
    named = {name: load_routine(name) for name in builtin_names()}
    (short,) = {plain(name) for name, routine in named.items() if routine.goal is goal}
    full = named[f"{short}-long"]
    assert named[short].duration_s <= 300 < full.duration_s + 60
    assert full.duration_s >= 1.5 * named[short].duration_s
    assert {step.zone for step in named[short].steps} <= {step.zone for step in full.steps}


@pytest.mark.parametrize("name", WITH_CURRENT)
def test_what_uses_current_has_a_form_with_vibration_only(name: str) -> None:
    strong, gentle = load_routine(name), load_routine(f"{name}-vibration")
    assert gentle.uses_vibration
    assert not gentle.uses_microcurrent
    assert gentle.goal is strong.goal
    assert [(step.zone, step.duration_s) for step in gentle.steps] == [
        (step.zone, step.duration_s) for step in strong.steps
    ]
    assert "gel on" not in gentle.description


def test_a_form_without_current_belongs_to_one_with_it() -> None:
    forms = {name.removesuffix("-vibration") for name in builtin_names() if name.endswith("-vibration")}
    assert forms == set(WITH_CURRENT)


@pytest.mark.parametrize("name", builtin_names())
def test_a_routine_says_what_is_behind_it_or_that_nothing_is(name: str) -> None:
    routine = load_routine(name)
    honest = "no study" in routine.description
    assert routine.evidence or honest
    for known in routine.evidence:
        if "Miyaji" in known.source:
            assert (known.participants, known.funded_by) == (12, "the maker of a roller")
        if "Ahn" in known.source:
            assert known.participants == 34
    assert not re.search(r"\b(?:cures?|heals?|treats?|removes?|proven)\b", routine.description)


@pytest.mark.parametrize("name", builtin_names())
def test_a_routine_is_in_order_without_a_warning_and_within_half_of_what_a_skin_may_have(name: str) -> None:
    program = compile_routine(load_routine(name))
    assert lint_program(program) == ()
    seconds = {
        CeilingId.DAY_CURRENT: sum(step.duration_s for step in program if step.peak_most_ua),
        CeilingId.DAY_VIBRATION: sum(step.duration_s for step in program if step.amplitude_most),
    }
    assert all(spent_s <= limit(which) for which, spent_s in seconds.items()), seconds
    assert all(step.peak_most_ua <= 200 and step.amplitude_most <= 0.4 for step in program)
