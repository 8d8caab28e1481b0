"""The lint warns of what a program asks for in vain, and holds it against battery and dose when these are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from glowtool.model.face import Zone
from glowtool.model.output import Waveform
from glowtool.model.program import Keyframe, Step
from glowtool.safety import Circumstances, Finding, Rule, Severity, lint_program
from glowtool.safety.rules.circumstances import battery_needed_percent
from support.device.steps import BOTH_OUTPUTS

STEP: Final = replace(BOTH_OUTPUTS, duration_s=60.0)
QUIET: Final = replace(STEP, peak_ua=0, waveform=Waveform.NONE)
REST: Final = replace(QUIET, amplitude=0.0, band_low_kpa=0.0, band_high_kpa=0.0, duration_s=1.0)


def found(*steps: Step, now: Circumstances | None = None) -> list[Finding]:
    return list(lint_program(steps, None, now or Circumstances()))


@pytest.mark.parametrize(
    ("change", "what", "fix"),
    [
        ({"duration_s": 4.0}, "duration_s", "let it last 5 s or longer, or join it with the step beside it"),
        ({"band_low_kpa": 4.6}, "width of the pressure band", "lower band_low_kpa to 4.5 kPa"),
        ({"band_low_kpa": 0.0, "band_high_kpa": 0.3}, "band_high_kpa", "raise it to 0.5 kPa"),
        (
            {"amplitude": 1.0, "ramp_s": 60.1, "duration_s": 60.0},
            "ramp to 100 % of vibration",
            "let the step last 60.1 s, or ask for less, or make ramp_s 60 s",
        ),
    ],
)
def test_what_makes_no_sense_is_warned_about_with_a_fix(change: dict[str, float], what: str, fix: str) -> None:
    (item,) = [each for each in found(replace(QUIET, **change)) if each.rule is Rule.SENSE]  # type: ignore[arg-type]  # numbers by name
    assert (item.severity, item.what, item.fix) == (Severity.WARN, what, fix)


def test_a_change_of_levels_alone_asks_nothing_new_of_a_hand() -> None:
    part = replace(QUIET, duration_s=2.5)
    assert found(part, part) == []
    assert [each.what for each in found(part, replace(part, zone=Zone.CHEEK_RIGHT))] == ["duration_s"] * 2
    assert [each.what for each in found(part, REST, part)] == ["duration_s"] * 2


def test_a_ramp_goes_on_from_where_the_step_before_ended() -> None:
    high = replace(QUIET, amplitude=0.8, ramp_s=20.0, duration_s=10.0)
    assert [each.what for each in found(high)] == ["ramp to 80 % of vibration"]
    assert found(replace(QUIET, amplitude=0.6), high) == []


def test_a_rest_is_no_senseless_step() -> None:
    assert found(STEP, REST, STEP) == []


def test_a_jump_between_two_steps_is_from_the_end_of_the_line() -> None:
    fading = replace(QUIET, amplitude=0.9, keyframes=(Keyframe(50.0, 0.2, 75.0, 0, 10.0),))
    high = replace(QUIET, amplitude=0.8, zone=Zone.CHEEK_RIGHT)
    (jump,) = found(fading, high)
    assert (jump.place, jump.what, jump.value) == (
        "steps[1]",
        "jump of the vibration",
        "20 % to 80 % between two steps",
    )
    assert found(replace(fading, keyframes=()), high) == []
    assert found(REST, high) == [], "from nothing there is a soft start"


@pytest.mark.parametrize(
    ("percent", "steps", "severity", "allowed"),
    [
        (9.0, (STEP,), Severity.REFUSE, "at least 10 %"),
        (9.0, (QUIET,), None, ""),
        (4.0, (QUIET,), Severity.REFUSE, "at least 5 %"),
        (4.0, (REST,), None, ""),
        (10.0, (replace(QUIET, duration_s=300.0, amplitude=1.0),) * 4, Severity.WARN, "at least about 14 %"),
        (15.0, (replace(QUIET, duration_s=300.0, amplitude=1.0),) * 4, None, ""),
    ],
)
def test_a_battery_is_held_against_what_a_program_needs(
    percent: float, steps: tuple[Step, ...], severity: Severity | None, allowed: str
) -> None:
    told = [item for item in found(*steps, now=Circumstances(battery_percent=percent)) if item.rule is Rule.BATTERY]
    assert [(item.severity, item.allowed) for item in told] == ([] if severity is None else [(severity, allowed)])


def test_twenty_minutes_at_full_take_a_tenth_of_a_charge() -> None:
    assert battery_needed_percent([replace(QUIET, duration_s=1200.0, amplitude=1.0)]) == pytest.approx(8.5, abs=0.1)


def test_the_dose_that_is_left_counts_all_of_a_step_that_asks_for_the_output_at_any_moment() -> None:
    later = replace(
        QUIET, waveform=Waveform.BIPHASIC_SQUARE, zone=Zone.CHIN, keyframes=(Keyframe(59.0, 0.4, 75.0, 100, 10.0),)
    )
    left = Circumstances(current_left_s=100.0, vibration_left_s=120.0)
    (item,) = found(STEP, later, now=left)
    assert (item.what, item.value, item.allowed) == (
        "time of microcurrent",
        "120 s",
        "at most the 100 s that are left today",
    )
    assert item.fix == "leave out 20 s of it, or wait until tomorrow"
