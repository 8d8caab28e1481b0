"""The circumstances of one massage: what the battery holds, and what is left of the person's dose for the day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.ceilings import CeilingId
from glowtool.safety.rules.finding import WHOLE, Rule, reason_of, spoken_ms, whole_ms
from glowtool.units import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.model.program import Step
    from glowtool.safety.limits import CeilingValues
    from glowtool.safety.rules.finding import Finding

#: What a massage takes out of a battery in a minute, in percent of its charge: the roller itself, the motor at full,
#: the current source. For a GR-1's 500 mAh with 8, 120 and 6 mA; another roller may take more, so it only warns.
_IDLE_PER_MIN: Final = 100 * 8 / 500 / 60
_MOTOR_PER_MIN: Final = 100 * 120 / 500 / 60
_SOURCE_PER_MIN: Final = 100 * 6 / 500 / 60

_MS_PER_MIN: Final = 60_000


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known before a massage; None: not known. Doses are what is left for today, in seconds."""

    battery_percent: float | None = None
    current_left_s: float | None = None
    vibration_left_s: float | None = None


UNKNOWN: Final = Circumstances()


def battery_needed_percent(steps: Sequence[Step]) -> float:
    """Return about how much of a charge a program takes, in percent."""
    return sum(
        step.duration_ms
        / _MS_PER_MIN
        * (_IDLE_PER_MIN + _MOTOR_PER_MIN * step.amplitude_most + (_SOURCE_PER_MIN if step.peak_most_ua else 0.0))
        for step in steps
    )


def lint_circumstances(steps: Sequence[Step], limits: CeilingValues, now: Circumstances) -> Iterator[Finding]:
    """Find what a battery, or what is left of the day's dose, does not suffice for."""
    yield from _lint_battery(steps, limits, now.battery_percent)
    for left_s, which, name, counted in (
        (now.current_left_s, CeilingId.DAY_CURRENT, "microcurrent", [step for step in steps if step.peak_most_ua > 0]),
        (
            now.vibration_left_s,
            CeilingId.DAY_VIBRATION,
            "vibration",
            [step for step in steps if step.amplitude_most > 0],
        ),
    ):
        total_ms = sum(step.duration_ms for step in counted)
        if left_s is not None and total_ms > whole_ms(max(0.0, left_s)):
            left_ms = whole_ms(max(0.0, left_s))
            yield WHOLE.refuse(
                Rule.CEILING,
                f"time of {name}",
                spoken_ms(total_ms),
                allowed=f"at most the {spoken_ms(left_ms)} that are left today",
                reason=reason_of(which),
                fix=f"leave out {spoken_ms(total_ms - left_ms)} of it, or wait until tomorrow",
            )


def _lint_battery(steps: Sequence[Step], limits: CeilingValues, percent: float | None) -> Iterator[Finding]:
    if percent is None:
        return
    for which, needed in (
        (CeilingId.BATTERY_EMPTY, any(step.works for step in steps)),
        (CeilingId.BATTERY_CURRENT, any(step.peak_most_ua for step in steps)),
    ):
        if needed and percent < limits[which]:
            yield WHOLE.refuse(
                Rule.BATTERY,
                "charge of the battery",
                spoken(percent, "%"),
                allowed=f"at least {spoken(limits[which], '%')}",
                reason=reason_of(which),
                fix="put the roller on its charger first",
            )
            return
    wanted = math.ceil(battery_needed_percent(steps) + limits[CeilingId.BATTERY_EMPTY])
    if percent < wanted and any(step.works for step in steps):
        yield WHOLE.warn(
            Rule.BATTERY,
            "charge of the battery",
            spoken(percent, "%"),
            allowed=f"at least about {wanted} %",
            reason="it would be empty before the end, and the roller end the massage softly",
            fix="charge the roller first, or run less",
        )
