"""Every valid routine compiles to a program that a roller takes, within the person's maximum."""

import json
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.model.dwell import overruns, stretches
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.protocol.program import pack_program, unpack_program
from glowtool.routine import (
    Goal,
    Microcurrent,
    Routine,
    Step,
    Vibration,
    compile_routine,
    name_of,
    parse_routine,
    routine_digest,
    routine_json_schema,
)
from glowtool.safety import PersonalMax, Severity, lint_program
from glowtool.store.routines.load import builtin_names, load_routine

TEXT: Final = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
CURRENTS: Final = [shape for shape in Waveform if shape is not Waveform.NONE]


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


VIBRATIONS = st.builds(
    Vibration,
    amplitude_percent=number(1, 100),
    frequency_hz=number(40, 150),
    pattern=st.sampled_from(Pattern),
    period_s=number(0.25, 10),
)
MICROCURRENTS = st.builds(
    Microcurrent,
    peak_ua=st.integers(1, 40).map(lambda tens: tens * 10),
    frequency_hz=number(1, 100),
    waveform=st.sampled_from(CURRENTS),
)
STEPS = st.builds(
    Step,
    title=TEXT,
    zone=st.sampled_from(Zone),
    direction=st.sampled_from(Direction),
    duration_s=number(1, 150),
    vibration=st.none() | VIBRATIONS,
    microcurrent=st.none() | MICROCURRENTS,
    ramp_s=number(4, 60),
    band_kpa=st.tuples(number(0, 4.6), number(4.7, 9.3)),
    cue=TEXT,
    strokes_per_min=st.none() | number(1, 120),
)
ROUTINES = st.builds(
    Routine,
    name=st.just("random"),
    title=TEXT,
    goal=st.sampled_from(Goal),
    description=TEXT,
    sources=st.lists(TEXT, max_size=2).map(tuple),
    steps=st.lists(STEPS, min_size=1, max_size=8).map(tuple),
)


def in_order(routine: Routine) -> bool:
    """Return whether no place is worked for too long, which a routine may ask for and its lint refuses."""
    return not overruns(stretches(compile_routine(routine)), 300_000)


@given(ROUTINES.filter(in_order))
def test_every_routine_compiles_to_a_program_that_a_roller_takes(routine: Routine) -> None:
    program = compile_routine(routine)
    assert unpack_program(pack_program(program)) == program
    for step, asked in zip(routine.steps, program, strict=True):
        assert (asked.zone, asked.direction) == (step.zone, step.direction)
        assert asked.duration_s == pytest.approx(step.duration_s, abs=0.0006)
        assert (asked.band_low_kpa, asked.band_high_kpa) == pytest.approx(step.band_kpa, abs=0.0051)
        assert (asked.amplitude > 0) == (step.vibration is not None)
        assert asked.peak_ua == (step.microcurrent.peak_ua if step.microcurrent else 0)


@given(
    ROUTINES.filter(in_order),
    st.builds(
        PersonalMax, peak_ua=st.integers(0, 400), amplitude=st.integers(0, 1000).map(lambda permille: permille / 1000)
    ),
)
def test_no_output_passes_the_persons_maximum(routine: Routine, mine: PersonalMax) -> None:
    program = compile_routine(routine, mine)
    assert unpack_program(pack_program(program)) == program
    for full, asked in zip(compile_routine(routine), program, strict=True):
        assert asked.peak_ua <= min(mine.peak_ua, full.peak_ua)
        assert asked.peak_ua % 10 == 0
        assert asked.amplitude <= min(mine.amplitude, full.amplitude)


def test_full_amplitude_is_the_persons_own_maximum_and_current_is_only_lowered() -> None:
    routine = load_routine("first-glow")
    step = compile_routine(routine, PersonalMax(peak_ua=95, amplitude=0.5))[0]
    assert (step.amplitude, step.peak_ua, step.waveform) == (0.15, 80, Waveform.BIPHASIC_SQUARE)
    step = compile_routine(routine, PersonalMax(peak_ua=75))[0]
    assert (step.amplitude, step.peak_ua) == (0.3, 70)
    step = compile_routine(routine, PersonalMax(peak_ua=9))[0]
    assert (step.peak_ua, step.waveform) == (0, Waveform.NONE)


@given(ROUTINES)
def test_a_routine_comes_back_from_json_as_it_was(routine: Routine) -> None:
    again = Routine.model_validate(json.loads(json.dumps(routine.model_dump(mode="json"))))
    assert again == routine
    assert routine_digest(again) == routine_digest(routine)


@pytest.mark.parametrize("name", builtin_names())
def test_a_built_in_routine_is_named_after_its_file_and_passes_the_lint(name: str) -> None:
    routine = load_routine(name)
    assert routine.name == name
    assert lint_program(compile_routine(routine)) == ()


def test_first_glow_is_what_a_newcomer_meets() -> None:
    routine = load_routine("first-glow")
    assert (routine.duration_s, len(routine.steps)) == (45.0, 4)
    for step in routine.steps:
        assert step.vibration is not None
        assert step.microcurrent is not None
        assert step.vibration.amplitude_percent <= 40
        assert (step.microcurrent.peak_ua or 0) <= 120
        assert step.band_kpa == (2.0, 5.0)


def test_the_lint_refuses_a_routine_for_the_eye_that_the_format_allows() -> None:
    first = load_routine("first-glow").steps[0]
    eye = load_routine("first-glow").model_copy(update={"steps": (first.model_copy(update={"zone": Zone.ORBIT_LEFT}),)})
    assert any(item.severity is Severity.REFUSE for item in lint_program(compile_routine(eye)))


def test_the_digest_is_of_what_is_said_and_not_of_how() -> None:
    head = 'name = "a"\ntitle = "b"\ngoal = "relaxation"\n'
    step = '[[steps]]\ntitle = "c"\nzone = "chin"\nduration_s = {}\nband_kpa = [1, 2]\ncue = "d"\n'
    one = parse_routine(head + 'description = "e"\n' + step.format("15"), "x")
    other = parse_routine('# note\ndescription = "e"\n' + head + step.format("15.0"), "y")
    third = parse_routine(head + 'description = "e"\n' + step.format("16"), "z")
    assert routine_digest(one) == routine_digest(other)
    assert routine_digest(one) != routine_digest(third)
    assert len(routine_digest(one)) == 64


def test_the_schema_speaks_the_names_of_the_file() -> None:
    text = json.dumps(routine_json_schema())
    for member in (*Zone, *Pattern, *Direction, *CURRENTS, *Goal):
        assert f'"{name_of(member)}"' in text
    assert '"none"' not in text
    assert '"default": "biphasic-square"' in text
