"""A routine in one line says what a file says, and a mistake in it is shown where it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import RoutineError
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.routine import Return, Routine, Technique
from glowtool.routine.text.grammar import ALONE, HEADS, ITEMS, OPTIONS, STEP
from glowtool.routine.text.parser import MAX_LENGTH, parse_text, parse_text_expanded
from glowtool.routine.text.writer import write_text
from glowtool.routine.written.models import Include

TEXT = "cheek L 60s vib 40%@75Hz cur 120uA@10Hz band 2-4; mirror; jaw 90s vib 30%"


def flat(text: str) -> Routine:
    return parse_text_expanded(text).routine


def test_the_text_of_the_readme_says_what_it_seems_to_say() -> None:
    left, right, *jaws = flat(TEXT).steps
    assert (left.zone, left.duration_s, left.band_kpa) == (Zone.CHEEK_LEFT, 60, (2, 4))
    assert left.vibration is not None
    assert left.microcurrent is not None
    assert (left.vibration.amplitude_percent, left.vibration.frequency_hz) == (40, 75)
    assert (left.microcurrent.peak_ua, left.microcurrent.frequency_hz) == (120, 10)
    assert (right.zone, right.vibration, right.title) == (Zone.CHEEK_RIGHT, left.vibration, "Right cheek")
    assert [(step.zone, step.duration_s) for step in jaws] == [(Zone.JAW_LEFT, 90), (Zone.JAW_RIGHT, 90)]


def test_every_option_of_a_step_can_be_said() -> None:
    text = (
        "forehead R 1.5min vib 30%@80Hz~wave/5s cur 25%@20Hz~modulated band 2-4.5 ramp 8s up lifting return lift "
        '12/min title "A" cue "B" at 20s vib 60% cur 100uA@30Hz at 40s vib @90Hz say "C"'
    )
    (step,) = flat(text).steps
    assert step.vibration is not None
    assert step.microcurrent is not None
    assert (step.duration_s, step.vibration.pattern, step.vibration.period_s) == (90, Pattern.WAVE, 5)
    assert (step.microcurrent.peak_percent, step.microcurrent.waveform) == (25, Waveform.MODULATED)
    assert (step.ramp_s, step.direction, step.technique) == (8, Direction.UPWARD, Technique.LIFTING)
    assert (step.stroke_return, step.strokes_per_min, step.title, step.cue) == (Return.LIFT, 12, "A", "B")
    first, second = step.keyframes
    assert (first.at_s, first.amplitude_percent, first.peak_ua, first.current_hz) == (20, 60, 100, 30)
    assert (second.at_s, second.amplitude_percent, second.vibration_hz) == (40, None, 90)
    assert [(cue.at_s, cue.text) for cue in step.cues] == [(40, "C")]


def test_rests_repeats_includes_and_what_is_about_the_routine_can_be_said() -> None:
    text = (
        'name my-own; title "Mine"; goal relaxation; about "Two\\nlines"; source "s"; '
        'evidence "c" from "d" n 3 by "e"; '
        'repeat 2 (chin 5s; rest 3s cue "Breathe"; repeat 2 (chin 1s)); include other'
    )
    made = parse_text(text)
    assert (made.name, made.title, made.description, made.sources) == ("my-own", "Mine", "Two\nlines", ("s",))
    assert (made.evidence[0].source, made.evidence[0].participants, made.evidence[0].funded_by) == ("d", 3, "e")
    assert made.steps[-1] == Include(include="other")
    assert write_text(made) == text
    without = parse_text_expanded(text.replace("; include other", "")).routine
    assert [step.duration_s for step in without.steps] == [5, 3, 1, 1, 5, 3, 1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cheek l 60S VIB 40%@75hz", "cheek L 60s vib 40%"),
        ("cheek-left 60 s vib 40 % @ 80 Hz", "cheek L 60s vib 40%@80Hz"),
        ("cheek left 1min upward", "cheek L 60s up"),
        ("chin 60s cur 120µA band 2–4kPa", "chin 60s cur 120uA band 2-4"),
        (" ;; chin 60s ; ", "chin 60s"),
        ("jaw 9s vib 5%~wave/1s", "jaw both 9s vib 5%~wave"),
        ("jaw 9s at 3s vib 6%@70Hz vib 5%", "jaw 9s vib 5% at 3s vib 6%@70Hz"),
    ],
)
def test_people_write_it_in_other_ways_too(one: str, other: str) -> None:
    if "at 3s" in one:  # the vib after a moment is that of the moment
        with pytest.raises(RoutineError, match="comes a second time at this moment"):
            parse_text(one)
        return
    assert write_text(parse_text(one)) == write_text(parse_text(other))


#: A text, the words at which its mistake is shown, what is said, and what was most likely meant.
MISTAKES = [
    ("chek L 60s", "chek", "is no beginning of a part", "cheek"),
    ("mirrored; chin 5s", "mirrored", "is no beginning of a part", "mirror"),
    ("chin 60", "60", "a time, such as 60s or 1.5min", None),
    ("chin", "chin", "duration_s: is missing", None),
    ("chin 60s 70s", "70s", "says the duration_s a second time", None),
    ("chin 2,5s", "2,5s", "a decimal has a point, not a comma", None),
    ("chin 60s vib 40", "40", "as in `vib 40%@75Hz~wave/5s`", None),
    ("chin 60s vib 140%", "140%", "allowed: 0 to 100 %", None),
    ("chin 60s vib 40%@300Hz", "300Hz", "allowed: 40 to 150 Hz", None),
    ("chin 60s vib 40%~wav", "wav", "allowed: steady, pulse, wave, ramp", "wave"),
    ("chin 60s vibr 40%", "vibr", "is no word of a step", "vib"),
    ("chin 60s cur 125uA", "125uA", "in steps of 10", None),
    ("chin 60s cur 1mA", "1mA", "cur PEAKuA", None),
    ("chin 60s band 4-2", "4-2", "has its lower edge at or above its upper edge", None),
    ("chin 60s band 4", "4", "band LOW-HIGH", None),
    ("chin 60s ramp 1s", "1s", "allowed: 4 to 60 s", None),
    ("chin 60s return back", "back", "allowed: lift, roll-back, either", "roll-back"),
    ("chin 60s upwards", "upwards", "is no word of a step", "upward"),
    ("chin L 60s", "L", "is for a zone without sides", None),
    ("cheek-left R 60s", "R", "differs from the side that the zone names", None),
    ("chin 60s cue Up", "Up", "is not a text in quotes after cue", None),
    ('chin 60s "Up"', '"Up"', "stands alone", None),
    ('chin 60s cue "Up', '"Up', "is a text without its end", None),
    ('chin 60s cue "\\q"', '"\\q"', "has an escape that is none", None),
    ("chin 60s at 10s", "10s", "has nothing after it", None),
    ("chin 60s at 10s vib 5%", "5%", "has no output that it could change", None),
    ("chin 60s vib 5% at 70s vib 9%", "70s", "is after the end of the step", None),
    ("chin 60s vib 5% at 9s vib 9%~wave", "9%~wave", "says what only a whole step can say", None),
    ("rest", "", "is not a word after rest", None),
    ("rest 5s vib 4%; chin 5s", "vib", "does not belong to a rest", None),
    ("repeat (chin 5s)", "(", "is not a word after repeat", None),
    ("repeat 2 chin 5s", "chin", "is not the ( of a repeat", None),
    ("repeat 2 (chin 5s", "(", "has no end", None),
    ("repeat 99 (chin 5s)", "99", "allowed: whole numbers, 1 to 64", None),
    ("repeat 2 (name x; chin 5s)", "name", "is about the whole routine", None),
    ("chin 5s)", ")", "closes nothing", None),
    ("chin 5s (rest 5s)", "(", "does not belong here", None),
    ("mirror; chin 5s", "mirror", "has nothing to mirror", None),
    ("include other", "other", "cannot be included", None),
    ("goal beauty; chin 5s", "beauty", "is not a known name", None),
    ("name My; chin 5s", "My", "lower-case letters and digits", None),
    ('evidence "c" off "d"; chin 5s', "off", "does not belong to evidence", None),
    ("", "", "comes before any step", None),
    ("name x", "", "comes before any step", None),
]


@pytest.mark.parametrize(("text", "at", "says", "meant"), MISTAKES, ids=[case[0] for case in MISTAKES])
def test_a_mistake_is_shown_at_its_column_with_what_is_allowed(
    text: str, at: str, says: str, meant: str | None
) -> None:
    with pytest.raises(RoutineError) as refused:
        parse_text_expanded(text)
    (problem,) = refused.value.problems
    assert problem.column == (text.rindex(at) + 1 if at else len(text) + 1)
    assert says in str(problem)
    assert problem.suggestion == meant
    _, shown, excerpt, caret, _ = refused.value.lines
    assert str(problem) in shown
    assert excerpt.strip() == text
    assert caret.index("^") - 4 == problem.column - 1


def test_a_mistake_far_into_a_long_text_is_shown_with_the_words_around_it() -> None:
    text = "chin 5s; " * 10 + "chinn 5s; " + "chin 5s; " * 10
    with pytest.raises(RoutineError) as refused:
        parse_text(text)
    _, _, excerpt, caret, _ = refused.value.lines
    assert excerpt[caret.index("^") :].startswith("chinn 5s")
    assert len(excerpt) < 80


def test_what_is_too_deep_or_too_long_is_refused() -> None:
    with pytest.raises(RoutineError, match="nested too deeply"):
        parse_text("repeat 1 (" * 10_000)
    with pytest.raises(RoutineError, match=f"at most {MAX_LENGTH} are allowed"):
        parse_text("x" * 10_000_000)


def test_every_example_of_the_grammar_is_one() -> None:
    for form in (*HEADS, *ITEMS):
        text = form.example if form in ITEMS else f"{form.example}; chin 60s"
        parse_text(f"cheek L 5s; {text}" if form.word == "mirror" else text)
    for form in (*OPTIONS, *ALONE):
        outputs = "" if form.word in {"vib", "cur"} else "vib 1% cur 10uA "
        time = "" if form.word == "TIME" else "60s "
        parse_text(f"cheek {time}{outputs}{form.example}")
    parse_text(STEP.example)


WORDS = st.sampled_from(
    [
        *TEXT.split(),
        "repeat",
        "2",
        "(",
        ")",
        ";",
        '"',
        '"a"',
        "at",
        "10s",
        "say",
        "rest",
        "cue",
        "name",
        "x",
        "@",
        "~",
        "\\",
        "µ",
        "\0",
    ]
)


@given(st.lists(WORDS, max_size=12), st.sampled_from([" ", ""]))
def test_any_words_are_read_or_refused_with_a_place(words: list[str], between: str) -> None:
    refused = refusal(between.join(words))
    assert refused is None or all(problem.column or problem.path for problem in refused.problems)
    assert refused is None or max(map(len, refused.lines)) < 600


def refusal(text: str) -> RoutineError | None:
    try:
        parse_text_expanded(text)
    except RoutineError as refused:
        return refused
    return None
