"""The findings of the lint: what is wrong or senseless with a program, where, what is allowed, why, and the fix."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.model.ceilings import CEILINGS, CeilingId, Sense
from glowtool.units import MILLISECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from glowtool.safety.limits import CeilingValues


class Severity(enum.StrEnum):
    """The consequence of a finding for the program."""

    REFUSE = "refuse"
    WARN = "warn"


class Rule(enum.StrEnum):
    """The kind of rule of a finding. The roller itself refuses for ceilings and format; the host knows all."""

    CEILING = "ceiling"
    FORMAT = "format"
    ZONE = "zone"
    PRESSURE = "pressure"
    RISE = "rise"
    BATTERY = "battery"
    SENSE = "sense"


@dataclass(frozen=True, slots=True)
class Finding:
    """One refusal or warning about a program. `step` counts from 0; None: the whole program.

    `keyframe` counts the keyframes of the step from 0; None: the step itself. `fix` is what to do about it, a sentence
    without its end: "lower it to 400 µA".
    """

    severity: Severity
    rule: Rule
    step: int | None
    what: str
    value: str
    allowed: str
    reason: str
    fix: str
    keyframe: int | None = None

    @property
    def place(self) -> str:
        """The place in the program."""
        if self.step is None:
            return "program"
        return f"steps[{self.step}]" + ("" if self.keyframe is None else f".keyframes[{self.keyframe}]")

    def __str__(self) -> str:
        return f"{self.place}: {self.what} is {self.value}; it must be {self.allowed} ({self.reason})"


@dataclass(frozen=True, slots=True)
class At:
    """The place of findings in a program: its step from 0, and within the step its keyframe from 0."""

    step: int | None = None
    keyframe: int | None = None

    def refuse(self, rule: Rule, what: str, value: str, *, allowed: str, reason: str, fix: str) -> Finding:
        """Return a refusal here."""
        return Finding(Severity.REFUSE, rule, self.step, what, value, allowed, reason, fix, self.keyframe)

    def warn(self, rule: Rule, what: str, value: str, *, allowed: str, reason: str, fix: str) -> Finding:
        """Return a warning here."""
        return Finding(Severity.WARN, rule, self.step, what, value, allowed, reason, fix, self.keyframe)

    def over_ceiling(
        self, what: str, value: str, which: CeilingId, limits: CeilingValues, fix: str | None = None
    ) -> Finding:
        """Return the refusal of a value beyond a ceiling in force; without a `fix`, it is to be brought there."""
        row, bound = CEILINGS[which], spoken(limits[which], CEILINGS[which].unit)
        if fix is None:
            fix = f"{'lower' if row.sense is Sense.AT_MOST else 'raise'} it to {bound}"
            fix = fix if limits[which] else "leave it out"
        return self.refuse(Rule.CEILING, what, value, allowed=f"{row.sense} {bound}", reason=reason_of(which), fix=fix)


WHOLE: At = At()


def reason_of(which: CeilingId) -> str:
    """Return why there is a ceiling, and who says so."""
    return f"{CEILINGS[which].reason}; {CEILINGS[which].source}"


def whole_ms(time_s: float) -> int:
    """Return a time in whole milliseconds."""
    return round(time_s * MILLISECONDS_PER_SECOND)


def spoken_ms(time_ms: int) -> str:
    """Return a time as people say it."""
    return spoken(time_ms / MILLISECONDS_PER_SECOND, "s")
