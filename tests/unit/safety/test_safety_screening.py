"""Who gets which output: the screening blocks, the start is gentle, and nothing raises what either of them allows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glowtool.model.output import Output
from glowtool.safety.bounds import NO_OUTPUT, Person, bounds_of, strictest
from glowtool.safety.dose import Dose
from glowtool.safety.gentle import FORGOTTEN_DAYS, STAGES, earlier_days, stage_of
from glowtool.safety.limits import PersonalMax
from glowtool.safety.screening import QUESTIONS, VALID_DAYS, Answer, Consequence, Flag, Reply, asked_for, screened

TODAY = 739_000
WELL = {flag: Answer(Reply.NO, TODAY) for flag in Flag}
USED_TO_IT = tuple(range(TODAY - 10, TODAY))

replies = st.builds(Answer, st.sampled_from(Reply), st.integers(TODAY - 2 * VALID_DAYS, TODAY + 5))


def test_each_flag_is_asked_once_and_the_list_of_the_current_holds_that_of_vibration() -> None:
    assert [question.flag for question in QUESTIONS] == list(Flag)
    assert set(asked_for(Output.VIBRATION)) < set(asked_for(Output.MICROCURRENT)) == set(QUESTIONS)


def test_who_says_no_to_all_gets_all_and_nobody_gets_nothing() -> None:
    assert bounds_of(Person(WELL, days=USED_TO_IT), TODAY) == PersonalMax()
    assert bounds_of(None, TODAY) == NO_OUTPUT
    assert bounds_of(Person(), TODAY) == NO_OUTPUT


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.flag)
@pytest.mark.parametrize("reply", [Reply.YES, Reply.AGREED])
def test_a_yes_does_to_each_output_what_its_row_says(question: object, reply: Reply) -> None:
    (row,) = [each for each in QUESTIONS if each == question]
    said = {**WELL, row.flag: Answer(reply, TODAY)}
    for output in Output:
        free = {
            None: True,
            Consequence.BLOCKS: False,
            Consequence.ASKS: reply is Reply.AGREED,
        }[row.consequence(output)]
        assert screened(said, output, TODAY).allowed == free


@given(st.dictionaries(st.sampled_from(Flag), replies), st.lists(st.integers(TODAY - 200, TODAY + 9)))
def test_no_current_without_a_valid_no_or_an_agreement_to_every_question(
    answers: dict[Flag, Answer], days: list[int]
) -> None:
    got = bounds_of(Person(answers, days=tuple(days)), TODAY)
    blocks = {question.flag for question in QUESTIONS if question.current is Consequence.BLOCKS}
    for flag in Flag:
        answer = answers.get(flag)
        fine = answer is not None and answer.valid(TODAY) and answer.reply is not Reply.YES
        if not fine or (flag in blocks and answer is not None and answer.reply is not Reply.NO):
            assert got.peak_ua == 0
            break
    else:
        assert got.peak_ua > 0


@pytest.mark.parametrize(
    ("age", "counts"), [(-2, False), (-1, True), (0, True), (VALID_DAYS - 1, True), (VALID_DAYS, False)]
)
def test_answers_count_for_ninety_days_and_not_from_a_clock_that_was_set_back(age: int, counts: bool) -> None:
    assert (bounds_of(Person(WELL, days=USED_TO_IT), TODAY + age).peak_ua > 0) == counts


def test_an_old_yes_still_blocks_until_it_is_answered_anew() -> None:
    said = {**WELL, Flag.IMPLANT: Answer(Reply.YES, TODAY - 5 * VALID_DAYS)}
    found = screened(said, Output.MICROCURRENT, TODAY)
    assert [question.flag for question in found.blocked_by] == [Flag.IMPLANT]
    assert not found.incomplete


def test_the_caps_of_a_new_person_rise_over_days_and_begin_anew_after_a_long_break() -> None:
    caps = [stage_of(range(TODAY - had, TODAY), TODAY).peak_ua for had in range(8)]
    assert caps == sorted(caps)
    assert (caps[0], caps[-1]) == (160, 400)
    assert stage_of([TODAY] * 9, TODAY) is STAGES[0], "many massages on the first day are one first day"
    assert earlier_days([TODAY - FORGOTTEN_DAYS - 1, TODAY - FORGOTTEN_DAYS - 2], TODAY) == 0
    assert earlier_days([TODAY + 1, TODAY + 2], TODAY) == 0, "a clock that was set back makes nobody used to it"


@example(400, 1.0, 0, 0.0, 0.0)
@example(10, 0.1, 9, 0.0, 0.0)
@given(st.integers(0, 400), st.floats(0, 1), st.integers(0, 9), st.floats(0, 5000), st.floats(0, 5000))
def test_the_strictest_of_table_person_start_and_dose_counts(
    peak_ua: int, amplitude: float, had: int, current_s: float, vibration_s: float
) -> None:
    person = Person(WELL, peak_ua, amplitude, tuple(range(TODAY - had, TODAY)))
    got, stage = bounds_of(person, TODAY, Dose(current_s, vibration_s)), stage_of(person.days, TODAY)
    assert got.peak_ua == min(peak_ua, stage.peak_ua)
    assert got.amplitude == min(amplitude, stage.amplitude)
    assert got.day_current_s == max(0, PersonalMax().day_current_s - current_s)
    assert got.day_vibration_s == max(0, PersonalMax().day_vibration_s - vibration_s)
    assert bounds_of(replace(person, answers={}), TODAY).peak_ua == 0


def test_what_a_caller_asks_for_lowers_the_bounds_and_never_raises_them() -> None:
    mine = PersonalMax(peak_ua=100, amplitude=0.5)
    assert strictest(mine, None) == mine
    assert strictest(mine, PersonalMax()) == mine
    assert strictest(mine, PersonalMax(peak_ua=50, step_s=9)) == PersonalMax(peak_ua=50, amplitude=0.5, step_s=9)
