"""The lint: it checks a program against every ceiling and every zone before any byte of it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import SafetyError
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.dwell import Overrun, overruns, stretches
from glowtool.model.face import Direction, Zone
from glowtool.model.names import name_of
from glowtool.model.output import Output, Pattern, Waveform
from glowtool.model.program import KEYFRAME_RANGES, MAX_STEPS, MAX_STEPS_AND_KEYFRAMES, RANGES
from glowtool.safety.limits import CeilingValues, ceilings_in_force, over
from glowtool.safety.rules.circumstances import UNKNOWN, Circumstances, lint_circumstances
from glowtool.safety.rules.finding import WHOLE, At, Finding, Rule, Severity, reason_of, spoken_ms, whole_ms
from glowtool.safety.rules.rises import lint_rises
from glowtool.safety.rules.sense import lint_jumps, lint_step_sense
from glowtool.safety.rules.speed import lint_speed
from glowtool.safety.zones import Permission, untouchable, zone_rule
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    import enum
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from glowtool.model.program import Keyframe, Range, Step


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


def lint_program(
    program: Iterable[Step], ceilings: CeilingValues | None = None, now: Circumstances = UNKNOWN
) -> tuple[Finding, ...]:
    """Return all findings about a program, in order of its steps; none when it may be sent and makes sense.

    `ceilings` are the ones in force, by default the table's own; `now` is what is known of battery and dose. A program
    may be sent when no finding refuses it.
    """
    steps = tuple(program)
    limits = ceilings_in_force() if ceilings is None else ceilings
    found = [*_lint_whole(steps, limits), *lint_circumstances(steps, limits, now)]
    jumps = {finding.step: finding for finding in lint_jumps(steps)}
    fast = list(lint_speed(steps))
    # A step that is too long by itself is reported as that.
    longest_ms = whole_ms(limits[CeilingId.STEP_DURATION])
    worked = [(place, min(time_ms, longest_ms)) for place, time_ms in stretches(steps)]
    over_long = {each.index: each for each in overruns(worked, whole_ms(limits[CeilingId.PLACE_DWELL]))}
    for number, step in enumerate(steps):
        for check in _CHECKS:
            found.extend(check(number, step, limits))
        found.extend(lint_step_sense(number, steps, limits))
        found.extend(each for each in fast if each.step == number)
        if number in over_long:
            found.append(_over_dwell(over_long[number]))
        if number in jumps:
            found.append(jumps[number])
    return tuple(found)


def require_clean(program: Iterable[Step], ceilings: CeilingValues | None = None) -> tuple[Finding, ...]:
    """Return the warnings about a program; raises `SafetyError` listing every refusal when there is one."""
    found = lint_program(program, ceilings)
    refused = [finding for finding in found if finding.severity is Severity.REFUSE]
    if refused:
        raise SafetyError("the program breaks a safety limit and is not sent:").listing(
            *(f"  {finding}: {finding.fix}" for finding in refused), "lower the value, or leave it out"
        )
    return found


def name_of_place(place: int) -> str:
    """Return the name of a place in routines: the number 5 is "cheek-left"."""
    known = {int(zone): name_of(zone) for zone in Zone}
    return known.get(place, f"zone {place}")


def _over_dwell(over: Overrun) -> Finding:
    return At(over.index).refuse(
        Rule.CEILING,
        f"time on {name_of_place(over.place)}",
        spoken_ms(over.worked),
        allowed=f"at most {spoken_ms(over.most)}",
        reason=reason_of(CeilingId.PLACE_DWELL),
        fix=f"let it rest for {spoken_ms(over.rest)} before this step, or work other zones for as long",
    )


def _lint_whole(steps: Sequence[Step], limits: CeilingValues) -> Iterator[Finding]:
    records = len(steps) + sum(len(step.keyframes) for step in steps)
    for what, count, most in (
        ("number of steps", len(steps), MAX_STEPS),
        ("number of steps and keyframes", records, MAX_STEPS_AND_KEYFRAMES),
    ):
        if not 1 <= count <= most:
            fix = f"leave out {count - most}, or split it into two routines" if count else "give it a step"
            yield WHOLE.refuse(
                Rule.FORMAT, what, str(count), allowed=f"1 to {most}", reason="the roller's memory", fix=fix
            )
            break
    sums = (
        (CeilingId.MASSAGE_DURATION, "duration", steps),
        (CeilingId.DAY_CURRENT, "time of microcurrent", [step for step in steps if step.peak_most_ua > 0]),
        (CeilingId.DAY_VIBRATION, "time of vibration", [step for step in steps if step.amplitude_most > 0]),
    )
    for which, what, counted in sums:
        total_ms = sum(step.duration_ms for step in counted)
        most_ms = whole_ms(limits[which])
        if total_ms > most_ms:
            fix = f"shorten it by {spoken_ms(total_ms - most_ms)}" if most_ms else "leave it out"
            yield WHOLE.over_ceiling(what, spoken_ms(total_ms), which, limits, fix)


def _lint_fields(number: int, step: Step, limits: CeilingValues) -> Iterator[Finding]:
    at = At(number)
    for name, known in _NAMED.items():
        value = int(getattr(step, name))
        if value not in [member.value for member in known]:
            names = ", ".join(member.name for member in known)
            yield at.refuse(
                Rule.FORMAT, name, str(value), allowed=f"one of {names}", reason="no other is known", fix="name one"
            )
    yield from _lint_ranges(at, step, RANGES, limits)


def _lint_keyframes(number: int, step: Step, limits: CeilingValues) -> Iterator[Finding]:
    before_s = 0.0
    for index, point in enumerate(step.keyframes):
        at = At(number, index)
        yield from _lint_ranges(at, point, KEYFRAME_RANGES, limits)
        if whole_ms(point.at_s) <= whole_ms(before_s) and whole_ms(point.at_s) > 0:
            yield at.refuse(
                Rule.FORMAT,
                "at_s",
                spoken(point.at_s, "s"),
                allowed=f"after {spoken(before_s, 's')}",
                reason="keyframes come in the order of their moments",
                fix="move it behind the one before it, or leave one out",
            )
        if whole_ms(point.at_s) > step.duration_ms and whole_ms(point.at_s) <= whole_ms(KEYFRAME_RANGES["at_s"].high):
            yield at.refuse(
                Rule.FORMAT,
                "at_s",
                spoken(point.at_s, "s"),
                allowed=f"at most {spoken(step.duration_s, 's')}",
                reason="the step has ended then",
                fix=f"move it to {spoken(step.duration_s, 's')}, or let the step last longer",
            )
        before_s = max(before_s, point.at_s)


def _lint_ranges(at: At, of: Step | Keyframe, ranges: Mapping[str, Range], limits: CeilingValues) -> Iterator[Finding]:
    for name, bounds in ranges.items():
        value = getattr(of, name)
        broken = [which for which in _BOUNDS.get(name, ()) if over(which, value, limits)]
        for which in broken:
            yield at.over_ceiling(name, spoken(value, bounds.unit), which, limits)
        if not broken and not bounds.low <= value <= bounds.high:
            nearest = bounds.low if value < bounds.low else bounds.high
            yield at.refuse(
                Rule.FORMAT,
                name,
                spoken(value, bounds.unit),
                allowed=f"{spoken(bounds.low, bounds.unit)} to {spoken(bounds.high, bounds.unit)}",
                reason="the range of a step" if at.keyframe is None else "the range of a keyframe",
                fix=f"make it {spoken(nearest, bounds.unit)}",
            )


def _lint_consistency(number: int, step: Step, _limits: CeilingValues) -> Iterator[Finding]:
    at = At(number)
    if step.band_low_kpa > step.band_high_kpa:
        yield at.refuse(
            Rule.FORMAT,
            "band_low_kpa",
            spoken(step.band_low_kpa, "kPa"),
            allowed=f"at most {spoken(step.band_high_kpa, 'kPa')}",
            reason="the lower edge of a band is below its upper edge",
            fix="name the lower edge first",
        )
    if (step.waveform == Waveform.NONE) != (step.peak_most_ua == 0):
        yield at.refuse(
            Rule.FORMAT,
            "peak_ua",
            spoken(step.peak_most_ua, "µA"),
            allowed="0 µA without a waveform, more with one",
            reason="current and shape go together",
            fix="name a waveform, or leave the current out",
        )


def _lint_zone(number: int, step: Step, _limits: CeilingValues) -> Iterator[Finding]:
    try:
        zone = Zone(step.zone)
    except ValueError:  # refused already, as an unknown number
        return
    at, name = At(number), name_of(zone)
    if untouchable(zone):
        reason = zone_rule(zone, Output.VIBRATION).reason
        yield at.refuse(
            Rule.ZONE, "zone", name, allowed="any other zone", reason=reason, fix="work another zone, or leave it out"
        )
        return
    for output, value, unit in (
        (Output.VIBRATION, step.amplitude_most, SHARE),
        (Output.MICROCURRENT, step.peak_most_ua, "µA"),
    ):
        rule = zone_rule(zone, output)
        most = {Permission.ALLOWED: value, Permission.LIMITED: rule.limit or 0, Permission.FORBIDDEN: 0}[
            rule.permission
        ]
        if value > most:
            yield at.refuse(
                Rule.ZONE,
                f"{output} on {name}",
                spoken(value, unit),
                allowed=f"at most {spoken(most, unit)}" if most else "zero",
                reason=rule.reason,
                fix=f"lower it to {spoken(most, unit)}" if most else f"leave the {output} out here",
            )


def _lint_pressure(number: int, step: Step, limits: CeilingValues) -> Iterator[Finding]:
    """Check the coach's band against the pressures at which the roller holds outputs back."""
    for which, found in (
        (CeilingId.PRESSURE_HALF, At(number).refuse),
        (CeilingId.PRESSURE_CAUTION, At(number).warn),
    ):
        if step.band_high_kpa > limits[which]:
            bound = spoken(limits[which], CEILINGS[which].unit)
            yield found(
                Rule.PRESSURE,
                "band_high_kpa",
                spoken(step.band_high_kpa, "kPa"),
                allowed=f"{CEILINGS[which].sense} {bound}",
                reason=reason_of(which),
                fix=f"lower it to {bound}",
            )
            return


_CHECKS: Final = (
    _lint_fields,
    _lint_keyframes,
    _lint_consistency,
    lint_rises,
    _lint_zone,
    _lint_pressure,
)
