"""The lint: every ceiling and every zone held against a program before any byte of it is sent."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import SafetyError
from glowtool.model.face import Zone
from glowtool.model.output import Output, Waveform
from glowtool.protocol.ceilings import CEILINGS, CeilingId
from glowtool.protocol.dwell import Overrun, overruns, stretches
from glowtool.protocol.program import MAX_STEPS, StepRecord
from glowtool.protocol.wire import FieldLayout, layout
from glowtool.safety.limits import CeilingValues, ceilings_in_force, over
from glowtool.safety.zones import Verdict, untouchable, zone_rule
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Severity(enum.StrEnum):
    """What a finding means for the program."""

    REFUSE = "refuse"
    WARN = "warn"


class Rule(enum.StrEnum):
    """Which kind of rule a finding is about. The roller itself knows ceilings and format; the host knows all."""

    CEILING = "ceiling"
    FORMAT = "format"
    ZONE = "zone"
    PRESSURE = "pressure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a program that is refused or warned about. `step` counts from 0; None: the whole program."""

    severity: Severity
    rule: Rule
    step: int | None
    what: str
    value: str
    allowed: str
    reason: str

    def __str__(self) -> str:
        place = "program" if self.step is None else f"steps[{self.step}]"
        return f"{place}: {self.what} is {self.value}, allowed is {self.allowed} ({self.reason})"


#: Which ceilings bound which field of a step record, and how many of the field's units make one of the ceiling's.
_BOUNDS: Final[dict[str, tuple[tuple[CeilingId, int], ...]]] = {
    "duration_ms": ((CeilingId.STEP_DURATION, MILLISECONDS_PER_SECOND),),
    "amplitude_permille": ((CeilingId.VIBRATION_AMPLITUDE, 1),),
    "vibration_dhz": ((CeilingId.VIBRATION_FREQUENCY_MIN, 1), (CeilingId.VIBRATION_FREQUENCY_MAX, 1)),
    "peak_ua": ((CeilingId.PEAK_CURRENT, 1),),
    "current_dhz": ((CeilingId.CURRENT_FREQUENCY_MIN, 1), (CeilingId.CURRENT_FREQUENCY_MAX, 1)),
    "ramp_ms": ((CeilingId.SOFT_START, 1),),
}

#: The wire's units that people do not speak: how many make one of theirs, and its name.
_SPOKEN: Final[dict[str, tuple[int, str]]] = {
    "ms": (1000, "s"),
    "0.1 Hz": (10, "Hz"),
    "0.01 kPa": (100, "kPa"),
    "‰": (10, "%"),
    "‰ of full": (10, "%"),
}


def spoken(value: int, unit: str) -> str:
    """Return a quantity of a table or of the wire in the unit that people speak: 6500 ms is "6.5 s"."""
    divisor, name = _SPOKEN.get(unit, (1, unit))
    return f"{value / divisor:.12g} {name}".rstrip()


def lint_program(steps: Sequence[StepRecord], ceilings: CeilingValues | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong with a program, in order of its steps; empty when it may be sent.

    `ceilings` are the ones in force, by default the table's own. A program may be sent when no finding refuses it.
    """
    limits = ceilings_in_force() if ceilings is None else ceilings
    found = list(_lint_whole(steps, limits))
    # A step that is too long by itself is told as that.
    longest_ms = limits[CeilingId.STEP_DURATION] * MILLISECONDS_PER_SECOND
    worked = [(place, min(time_ms, longest_ms)) for place, time_ms in stretches(steps)]
    over_long = {each.index: each for each in overruns(worked, limits[CeilingId.PLACE_DWELL] * MILLISECONDS_PER_SECOND)}
    for number, step in enumerate(steps):
        for check in (_lint_fields, _lint_consistency, _lint_zone, _lint_pressure):
            found.extend(check(number, step, limits))
        if number in over_long:
            found.append(_over_dwell(over_long[number]))
    return tuple(found)


def require_clean(steps: Sequence[StepRecord], ceilings: CeilingValues | None = None) -> tuple[Finding, ...]:
    """Return the warnings about a program; raises `SafetyError` listing every refusal when there is one."""
    found = lint_program(steps, ceilings)
    refused = [finding for finding in found if finding.severity is Severity.REFUSE]
    if refused:
        raise SafetyError("the program breaks a safety limit and is not sent:").listing(
            *(f"  {finding}" for finding in refused), "lower the value, or leave it out"
        )
    return found


def _refuse(rule: Rule, step: int | None, what: str, value: str, *, allowed: str, reason: str) -> Finding:
    return Finding(Severity.REFUSE, rule, step, what, value, allowed, reason)


def name_of_place(place: int) -> str:
    """Return the name of a place as routines spell it: the number 5 is "cheek-left"."""
    known = {int(zone): zone.name.lower().replace("_", "-") for zone in Zone}
    return known.get(place, f"zone {place}")


def _over_dwell(over: Overrun) -> Finding:
    row = CEILINGS[CeilingId.PLACE_DWELL]
    rest = f"a rest of {spoken(over.rest, 'ms')} before this step, or as much on other zones, gives it back"
    return _refuse(
        Rule.CEILING,
        over.index,
        f"time on {name_of_place(over.place)}",
        spoken(over.worked, "ms"),
        allowed=f"{row.sense} {spoken(over.most, 'ms')}; {rest}",
        reason=f"{row.reason}; {row.source}",
    )


def _lint_whole(steps: Sequence[StepRecord], limits: CeilingValues) -> Iterator[Finding]:
    if not 1 <= len(steps) <= MAX_STEPS:
        allowed = f"1 to {MAX_STEPS}"
        yield _refuse(
            Rule.FORMAT, None, "number of steps", str(len(steps)), allowed=allowed, reason="the roller's memory"
        )
    sums = (
        (CeilingId.MASSAGE_DURATION, "duration", steps),
        (CeilingId.DAY_CURRENT, "time of microcurrent", [step for step in steps if step.peak_ua]),
        (CeilingId.DAY_VIBRATION, "time of vibration", [step for step in steps if step.amplitude_permille]),
    )
    for which, what, counted in sums:
        total_ms = sum(step.duration_ms for step in counted)
        if total_ms > limits[which] * MILLISECONDS_PER_SECOND:
            yield _over_ceiling(None, what, spoken(total_ms, "ms"), which, limits)


def _over_ceiling(step: int | None, what: str, value: str, which: CeilingId, limits: CeilingValues) -> Finding:
    row = CEILINGS[which]
    allowed = f"{row.sense} {spoken(limits[which], row.unit)}"
    return _refuse(Rule.CEILING, step, what, value, allowed=allowed, reason=f"{row.reason}; {row.source}")


def _lint_fields(number: int, step: StepRecord, limits: CeilingValues) -> Iterator[Finding]:
    for item in layout(StepRecord):
        value = int(getattr(step, item.name))
        broken = [which for which, scale in _BOUNDS.get(item.name, ()) if _over_scaled(which, value, scale, limits)]
        for which in broken:
            yield _over_ceiling(number, item.name, spoken(value, item.wire.unit), which, limits)
        if not broken:
            yield from _lint_format(number, item, value)


def _over_scaled(which: CeilingId, value: int, scale: int, limits: CeilingValues) -> bool:
    # Compared in the field's unit: a ceiling of 300 s is also broken by 300 001 ms.
    return over(which, value, {which: limits[which] * scale})


def _lint_format(number: int, item: FieldLayout, value: int) -> Iterator[Finding]:
    wire = item.wire
    if not wire.minimum <= value <= wire.maximum:
        allowed = f"{spoken(wire.minimum, wire.unit)} to {spoken(wire.maximum, wire.unit)}"
        yield _refuse(
            Rule.FORMAT, number, item.name, spoken(value, wire.unit), allowed=allowed, reason="the protocol's range"
        )
    elif item.enumeration is not None and value not in [int(member) for member in item.enumeration]:
        names = ", ".join(member.name or "" for member in item.enumeration)
        yield _refuse(Rule.FORMAT, number, item.name, str(value), allowed=names, reason="the protocol knows no other")


def _lint_consistency(number: int, step: StepRecord, _limits: CeilingValues) -> Iterator[Finding]:
    if step.band_low > step.band_high:
        value, allowed = spoken(step.band_low, "0.01 kPa"), f"at most {spoken(step.band_high, '0.01 kPa')}"
        yield _refuse(
            Rule.FORMAT,
            number,
            "band_low",
            value,
            allowed=allowed,
            reason="the lower edge of a band is below its upper edge",
        )
    if (step.waveform == Waveform.NONE) != (step.peak_ua == 0):
        allowed = "0 µA without a waveform, more with one"
        yield _refuse(
            Rule.FORMAT,
            number,
            "peak_ua",
            spoken(step.peak_ua, "µA"),
            allowed=allowed,
            reason="current and shape go together",
        )


def _lint_zone(number: int, step: StepRecord, _limits: CeilingValues) -> Iterator[Finding]:
    try:
        zone = Zone(step.zone)
    except ValueError:  # refused already, as a number that the protocol does not know
        return
    name = zone.name.lower().replace("_", "-")
    if untouchable(zone):
        reason = zone_rule(zone, Output.VIBRATION).reason
        yield _refuse(Rule.ZONE, number, "zone", name, allowed="any other zone", reason=reason)
        return
    for output, value, unit in (
        (Output.VIBRATION, step.amplitude_permille, "‰"),
        (Output.MICROCURRENT, step.peak_ua, "µA"),
    ):
        rule = zone_rule(zone, output)
        limit = {Verdict.ALLOWED: value, Verdict.LIMITED: rule.limit or 0, Verdict.FORBIDDEN: 0}[rule.verdict]
        if value > limit:
            what = f"{output} on {name}"
            allowed = f"at most {spoken(limit, unit)}" if limit else "none"
            yield _refuse(Rule.ZONE, number, what, spoken(value, unit), allowed=allowed, reason=rule.reason)


def _lint_pressure(number: int, step: StepRecord, limits: CeilingValues) -> Iterator[Finding]:
    """Hold the band that the coach asks for against the pressures at which the roller holds outputs back."""
    for which, severity in (
        (CeilingId.PRESSURE_HALF, Severity.REFUSE),
        (CeilingId.PRESSURE_CAUTION, Severity.WARN),
    ):
        if step.band_high > limits[which]:
            row = CEILINGS[which]
            value, allowed = spoken(step.band_high, row.unit), f"{row.sense} {spoken(limits[which], row.unit)}"
            yield Finding(severity, Rule.PRESSURE, number, "band_high", value, allowed, f"{row.reason}; {row.source}")
            return
