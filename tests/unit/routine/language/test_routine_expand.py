"""A written routine expands to the flat one that people expect, or is refused with the place of the mistake."""

from __future__ import annotations

import pytest
from hypothesis import given

from glowtool.errors import RoutineError
from glowtool.model.face import Zone
from glowtool.routine import (
    Expansion,
    Find,
    Routine,
    WrittenRoutine,
    expand,
    parse_expanded,
    parse_written,
)
from glowtool.routine.written.expand import no_includes
from glowtool.routine.written.models import MAX_DEPTH
from support.routines.written import INCLUDING, WRITTEN, Included

HEAD = 'name = "mine"\ntitle = "Mine"\ngoal = "relaxation"\ndescription = "x"\n'
LEFT = '[[steps]]\nzone = "cheek"\nside = "left"\nduration_s = 10\n'
CHIN = '[[steps]]\nzone = "chin"\nduration_s = 10\n'
REST = "[[steps]]\nrest_s = 5\n"
MIRROR = "[[steps]]\nmirror = true\n"


def made(text: str, find: Find = no_includes) -> Expansion:
    return parse_expanded(HEAD + text, "mine.toml", find)


def zones(text: str) -> list[Zone | None]:
    return [step.zone for step in made(text).routine.steps]


def library(**texts: str) -> Find:
    found = {name: parse_written(HEAD.replace("mine", name) + text, f"{name}.toml") for name, text in texts.items()}

    def find(name: str) -> WrittenRoutine:
        if name not in found:
            raise RoutineError(f"there is no routine {name!r}")
        return found[name]

    return find


def refused(text: str, find: Find = no_includes) -> str:
    with pytest.raises(RoutineError) as caught:
        made(text, find)
    (problem,) = caught.value.problems
    return str(problem)


def test_a_step_for_both_sides_is_done_on_the_left_and_then_as_long_on_the_right() -> None:
    text = '[[steps]]\nzone = "jaw"\ntitle = "Jaw line"\ncue = "Along the left jaw"\nduration_s = 30\n'
    left, right = made(text).routine.steps
    assert (left.zone, left.title, left.cue) == (Zone.JAW_LEFT, "Jaw line (left)", "Along the left jaw")
    assert (right.zone, right.title, right.cue) == (Zone.JAW_RIGHT, "Jaw line (right)", "Along the right jaw")
    assert left.duration_s == right.duration_s == 30


def test_words_that_a_step_does_not_have_are_made_of_zone_direction_and_technique() -> None:
    text = (
        '[[steps]]\nzone = "neck-side"\nside = "left"\ndirection = "downward"\ntechnique = "skimming"\nduration_s = 9\n'
    )
    (step,) = made(text).routine.steps
    assert step.title == "Left side of the neck"
    assert step.cue == "Move only the skin, hardly touching, down the left side of the neck"


def test_a_zone_with_its_side_is_the_region_with_that_side() -> None:
    text = LEFT.replace('zone = "cheek"\nside = "left"', 'zone = "cheek-left"')
    assert parse_written(HEAD + text, "x") == parse_written(HEAD + LEFT, "x")


def test_a_mirror_does_the_steps_of_one_side_and_the_rests_again_on_the_other() -> None:
    left, right = Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT
    assert zones(LEFT + REST + MIRROR) == [left, None, right, None]
    assert zones(LEFT + CHIN + MIRROR) == [left, Zone.CHIN, right]
    jaw = LEFT.replace("cheek", "jaw").replace("left", "right")
    assert zones(LEFT + MIRROR + jaw + MIRROR) == [left, right, Zone.JAW_RIGHT, Zone.JAW_LEFT]


def test_a_mirror_exchanges_left_and_right_in_what_is_said() -> None:
    said = 'title = "LEFT cheek"\ncue = "Left, from the right"\ncues = [{ at_s = 5, text = "still left" }]\n'
    _, step = made(LEFT + said + MIRROR).routine.steps
    assert (step.title, step.cue, step.cues[0].text) == ("RIGHT cheek", "Right, from the left", "still right")


def test_a_mirror_leaves_alone_what_was_on_both_sides() -> None:
    both = '[[steps]]\nzone = "forehead"\nduration_s = 4\n'
    assert len(zones(both + LEFT + MIRROR)) == 4
    assert "nothing to mirror" in refused(both + MIRROR)
    inner = "[[steps]]\nrepeat = 2\n" + (LEFT + MIRROR).replace("[[steps]]", "[[steps.steps]]")
    assert "nothing to mirror" in refused(inner + MIRROR)


def test_repeats_are_run_round_by_round() -> None:
    text = "[[steps]]\nrepeat = 3\n" + (LEFT + REST).replace("[[steps]]", "[[steps.steps]]")
    assert zones(text) == [Zone.CHEEK_LEFT, None] * 3


def test_an_origin_names_where_a_step_was_written() -> None:
    text = (
        "[[steps]]\nrepeat = 2\n" + (LEFT + REST).replace("[[steps]]", "[[steps.steps]]") + '[[steps]]\ninclude = "a"\n'
    )
    origins = [str(origin) for origin in made(text, library(a=CHIN)).origins]
    assert origins == ["steps[0].steps[0]", "steps[0].steps[1]"] * 2 + ["steps[1].include in a"]


def test_included_steps_are_those_of_the_other_routine_and_may_be_mirrored() -> None:
    text = '[[steps]]\ninclude = "warm-up"\n' + MIRROR
    steps = made(text, library(**{"warm-up": LEFT})).routine.steps
    assert [step.zone for step in steps] == [Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT]


def test_routines_that_include_each_other_are_refused_with_the_chain() -> None:
    find = library(a='[[steps]]\ninclude = "b"\n', b='[[steps]]\ninclude = "a"\n')
    assert refused(CHIN + '[[steps]]\ninclude = "a"\n', find) == (
        '9: steps[1].include: "a" includes itself: mine → a → b → a; '
        "allowed: routines that do not lead back to this one"
    )
    assert "mine → mine" in refused('[[steps]]\ninclude = "mine"\n', find)


def test_an_included_routine_that_is_not_there_is_named_with_its_line() -> None:
    assert refused('[[steps]]\ninclude = "a"\n', library()).startswith(
        "6: steps[0].include: \"a\" cannot be included: there is no routine 'a'"
    )


def test_a_long_chain_of_includes_is_refused() -> None:
    texts = {f"r{number}": f'[[steps]]\ninclude = "r{number + 1}"\n' for number in range(MAX_DEPTH + 1)}
    assert "includes too deeply: mine → r0" in refused('[[steps]]\ninclude = "r0"\n', library(**texts))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[steps]]\nrepeat = 64\n" + 2 * CHIN.replace("[[steps]]", "[[steps.steps]]"), "more than 64 steps"),
        (5 * CHIN.replace("10", "300"), "longer than 1200 s"),
        (REST, "are rests only"),
        (MIRROR, "nothing to mirror"),
    ],
)
def test_what_makes_no_massage_is_refused(text: str, words: str) -> None:
    assert words in refused(text)


def test_rounds_of_rounds_of_rounds_end_at_the_first_step_too_many() -> None:
    deep = "".join(f"[[steps{'.steps' * depth}]]\nrepeat = 64\n" for depth in range(MAX_DEPTH))
    step = CHIN.replace("[[steps]]", f"[[steps{'.steps' * MAX_DEPTH}]]").replace("10", "1")
    assert "more than 64 steps" in refused(deep + step)
    assert "nested too deeply" in refused(deep + step.replace("zone", f"repeat = 1\n[[steps{'.steps' * 9}]]\nzone"))


def test_steps_and_keyframes_have_to_fit_on_a_roller_together() -> None:
    keyframes = ", ".join(f"{{ at_s = {at}, amplitude_percent = 1 }}" for at in range(1, 61))
    step = CHIN.replace("10", "60") + f"vibration = {{ amplitude_percent = 1 }}\nkeyframes = [{keyframes}]\n"
    assert len(zones(step * 4)) == 4
    assert "more than 255 steps and keyframes" in refused(step * 5)


@given(WRITTEN)
def test_a_flat_routine_is_within_a_massage_and_comes_back_from_json(written: WrittenRoutine) -> None:
    routine, origins = expand(written).routine, expand(written).origins
    assert len(origins) == len(routine.steps) <= 64
    assert routine.duration_s <= 1200
    assert Routine.model_validate(routine.model_dump(mode="json")) == routine
    assert WrittenRoutine.model_validate(written.model_dump(mode="json")) == written


@given(INCLUDING)
def test_a_routine_that_includes_others_has_their_steps(made: Included) -> None:
    expansion = expand(made.written, made.find)
    for step, origin in zip(expansion.routine.steps, expansion.origins, strict=True):
        for name in origin.through:
            titles = {each.title for each in expand(made.library[name]).routine.steps}
            assert step.title in titles or step.zone is not None
