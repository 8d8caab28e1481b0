"""The routine that is proposed for a roller is one that its gate lets pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glowsim.firmware.model import GR1, MINI
from glowtool.app.routines import built_in, proposed_for, suited
from glowtool.model.ceilings import CeilingId
from glowtool.model.state import Capability
from glowtool.protocol.status import Feature, own_feature
from glowtool.routine import compile_routine
from glowtool.safety import Gate, PersonalMax

BOTH = Capability.VIBRATION | Capability.MICROCURRENT


@pytest.mark.parametrize(
    ("feature", "name"),
    [
        (GR1.feature(Capability.DISPLAY), "first-glow"),
        (MINI.feature(Capability(0)), "first-glow-vibration"),
        (own_feature(BOTH), "first-glow"),
        (own_feature(Capability.MICROCURRENT), "muscle-lift"),
        (own_feature(Capability(0)), "light-drainage"),
    ],
)
def test_what_is_proposed_is_what_the_gate_of_that_roller_lets_pass(feature: Feature, name: str) -> None:
    proposal = proposed_for(feature.limits)

    assert (proposal.routine, proposal.command) == (name, f"glowtool run {name}")
    chosen = next(routine for routine in built_in() if routine.name == name)
    instead = suited(chosen, PersonalMax(), feature.limits)
    Gate(feature.limits).admit(compile_routine(chosen) if instead is None else instead[1])


def test_the_ceilings_of_the_roller_count_as_well_as_its_outputs() -> None:
    feature = own_feature(BOTH)
    lowered = replace(feature, ceilings={**feature.ceilings, int(CeilingId.PEAK_CURRENT): 50})

    assert proposed_for(lowered.limits).routine == "first-glow-vibration"


def test_where_no_routine_can_be_run_none_is_proposed_and_the_reason_is_told() -> None:
    feature = own_feature(BOTH)
    lowered = replace(feature, ceilings={**feature.ceilings, int(CeilingId.MASSAGE_DURATION): 10})
    proposal = proposed_for(lowered.limits)

    assert proposal.routine is None
    assert "it can run none of the built-in routines (first-glow: " in proposal.why_none
