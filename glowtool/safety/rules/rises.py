"""The rises between the keyframes of a step: none goes faster than the step's ramp, which the roller holds anyway.

What a person feels rises with four quantities: the amplitude, the shaking (amplitude × frequency²), the peak, and the
charge of one phase (peak ÷ frequency). Each may take the way from nothing to full in no less than the ramp; where a
line is steeper, the roller would hold it back, and the step would not be what it says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId, limit
from glowtool.safety.rules.finding import At, Rule
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowtool.model.output import Levels
    from glowtool.model.program import Keyframe, Step
    from glowtool.safety.limits import CeilingValues
    from glowtool.safety.rules.finding import Finding

#: A rise may go this share of a full amplitude or peak beyond the line: a device rounds levels, and moments to
#: milliseconds. So a device holds neither back by more, whatever its frequency.
ROUNDING: Final = 0.01

#: A rise that is just allowed stays so wherever in a step it begins: floats differ by less than this.
_SAME: Final = 1e-9

#: Where a frequency changes, a line is looked at in so many places: shaking and charge do not go in straight lines.
_LOOKS: Final = 32

_FULL_HZ: Final = limit(CeilingId.VIBRATION_FREQUENCY_MAX)
_FULL_UA: Final = limit(CeilingId.PEAK_CURRENT)
_LEAST_HZ: Final = limit(CeilingId.CURRENT_FREQUENCY_MIN)


@dataclass(frozen=True, slots=True)
class _Quantity:
    """What rises: its name, its share of full, how it is spoken of, and the frequency that bends its line.

    `weight` is how much of it there is for each share of full amplitude or peak, at a frequency.
    """

    name: str
    level: Callable[[Levels], float]
    words: Callable[[Levels], str]
    bends: Callable[[Levels], float] | None = None
    weight: Callable[[float], float] = lambda _: 1.0

    def weight_at(self, at: Levels) -> float:
        return 1.0 if self.bends is None else self.weight(self.bends(at))

    def share(self, at: Levels) -> float:
        return self.level(at) * self.weight_at(at)


_QUANTITIES: Final = (
    _Quantity("vibration", lambda at: at.amplitude, lambda at: spoken(round(at.amplitude, 3), SHARE)),
    _Quantity(
        "shaking, amplitude × frequency²,",
        lambda at: at.amplitude,
        lambda at: f"{spoken(round(at.amplitude, 3), SHARE)} at {at.vibration_hz:.4g} Hz",
        lambda at: at.vibration_hz,
        lambda hz: (hz / _FULL_HZ) ** 2,
    ),
    _Quantity("microcurrent", lambda at: at.peak_ua / _FULL_UA, lambda at: f"{at.peak_ua:.4g} µA"),
    _Quantity(
        "charge of a phase of the microcurrent",
        lambda at: at.peak_ua / _FULL_UA,
        lambda at: f"{at.peak_ua:.4g} µA at {at.current_hz:.4g} Hz",
        lambda at: at.current_hz,
        lambda hz: _LEAST_HZ / max(_LEAST_HZ, hz),
    ),
)


def lint_rises(number: int, step: Step, limits: CeilingValues) -> Iterator[Finding]:
    """Find the keyframes before which an output rises too fast, at most one finding for each output of a keyframe."""
    moments = [point.at_s for point in step.points]
    if not step.keyframes or not all(before < now for before, now in pairwise(moments)):
        return
    ramp_s = max(step.ramp_s, limits[CeilingId.SOFT_START])
    found: set[tuple[int, str]] = set()
    for quantity in _QUANTITIES:
        for keyframe, finding in _too_fast(quantity, number, step, ramp_s):
            # Shaking rises with the amplitude, and charge with the peak: one of them says enough.
            output = "current" if "current" in quantity.name else "vibration"
            if (keyframe, output) not in found:
                found.add((keyframe, output))
                yield finding


def _too_fast(quantity: _Quantity, number: int, step: Step, ramp_s: float) -> Iterator[tuple[int, Finding]]:
    lowest_s, lowest = 0.0, quantity.share(step.points[0].levels)
    for keyframe, (before, after) in enumerate(pairwise(step.points)):
        was_s, was, steepest, over = before.at_s, quantity.share(before.levels), 0.0, False
        for at_s in _looks(quantity, before, after):
            levels = after.levels if at_s == after.at_s else step.levels_at(at_s)
            share = quantity.share(levels)
            steepest = max(steepest, (share - was) / (at_s - was_s))
            allowed = (at_s - lowest_s) / ramp_s + ROUNDING * quantity.weight_at(levels) + _SAME
            over = over or share - lowest > allowed
            # The moment from which the line of the ramp lies lowest is the strictest for all that comes later.
            if share - at_s / ramp_s < lowest - lowest_s / ramp_s:
                lowest_s, lowest = at_s, share
            was_s, was = at_s, share
        if over:
            needed_s = (after.at_s - before.at_s) * steepest * ramp_s
            yield keyframe, _finding(quantity, At(number, keyframe), (before, after), needed_s, ramp_s)
            lowest_s, lowest = after.at_s, was


def _looks(quantity: _Quantity, before: Keyframe, after: Keyframe) -> Iterator[float]:
    """Yield the moments of a line that are looked at: a bent one where its frequency has changed by the same ratio."""
    low, high = (1.0, 1.0) if quantity.bends is None else (quantity.bends(at.levels) for at in (before, after))
    if low != high and min(low, high) > 0:
        for look in range(1, _LOOKS):
            share = ((high / low) ** (look / _LOOKS) - 1) / (high / low - 1)
            yield before.at_s + (after.at_s - before.at_s) * share
    yield after.at_s


def _finding(quantity: _Quantity, at: At, ends: tuple[Keyframe, Keyframe], needed_s: float, ramp_s: float) -> Finding:
    before, after = ends
    # Rounded up, so that what is told is enough.
    told = spoken(math.ceil(round(needed_s * 10, 6)) / 10, "s")
    within = spoken(round(after.at_s - before.at_s, 3), "s")
    return at.refuse(
        Rule.RISE,
        f"rise of the {quantity.name}",
        f"{quantity.words(before.levels)} to {quantity.words(after.levels)} within {within}",
        allowed=f"spread over at least {told}",
        reason=f"with a ramp of {spoken(ramp_s, 's')} from zero to full",
        fix=f"take at least {told} for it, or let it rise less",
    )
