"""The routines that come along name the side they work on, and neglect neither side."""

from __future__ import annotations

from collections import Counter

import pytest

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
