"""A hand that follows the ring of LEDs: it strokes while a step runs, lifts at a change of step, and rests otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HandParameters:
    """How a person holds and moves the roller. All values are assumptions, to be set by a scenario.

    `symmetry` is the left head's share of the force of both, 0.5 being even.
    `lift_every` is after how many strokes the roller is lifted for `lift_s`; 0: only at a change of step.
    """

    target_kpa: float = 3.5
    stroke_mm: float = 60.0
    stroke_s: float = 2.0
    symmetry: float = 0.5
    tremor_kpa: float = 0.15
    wander_kpa: float = 0.25
    lift_s: float = 0.3
    lift_every: int = 0
    reaction_s: float = 0.25
