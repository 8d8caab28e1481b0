"""One program through the layers of safety: lint, gate, wire and firmware, or the firmware with nothing before it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.model.ceilings import CeilingId
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.program import STEP_SIZE, as_carried, pack_program
from glowtool.protocol.vocabulary import Result
from glowtool.safety import Gate, Severity, ceilings_in_force, lint_program
from measure.safety.watched import Asked, Watched

if TYPE_CHECKING:
    import random

    from glowtool.model.program import Program
    from glowtool.safety import CeilingValues, PersonalMax
    from measure.safety.seen import Seen

#: The places of amplitude and peak in the bytes of a record, read here without the protocol's own layout.
_LEVELS: Final = struct.Struct("<8xH4xH8x")


def through_all(whole: Program, personal: PersonalMax, chance: random.Random, seconds: float, seen: Seen) -> bool:
    """Put a program, or a rest of it, through all layers; return whether the lint passed it and it was run."""
    limits = ceilings_in_force(personal=personal)
    if _refusals(whole, limits):
        seen.counts["refused by the lint"] += 1
        return False
    program = _part(whole, chance, seen)
    if _refusals(program, limits):
        seen.wrong.append(f"{whole!r}: the lint passes it, and refuses its rest {program!r}")
        return False
    seen.counts["passed by the lint"] += 1
    seen.counts["with keyframes"] += any(each.keyframes for each in program)
    gate = Gate(personal=personal)
    gate.admit(program)
    watched = Watched(WireGate(gate), chance, seen)
    data = pack_program(program)
    result = watched.upload(data)
    if result is not Result.SUCCESS:
        said = "the gate at the wire" if result is None else f"the firmware ({result.name})"
        seen.wrong.append(f"{program!r}: the lint passes it, and {said} refuses it")
        return True
    _run(watched, data, seconds, repr(program), seen)
    return True


def alone(data: bytes, chance: random.Random, seconds: float, seen: Seen) -> bool:
    """Send a program to a firmware with nothing before it; return whether the firmware took it, and it was run."""
    watched = Watched(None, chance, seen)
    for _ in range(chance.choice((0, 0, 3))):
        watched.break_in()
    result = watched.upload(data)
    seen.counts[f"programs answered {'' if result is None else result.name}"] += 1
    if result is not Result.SUCCESS:
        return False
    if beyond(data):
        seen.wrong.append(f"{data.hex()}: the firmware takes levels over the ceilings")
    seen.counts["with keyframes"] += _records(data) > len(Asked.of(data).steps)
    _run(watched, data, seconds, data.hex(), seen)
    return True


def beyond(data: bytes) -> bool:
    """Return whether a record asks for more than the ceilings allow."""
    levels = [_LEVELS.unpack_from(data, at) for at in range(0, _records(data) * STEP_SIZE, STEP_SIZE)]
    most = ceiling(CeilingId.VIBRATION_AMPLITUDE), ceiling(CeilingId.PEAK_CURRENT)
    return any(permille > most[0] or peak_ua > most[1] for permille, peak_ua in levels)


def _records(data: bytes) -> int:
    return len(data) // STEP_SIZE


def _part(whole: Program, chance: random.Random, seen: Seen) -> Program:
    """Return the whole program, or a part from a step on, or, as after a lost connection, from within a step."""
    step, where = chance.randrange(len(whole)), chance.random()
    if where < 0.6:
        seen.counts["started at their beginning"] += 1
        return whole
    if where < 0.8:
        seen.counts["started at a later step"] += step > 0
        return as_carried(whole.rest(step, whole[step].duration_ms))
    seen.counts["started within a step"] += 1
    return as_carried(whole.rest(step, chance.randint(1000, whole[step].duration_ms)))


def _run(watched: Watched, data: bytes, seconds: float, what: str, seen: Seen) -> None:
    seen.programs.add(hash(data))
    try:
        watched.run(Asked.of(data), seconds, what)
    except AssertionError as error:
        seen.counts["cut short by the judge"] += 1
        seen.wrong.append(f"{what}: a ceiling was passed: {error}")


def _refusals(program: Program, limits: CeilingValues) -> bool:
    return any(item.severity is Severity.REFUSE for item in lint_program(program, limits))
