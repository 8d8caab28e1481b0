"""What a program asks for in vain: it harms nobody, but a person could not follow it, or a roller not deliver it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.output import SILENT
from glowtool.safety.rules.finding import At, Rule
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.model.program import Keyframe, Step
    from glowtool.safety.limits import CeilingValues
    from glowtool.safety.rules.finding import Finding

#: A hand needs this long to come to a place and find its stroke there (design).
FOLLOWED_S: Final = 5.0

#: A step begins at most this share of full above where the one before it ended (design).
JUMP: Final = 0.5

#: No hand keeps its pressure within less than this, and no cell tells less from nothing (design).
BAND_KPA: Final = 0.5

_FULL_UA: Final = limit(CeilingId.PEAK_CURRENT)


def lint_step_sense(number: int, steps: Sequence[Step], limits: CeilingValues) -> Iterator[Finding]:
    """Find what a step that works asks for in vain, beside those before and after it."""
    step, before = steps[number], steps[number - 1] if number else None
    if not step.works:
        return
    at = At(number)
    if step.duration_s < FOLLOWED_S and _stroke_s(number, steps) < FOLLOWED_S:
        yield at.warn(
            Rule.SENSE,
            "duration_s",
            spoken(step.duration_s, "s"),
            allowed=f"at least {spoken(FOLLOWED_S, 's')}",
            reason="too short to follow",
            fix=f"let it last {spoken(FOLLOWED_S, 's')} or longer, or join it with the step beside it",
        )
    yield from _lint_band(at, step)
    ramp_s = max(step.ramp_s, limits[CeilingId.SOFT_START])
    left = SILENT if before is None else before.points[-1].levels
    for name, rise, words in (
        ("vibration", step.amplitude_most - left.amplitude, spoken(round(step.amplitude_most, 3), SHARE)),
        ("microcurrent", (step.peak_most_ua - left.peak_ua) / _FULL_UA, spoken(step.peak_most_ua, "µA")),
    ):
        if rise * ramp_s > step.duration_s:
            longest_s = math.floor(step.duration_s / rise * 10) / 10
            least_s = math.ceil(rise * ramp_s * 10) / 10
            yield at.warn(
                Rule.SENSE,
                f"ramp to {words} of {name}",
                f"longer than the step of {spoken(step.duration_s, 's')}",
                allowed=f"over within {spoken(step.duration_s, 's')}",
                reason="the step would end before its level is reached",
                fix=f"let the step last {spoken(least_s, 's')}, or ask for less"
                + (f", or make ramp_s {spoken(longest_s, 's')}" if longest_s >= limits[CeilingId.SOFT_START] else ""),
            )


def _stroke_s(number: int, steps: Sequence[Step]) -> float:
    """Return for how long the hand goes on as in this step: a change of levels alone asks nothing new of it."""
    step, duration_s = steps[number], steps[number].duration_s
    for beside in (steps[number + 1 :], reversed(steps[:number])):
        for other in beside:
            if not other.works or (other.zone, other.direction) != (step.zone, step.direction):
                break
            duration_s += other.duration_s
    return duration_s


def _lint_band(at: At, step: Step) -> Iterator[Finding]:
    low_kpa, high_kpa = step.band_low_kpa, step.band_high_kpa
    if high_kpa < BAND_KPA:
        yield at.warn(
            Rule.SENSE,
            "band_high_kpa",
            spoken(high_kpa, "kPa"),
            allowed=f"at least {spoken(BAND_KPA, 'kPa')}",
            reason="so light a touch is not felt as one",
            fix=f"raise it to {spoken(max(BAND_KPA, low_kpa + BAND_KPA), 'kPa')}",
        )
    elif 0 <= high_kpa - low_kpa < BAND_KPA:
        yield at.warn(
            Rule.SENSE,
            "width of the pressure band",
            spoken(round(high_kpa - low_kpa, 2), "kPa"),
            allowed=f"at least {spoken(BAND_KPA, 'kPa')}",
            reason="no hand keeps within less",
            fix=f"lower band_low_kpa to {spoken(round(max(0.0, high_kpa - BAND_KPA), 2), 'kPa')}",
        )


def lint_jumps(steps: Sequence[Step]) -> Iterator[Finding]:
    """Find the steps that begin far above the end of the one before them, where both ask for the output."""
    for number, (before, after) in enumerate(pairwise(steps), 1):
        ends: Keyframe = before.points[-1]
        for name, low, high, words in (
            ("vibration", ends.amplitude, after.amplitude, (ends.amplitude, after.amplitude, SHARE)),
            ("microcurrent", ends.peak_ua / _FULL_UA, after.peak_ua / _FULL_UA, (ends.peak_ua, after.peak_ua, "µA")),
        ):
            if low > 0 and high - low > JUMP:
                was, now, unit = words
                yield At(number).warn(
                    Rule.SENSE,
                    f"jump of the {name}",
                    f"{spoken(round(was, 3), unit)} to {spoken(round(now, 3), unit)} between two steps",
                    allowed=f"at most {spoken(JUMP if unit == SHARE else JUMP * _FULL_UA, unit)} higher",
                    reason="so large a rise startles, however softly it begins",
                    fix="begin lower, and let it rise within the step",
                )
