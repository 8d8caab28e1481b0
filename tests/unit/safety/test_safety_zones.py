"""The table of zones covers every zone and output, and the lint follows it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.model.face import Zone
from glowtool.model.output import Output, Waveform
from glowtool.protocol.program import StepRecord, step_of
from glowtool.safety.lint import lint_program
from glowtool.safety.rules.finding import Rule
from glowtool.safety.zones import LIGHT, ZONE_RULES, Permission, untouchable, zone_rule
from support.device.programs import valid_steps

EYES_AND_MOUTH = {Zone.ORBIT_LEFT, Zone.ORBIT_RIGHT, Zone.MOUTH}
TEMPLES_AND_NECK = {Zone.TEMPLE_LEFT, Zone.TEMPLE_RIGHT, Zone.NECK_FRONT, Zone.NECK_SIDE_LEFT, Zone.NECK_SIDE_RIGHT}


def test_the_table_covers_every_zone_and_output_with_a_reason() -> None:
    assert set(ZONE_RULES) == {(zone, output) for zone in Zone for output in Output}
    for rule in ZONE_RULES.values():
        assert rule.reason
        assert (rule.limit is not None) == (rule.permission is Permission.LIMITED)


@pytest.mark.parametrize("zone", Zone)
def test_the_table_says_what_the_design_says(zone: Zone) -> None:
    vibration, current = zone_rule(zone, Output.VIBRATION), zone_rule(zone, Output.MICROCURRENT)
    if zone in EYES_AND_MOUTH:
        assert (vibration.permission, current.permission) == (Permission.FORBIDDEN, Permission.FORBIDDEN)
    elif zone in TEMPLES_AND_NECK:
        assert (vibration.permission, vibration.limit) == (Permission.LIMITED, LIGHT)
        assert current.permission is Permission.FORBIDDEN
    else:
        assert (vibration.permission, current.permission) == (Permission.ALLOWED, Permission.ALLOWED)
    assert untouchable(zone) == (zone in EYES_AND_MOUTH)


@given(valid_steps())
def test_the_lint_refuses_a_step_for_its_zone_exactly_when_the_table_does(step: StepRecord) -> None:
    refused = any(item.rule is Rule.ZONE for item in lint_program([step_of(step)]))
    light = step_of(step).amplitude_most <= LIGHT and step.peak_ua_most == 0
    fine = step.zone not in EYES_AND_MOUTH and (step.zone not in TEMPLES_AND_NECK or light)
    assert refused != fine


@given(valid_steps(), st.sampled_from(sorted(EYES_AND_MOUTH)))
def test_eyes_and_mouth_are_refused_even_without_any_output(step: StepRecord, zone: Zone) -> None:
    still = replace(step, zone=zone, waveform=Waveform.NONE, peak_ua=0, amplitude_permille=0, keyframes=())
    assert [item.what for item in lint_program([step_of(still)]) if item.rule is Rule.ZONE] == ["zone"]
