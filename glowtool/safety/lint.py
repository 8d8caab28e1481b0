"""The lint: it checks a program against every ceiling and every zone before any byte of it is sent."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import SafetyError
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.dwell import Overrun, overruns, stretches
from glowtool.model.face import Direction, Zone
from glowtool.model.names import name_of
from glowtool.model.output import Output, Pattern, Waveform
from glowtool.model.program import MAX_STEPS, RANGES
from glowtool.safety.limits import CeilingValues, ceilings_in_force, over
from glowtool.safety.zones import Permission, untouchable, zone_rule
from glowtool.units import MILLISECONDS_PER_SECOND, SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from glowtool.model.program import Step


class Severity(enum.StrEnum):
    """The consequence of a finding for the program."""

    REFUSE = "refuse"
    WARN = "warn"


class Rule(enum.StrEnum):
    """The kind of rule of a finding. The roller itself knows ceilings and format; the host knows all."""

    CEILING = "ceiling"
    FORMAT = "format"
    ZONE = "zone"
    PRESSURE = "pressure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One refusal or warning about a program. `step` counts from 0; None: the whole program."""

    severity: Severity
    rule: Rule
    step: int | None
    what: str
    value: str
    allowed: str
    reason: str

    def __str__(self) -> str:
        place = "program" if self.step is None else f"steps[{self.step}]"
        return f"{place}: {self.what} is {self.value}; it must be {self.allowed} ({self.reason})"


#: The ceilings that bound each number of a step.
_BOUNDS: Final[dict[str, tuple[CeilingId, ...]]] = {
    "duration_s": (CeilingId.STEP_DURATION,),
    "amplitude": (CeilingId.VIBRATION_AMPLITUDE,),
    "vibration_hz": (CeilingId.VIBRATION_FREQUENCY_MIN, CeilingId.VIBRATION_FREQUENCY_MAX),
    "peak_ua": (CeilingId.PEAK_CURRENT,),
    "current_hz": (CeilingId.CURRENT_FREQUENCY_MIN, CeilingId.CURRENT_FREQUENCY_MAX),
    "ramp_s": (CeilingId.SOFT_START,),
}

#: The enumerations of a step's members; a number may not be a member.
_NAMED: Final[dict[str, type[enum.IntEnum]]] = {
    "zone": Zone,
    "direction": Direction,
    "pattern": Pattern,
    "waveform": Waveform,
}


def lint_program(program: Iterable[Step], ceilings: CeilingValues | None = None) -> tuple[Finding, ...]:
    """Return all findings about a program, in order of its steps; none when it may be sent.

    `ceilings` are the ones in force, by default the table's own. A program may be sent when no finding refuses it.
    """
    steps = tuple(program)
    limits = ceilings_in_force() if ceilings is None else ceilings
    found = list(_lint_whole(steps, limits))
    # A step that is too long by itself is reported as that.
    longest_ms = _ms(limits[CeilingId.STEP_DURATION])
    worked = [(place, min(time_ms, longest_ms)) for place, time_ms in stretches(steps)]
    over_long = {each.index: each for each in overruns(worked, _ms(limits[CeilingId.PLACE_DWELL]))}
    for number, step in enumerate(steps):
        for check in (_lint_fields, _lint_consistency, _lint_zone, _lint_pressure):
            found.extend(check(number, step, limits))
        if number in over_long:
            found.append(_over_dwell(over_long[number]))
    return tuple(found)


def require_clean(program: Iterable[Step], ceilings: CeilingValues | None = None) -> tuple[Finding, ...]:
    """Return the warnings about a program; raises `SafetyError` listing every refusal when there is one."""
    found = lint_program(program, ceilings)
    refused = [finding for finding in found if finding.severity is Severity.REFUSE]
    if refused:
        raise SafetyError("the program breaks a safety limit and is not sent:").listing(
            *(f"  {finding}" for finding in refused), "lower the value, or leave it out"
        )
    return found


def _refuse(rule: Rule, step: int | None, what: str, value: str, *, allowed: str, reason: str) -> Finding:
    return Finding(Severity.REFUSE, rule, step, what, value, allowed, reason)


def _ms(time_s: float) -> int:
    return round(time_s * MILLISECONDS_PER_SECOND)


def _spoken_ms(time_ms: int) -> str:
    return spoken(time_ms / MILLISECONDS_PER_SECOND, "s")


def name_of_place(place: int) -> str:
    """Return the name of a place in routines: the number 5 is "cheek-left"."""
    known = {int(zone): name_of(zone) for zone in Zone}
    return known.get(place, f"zone {place}")


def _over_dwell(over: Overrun) -> Finding:
    row = CEILINGS[CeilingId.PLACE_DWELL]
    rest = f"let it rest for {_spoken_ms(over.rest)} before this step, or work other zones for as long"
    return _refuse(
        Rule.CEILING,
        over.index,
        f"time on {name_of_place(over.place)}",
        _spoken_ms(over.worked),
        allowed=f"{row.sense} {_spoken_ms(over.most)}; {rest}",
        reason=f"{row.reason}; {row.source}",
    )


def _lint_whole(steps: Sequence[Step], limits: CeilingValues) -> Iterator[Finding]:
    if not 1 <= len(steps) <= MAX_STEPS:
        allowed = f"1 to {MAX_STEPS}"
        yield _refuse(
            Rule.FORMAT, None, "number of steps", str(len(steps)), allowed=allowed, reason="the roller's memory"
        )
    sums = (
        (CeilingId.MASSAGE_DURATION, "duration", steps),
        (CeilingId.DAY_CURRENT, "time of microcurrent", [step for step in steps if step.peak_ua > 0]),
        (CeilingId.DAY_VIBRATION, "time of vibration", [step for step in steps if step.amplitude > 0]),
    )
    for which, what, counted in sums:
        total_ms = sum(step.duration_ms for step in counted)
        if total_ms > _ms(limits[which]):
            yield _over_ceiling(None, what, _spoken_ms(total_ms), which, limits)


def _over_ceiling(step: int | None, what: str, value: str, which: CeilingId, limits: CeilingValues) -> Finding:
    row = CEILINGS[which]
    allowed = f"{row.sense} {spoken(limits[which], row.unit)}"
    return _refuse(Rule.CEILING, step, what, value, allowed=allowed, reason=f"{row.reason}; {row.source}")


def _lint_fields(number: int, step: Step, limits: CeilingValues) -> Iterator[Finding]:
    for name, known in _NAMED.items():
        value = int(getattr(step, name))
        if value not in [member.value for member in known]:
            names = ", ".join(member.name for member in known)
            yield _refuse(Rule.FORMAT, number, name, str(value), allowed=f"one of {names}", reason="no other is known")
    for name, bounds in RANGES.items():
        value = getattr(step, name)
        broken = [which for which in _BOUNDS.get(name, ()) if over(which, value, limits)]
        for which in broken:
            yield _over_ceiling(number, name, spoken(value, bounds.unit), which, limits)
        if not broken and not bounds.low <= value <= bounds.high:
            allowed = f"{spoken(bounds.low, bounds.unit)} to {spoken(bounds.high, bounds.unit)}"
            said = spoken(value, bounds.unit)
            yield _refuse(Rule.FORMAT, number, name, said, allowed=allowed, reason="the range of a step")


def _lint_consistency(number: int, step: Step, _limits: CeilingValues) -> Iterator[Finding]:
    if step.band_low_kpa > step.band_high_kpa:
        value, allowed = spoken(step.band_low_kpa, "kPa"), f"at most {spoken(step.band_high_kpa, 'kPa')}"
        yield _refuse(
            Rule.FORMAT,
            number,
            "band_low_kpa",
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


def _lint_zone(number: int, step: Step, _limits: CeilingValues) -> Iterator[Finding]:
    try:
        zone = Zone(step.zone)
    except ValueError:  # refused already, as an unknown number
        return
    name = name_of(zone)
    if untouchable(zone):
        reason = zone_rule(zone, Output.VIBRATION).reason
        yield _refuse(Rule.ZONE, number, "zone", name, allowed="any other zone", reason=reason)
        return
    for output, value, unit in (
        (Output.VIBRATION, step.amplitude, SHARE),
        (Output.MICROCURRENT, step.peak_ua, "µA"),
    ):
        rule = zone_rule(zone, output)
        most = {Permission.ALLOWED: value, Permission.LIMITED: rule.limit or 0, Permission.FORBIDDEN: 0}[
            rule.permission
        ]
        if value > most:
            what = f"{output} on {name}"
            allowed = f"at most {spoken(most, unit)}" if most else "zero"
            yield _refuse(Rule.ZONE, number, what, spoken(value, unit), allowed=allowed, reason=rule.reason)


def _lint_pressure(number: int, step: Step, limits: CeilingValues) -> Iterator[Finding]:
    """Check the coach's band against the pressures at which the roller holds outputs back."""
    for which, severity in (
        (CeilingId.PRESSURE_HALF, Severity.REFUSE),
        (CeilingId.PRESSURE_CAUTION, Severity.WARN),
    ):
        if step.band_high_kpa > limits[which]:
            row = CEILINGS[which]
            value, allowed = spoken(step.band_high_kpa, row.unit), f"{row.sense} {spoken(limits[which], row.unit)}"
            yield Finding(
                severity, Rule.PRESSURE, number, "band_high_kpa", value, allowed, f"{row.reason}; {row.source}"
            )
            return
