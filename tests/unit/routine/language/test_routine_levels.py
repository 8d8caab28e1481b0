"""What a step says about its levels over time is what the program asks for, within the person's own maximum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import RoutineError
from glowtool.model.output import Waveform
from glowtool.model.program import Keyframe
from glowtool.protocol.program import pack_program, unpack_program
from glowtool.routine import Routine, Step, compile_routine, parse_routine
from glowtool.safety import PersonalMax
from support.routines.written import FLAT, GENTLE_FLAT

HEAD = 'name = "mine"\ntitle = "Mine"\ngoal = "relaxation"\ndescription = "x"\n'
STEP = '[[steps]]\nzone = "chin"\nduration_s = 60\n'


def routine(step: str) -> Routine:
    return parse_routine(HEAD + STEP + step, "mine.toml")


def test_levels_go_in_straight_lines_from_keyframe_to_keyframe_and_then_hold() -> None:
    step = compile_routine(
        routine(
            "vibration = { amplitude_percent = 20, frequency_hz = 60 }\n"
            "keyframes = [{ at_s = 10, amplitude_percent = 40 }, "
            "{ at_s = 30, amplitude_percent = 0, vibration_hz = 90 }]\n"
        )
    )[0]
    assert (step.amplitude, step.vibration_hz) == (0.2, 60)
    # The frequency is not named at 10 s, so its line goes on from 0 to 30 s.
    assert step.keyframes == (Keyframe(10, 0.4, 70, 0, 1), Keyframe(30, 0, 90, 0, 1))
    assert [round(step.levels_at(at_s).amplitude, 3) for at_s in (0, 5, 20, 45)] == [0.2, 0.3, 0.2, 0]


def test_a_current_begins_later_with_its_own_shape() -> None:
    step = compile_routine(
        routine("microcurrent = { peak_ua = 0, waveform = 'modulated' }\nkeyframes = [{ at_s = 20, peak_ua = 100 }]\n")
    )[0]
    assert (step.peak_ua, step.waveform, step.keyframes[0].peak_ua) == (0, Waveform.MODULATED, 100)


def test_percent_is_of_the_own_maximum_and_microamperes_are_only_lowered() -> None:
    made = routine(
        "microcurrent = { peak_percent = 50 }\n"
        "keyframes = [{ at_s = 10, peak_ua = 100 }, { at_s = 20, peak_percent = 100 }, { at_s = 30, peak_ua = 300 }]\n"
    )
    assert _peaks(made, None) == [200, 100, 400, 300]
    assert _peaks(made, PersonalMax(peak_ua=125)) == [60, 100, 120, 120]
    none = compile_routine(made, PersonalMax(peak_ua=5))[0]
    assert (none.waveform, none.peak_ua, none.keyframes) == (Waveform.NONE, 0, ())


def _peaks(made: Routine, most: PersonalMax | None) -> list[int]:
    step = compile_routine(made, most)[0]
    return [step.peak_ua, *(keyframe.peak_ua for keyframe in step.keyframes)]


def test_a_rest_asks_for_nothing_on_the_zone_beside_it() -> None:
    made = parse_routine(f"{HEAD}[[steps]]\nrest_s = 5\n{STEP}[[steps]]\nrest_s = 6\n", "x")
    program = compile_routine(made)
    assert [step.zone for step in program] == [program[1].zone] * 3
    assert [(step.works, step.band_high_kpa) for step in program] == [(False, 0), (False, 5), (False, 0)]


@given(FLAT | GENTLE_FLAT, st.builds(PersonalMax, peak_ua=st.integers(0, 400), amplitude=st.sampled_from([0, 0.25, 1])))
def test_every_routine_becomes_a_program_within_the_maximum_that_a_roller_takes(
    made: Routine, most: PersonalMax
) -> None:
    program = compile_routine(made, most)
    for asked, step in zip(made.steps, program, strict=True):
        assert step.amplitude_most <= most.amplitude + 0.0005
        assert step.peak_most_ua <= most.peak_ua
        assert len(step.keyframes) in {0, len(asked.keyframes)}
        for moment_ms in range(0, step.duration_ms, 997):
            _compare(asked, step.levels_at(moment_ms / 1000).amplitude, moment_ms / 1000, most.amplitude)


def _compare(asked: Step, found: float, at_s: float, most: float) -> None:
    """Hold the amplitude at one moment against the line from the keyframe that named one last to the next that does."""
    points = [(0.0, asked.vibration.amplitude_percent if asked.vibration else 0.0)]
    points += [(k.at_s, k.amplitude_percent) for k in asked.keyframes if k.amplitude_percent is not None]
    before = max((point for point in points if point[0] <= at_s), key=lambda point: point[0])
    after = min((point for point in points if point[0] > at_s), key=lambda point: point[0], default=before)
    share = 0 if after == before else (at_s - before[0]) / (after[0] - before[0])
    # Each end is rounded to 1 ‰ and to 1 ms; over a short line, a millisecond is much of its height.
    steep = abs(after[1] - before[1]) / max(after[0] - before[0], 0.001) / 100 * most
    assert found == pytest.approx(
        (before[1] + (after[1] - before[1]) * share) / 100 * most, abs=0.0011 + steep * 0.0011
    )


@given(GENTLE_FLAT)
def test_a_program_comes_back_from_its_bytes(made: Routine) -> None:
    try:
        data = pack_program(compile_routine(made))
    except ValueError:
        return
    assert unpack_program(data) == compile_routine(made)


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("vibration = { amplitude_percent = 0 }\n", "vibration.amplitude_percent: 0 stays at 0"),
        ("microcurrent = { peak_percent = 0 }\n", "microcurrent.peak_percent: 0 stays at 0"),
        (
            "microcurrent = { peak_ua = 10, peak_percent = 5 }\n",
            "microcurrent.peak_percent: 5 says the peak a second time",
        ),
        (
            "keyframes = [{ at_s = 5, current_hz = 9 }]\n",
            "keyframes[0].current_hz: 9 has no output that it could change",
        ),
        ("keyframes = [{ at_s = 5 }]\n", "keyframes[0]: a table names no level"),
    ],
)
def test_levels_that_say_nothing_are_refused(step: str, problem: str) -> None:
    with pytest.raises(RoutineError) as refused:
        routine(step)
    assert f"8: steps[0].{problem}" in str(refused.value)
