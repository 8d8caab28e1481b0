"""The speed of the motor along the line of a step: it turns faster only so fast, and would else stop first."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from glowtool.model.output import LAG_MOST_HZ
from glowtool.safety.rules.finding import At, Rule
from glowtool.units import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.model.program import Step
    from glowtool.safety.rules.finding import Finding

#: The time constant with which a GR-1's motor follows its drive.
LAG_S: Final = 0.05


def lint_speed(number: int, step: Step) -> Iterator[Finding]:
    """Find the keyframes before which the frequency rises so fast that the motor stops on the way."""
    lag_hz = 0.0
    for keyframe, (before, after) in enumerate(pairwise(step.points)):
        span_s = after.at_s - before.at_s
        amplitude = max(before.amplitude, after.amplitude)
        if span_s <= 0 or not amplitude or after.vibration_hz <= before.vibration_hz:
            lag_hz = 0.0
            continue
        settled_hz = (after.vibration_hz - before.vibration_hz) / span_s * LAG_S
        lag_hz = settled_hz + (lag_hz - settled_hz) * math.exp(-span_s / LAG_S)
        most_hz = LAG_MOST_HZ / math.sqrt(amplitude)
        if lag_hz <= most_hz:
            continue
        least_s = math.ceil((after.vibration_hz - before.vibration_hz) * LAG_S / most_hz * 100) / 100
        told = spoken(least_s, "s")
        yield At(number, keyframe).warn(
            Rule.SENSE,
            "rise of the vibration's frequency",
            f"{spoken(before.vibration_hz, 'Hz')} to {spoken(after.vibration_hz, 'Hz')} within "
            f"{spoken(round(span_s, 3), 's')}",
            allowed=f"spread over at least {told}",
            reason="the motor cannot turn faster so soon; it would stop, and begin softly from zero",
            fix=f"take at least {told} for it, or let it rise by less",
        )
