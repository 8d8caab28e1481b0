"""Personas: sets of hand parameters for people who hold the roller differently. All numbers are assumptions."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from glowsim.physics.hand.hand import HandParameters

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The differences from the steady hand of the nominal scenario.
PERSONAS: Final[Mapping[str, HandParameters]] = MappingProxyType(
    {
        "gentle": HandParameters(target_kpa=2.0, stroke_s=2.6, wander_kpa=0.15, tremor_kpa=0.1, lift_every=1),
        "heavy-handed": HandParameters(
            target_kpa=8.5, wander_kpa=1.2, force_jitter=0.12, symmetry=0.42, fatigue_per_min=0.02
        ),
        "hasty": HandParameters(
            target_kpa=4.0,
            stroke_s=0.7,
            stroke_mm=45.0,
            rhythm_jitter=0.15,
            length_jitter=0.12,
            lift_every=2,
            lift_s=0.2,
            reaction_s=0.15,
            wrong_way_share=0.05,
        ),
        "uneven": HandParameters(symmetry=0.62, symmetry_jitter=0.05, force_jitter=0.2, length_jitter=0.15),
        "elderly-tremor": HandParameters(
            target_kpa=3.2,
            stroke_s=3.2,
            stroke_mm=45.0,
            # Essential tremor is slower and larger than the physiological one: 4 to 8 Hz.
            tremor_hz=5.5,
            tremor_kpa=0.7,
            wander_kpa=0.3,
            reaction_s=0.7,
            reaction_jitter=0.25,
            rhythm_jitter=0.15,
            lift_every=2,
            lift_s=0.8,
            fatigue_per_min=0.03,
        ),
        "absent-minded": HandParameters(
            reaction_s=1.5,
            reaction_jitter=0.2,
            rhythm_jitter=0.25,
            wrong_way_share=0.25,
            lapse_per_min=3.0,
            lapse_s=4.0,
            lift_every=1,
        ),
    }
)
