"""The lint refuses exactly what the roller's own decoder refuses, and more where only the host can know."""

from dataclasses import replace

import pytest
from hypothesis import example, given

from glowtool.errors import DecodeError, SafetyError
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.face import Zone
from glowtool.model.output import Waveform
from glowtool.model.program import MAX_STEPS
from glowtool.protocol.program import StepRecord, decode_program, step_of
from glowtool.safety.limits import PersonalMax, ceilings_in_force
from glowtool.safety.lint import lint_program, require_clean
from glowtool.safety.rules.finding import Finding, Rule, Severity
from glowtool.units import SHARE, spoken
from support.device.programs import any_programs, raw_program, valid_steps
from support.device.steps import RECORD

GENTLE = replace(RECORD, duration_ms=15_000)


def refusals(steps: list[StepRecord], *rules: Rule) -> list[Finding]:
    found = [item for item in lint_program(map(step_of, steps)) if item.severity is Severity.REFUSE]
    return [item for item in found if not rules or item.rule in rules]


def decodes(steps: list[StepRecord]) -> bool:
    try:
        decode_program(raw_program(steps))
    except DecodeError:
        return False
    return True


@given(any_programs())
@example([GENTLE] * MAX_STEPS)
@example([GENTLE] * (MAX_STEPS + 1))
@example([replace(GENTLE, duration_ms=300_000)] * 4)
@example([replace(GENTLE, duration_ms=300_000), replace(GENTLE, duration_ms=300_000, zone=Zone.CHEEK_RIGHT)] * 2)
@example([replace(GENTLE, duration_ms=300_000)] * 4 + [replace(GENTLE, duration_ms=1000)])
def test_lint_and_decoder_agree_on_every_ceiling_and_format(steps: list[StepRecord]) -> None:
    assert decodes(steps) == (not refusals(steps, Rule.CEILING, Rule.FORMAT))


@given(any_programs())
def test_what_the_lint_accepts_a_roller_accepts_as_it_stands(steps: list[StepRecord]) -> None:
    if not refusals(steps):
        assert decode_program(raw_program(steps)) == tuple(steps)


def test_a_gentle_program_has_no_findings() -> None:
    assert lint_program([step_of(GENTLE)]) == ()
    assert require_clean([step_of(GENTLE)]) == ()


@pytest.mark.parametrize(
    ("change", "what", "value", "allowed"),
    [
        ({"peak_ua": 410}, "peak_ua", "410 µA", "at most 400 µA"),
        ({"amplitude_permille": 1001}, "amplitude", "100.1 %", "at most 100 %"),
        ({"duration_ms": 300_001}, "duration_s", "300.001 s", "at most 300 s"),
        ({"ramp_ms": 3999}, "ramp_s", "3.999 s", "at least 4 s"),
        ({"vibration_dhz": 399}, "vibration_hz", "39.9 Hz", "at least 40 Hz"),
        ({"vibration_dhz": 1501}, "vibration_hz", "150.1 Hz", "at most 150 Hz"),
        ({"current_dhz": 9}, "current_hz", "0.9 Hz", "at least 1 Hz"),
        ({"current_dhz": 1001}, "current_hz", "100.1 Hz", "at most 100 Hz"),
        ({"duration_ms": 999}, "duration_s", "0.999 s", "1 s to 300 s"),
        ({"pattern_period_ms": 249}, "period_s", "0.249 s", "0.25 s to 10 s"),
        ({"band_low": 501}, "band_low_kpa", "5.01 kPa", "at most 5 kPa"),
        ({"waveform": Waveform.NONE}, "peak_ua", "80 µA", "0 µA without a waveform, more with one"),
        ({"peak_ua": 0}, "peak_ua", "0 µA", "0 µA without a waveform, more with one"),
        ({"band_high": 931}, "band_high_kpa", "9.31 kPa", "at most 9.3 kPa"),
        ({"zone": Zone.ORBIT_LEFT}, "zone", "orbit-left", "any other zone"),
        ({"zone": Zone.TEMPLE_LEFT}, "microcurrent on temple-left", "80 µA", "zero"),
    ],
)
def test_one_broken_limit_gives_one_refusal_in_peoples_units(
    change: dict[str, int], what: str, value: str, allowed: str
) -> None:
    found = refusals([replace(GENTLE, zone=Zone.CHIN), replace(GENTLE, **change)])  # type: ignore[arg-type]  # fields by name from a table
    assert [(item.step, item.what, item.value, item.allowed) for item in found] == [(1, what, value, allowed)]
    assert found[0].reason


def test_a_band_over_caution_is_warned_about_and_not_refused() -> None:
    found = lint_program([step_of(replace(GENTLE, band_high=700))])
    assert [(item.severity, item.rule, item.value) for item in found] == [(Severity.WARN, Rule.PRESSURE, "7 kPa")]
    assert require_clean([step_of(replace(GENTLE, band_high=700))]) == found


def test_the_sum_of_steps_is_held_against_the_massage() -> None:
    long = replace(GENTLE, duration_ms=300_000)
    whole = [long, replace(long, zone=Zone.CHEEK_RIGHT)] * 2
    assert refusals(whole) == []
    (found,) = [item for item in refusals([*whole, GENTLE]) if item.what == "duration"]
    assert (found.step, found.value, found.allowed) == (None, "1215 s", "at most 1200 s")


def test_a_personal_maximum_is_held_like_a_ceiling() -> None:
    mine = ceilings_in_force(personal=PersonalMax(peak_ua=70, amplitude=0.29, day_current_s=14, massage_s=14))
    whats = [item.what for item in lint_program([step_of(GENTLE)], mine)]
    assert whats == ["duration", "time of microcurrent", "amplitude", "peak_ua"]


@given(valid_steps())
def test_the_stricter_table_never_accepts_what_the_looser_refuses(step: StepRecord) -> None:
    stricter = ceilings_in_force(personal=PersonalMax(peak_ua=200, amplitude=0.5, step_s=100))
    if not [item for item in lint_program([step_of(step)], stricter) if item.severity is Severity.REFUSE]:
        assert not refusals([step])
        assert step.peak_ua <= 200
        assert step.amplitude_permille <= 500
        assert step.duration_ms <= 100_000


def test_require_clean_lists_every_refusal_with_place_value_and_reason() -> None:
    steps = [replace(GENTLE, peak_ua=450), replace(GENTLE, zone=Zone.MOUTH)]
    with pytest.raises(SafetyError) as caught:
        require_clean(map(step_of, steps))
    text = str(caught.value)
    assert "steps[0]: peak_ua is 450 µA; it must be at most 400 µA" in text
    assert CEILINGS[CeilingId.PEAK_CURRENT].source in text
    assert "steps[1]: zone is mouth" in text


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (6.5, "s", "6.5 s"),
        (75.0, "Hz", "75 Hz"),
        (0.07, SHARE, "7 %"),
        (9.3, "kPa", "9.3 kPa"),
        (3, "", "3"),
        (400, "µA", "400 µA"),
    ],
)
def test_quantities_are_spoken_in_peoples_units(value: float, unit: str, words: str) -> None:
    assert spoken(value, unit) == words
