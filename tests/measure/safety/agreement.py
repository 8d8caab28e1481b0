"""Random routines and live trims through lint, gate and firmware: no later layer refuses what an earlier one passed.

    PYTHONPATH=tests python -m measure.safety.agreement --number 10000
    PYTHONPATH=tests python -m measure.safety.agreement --number 300 --seconds 1200   (each to its end)

Routines are written ones with keyframes, repeats, mirrors and rests, for a person with maxima of his own. Of each a
random rest is run, as after a lost connection. What the lint passes has to pass the gate, the gate at the wire and the
firmware, and so has every trim, extension, pause and resumption meanwhile. What it refuses, and programs of any bytes,
are sent to another firmware all the same, as if there were neither lint nor gate. In both, every tick of motor and
electrode is judged against the table of ceilings. The same seed gives the same routines.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.drivers.gr1.wire_gate import WireGate
from glowtool.errors import DecodeError, SafetyError
from glowtool.model.state import State
from glowtool.protocol.commands.codec import Request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands, ProgramBegin, ProgramData, Trim
from glowtool.protocol.program import STEP_SIZE, as_carried, decode_program, pack_program, program_crc
from glowtool.protocol.vocabulary import Result
from glowtool.routine import compile_routine
from glowtool.safety import Gate, PersonalMax, Severity, ceilings_in_force, lint_program
from support.device.delivered_judge import Judge
from support.device.firmware_bench import Bench
from support.device.programs import any_programs, raw_program
from support.routines.written import FLAT, GENTLE_FLAT

if TYPE_CHECKING:
    from glowtool.model.program import Program
    from glowtool.protocol.program import StepRecord
    from glowtool.protocol.wire import Message
    from glowtool.routine import Routine
    from glowtool.safety import CeilingValues

TICKS_PER_S: Final = 200

#: What a host may ask for while a massage runs, and how often.
_ORDERS: Final = (*[Opcode.TRIM] * 5, *[Opcode.EXTEND] * 2, Opcode.PAUSE)


@dataclass(slots=True)
class Seen:
    """What was seen: how often what happened, and each case that must not happen."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        """Take over what was seen elsewhere."""
        self.counts += other.counts
        self.wrong += other.wrong


class Watched:
    """A firmware on a body, each tick judged; with a gate at its wire, or with nothing before it."""

    def __init__(self, most: tuple[float, float], gate: WireGate | None, chance: random.Random, seen: Seen) -> None:
        hand = HandParameters(target_kpa=chance.uniform(2.0, 5.0), lift_every=chance.choice((0, 3)))
        self.bench = Bench(Body(BodyParameters(hand=hand), chance.randrange(1000)))
        self._judge = Judge(*most)
        self._gate, self._chance, self._seen = gate, chance, seen

    def give(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> Result | None:
        """Give an order through the gate, if there is one; None: the gate refused it."""
        request = Request(opcode, 0, operands or NoOperands(), tail)
        step = self.bench.firmware.status(self.bench.now_us).step_index
        if self._gate is not None:
            try:
                self._gate.check(request, step=step if step >= 0 else None)
            except SafetyError:
                return None
        result = self.bench.result(opcode, operands, tail)
        if result is Result.SUCCESS:
            self._judge.heard_us = self.bench.now_us
        elif self._gate is not None:
            self._gate.failed(request, step=step if step >= 0 else None, answered=True)
        return result

    def upload(self, data: bytes) -> Result | None:
        """Upload a program; return the first answer that is no success."""
        pieces = [(Opcode.PROGRAM_BEGIN, ProgramBegin(len(data) // STEP_SIZE, len(data), program_crc(data)), b"")]
        orders: list[tuple[Opcode, Message | None, bytes]] = [*pieces]
        orders += [(Opcode.PROGRAM_DATA, ProgramData(at), data[at : at + 240]) for at in range(0, len(data), 240)]
        orders += [(Opcode.PROGRAM_COMMIT, None, b""), (Opcode.START, None, b"")]
        for opcode, operands, tail in orders:
            result = self.give(opcode, operands, tail)
            if result is not Result.SUCCESS:
                return result
        return Result.SUCCESS

    def run(self, seconds: float, what: str) -> None:
        """Run to the end or for so long, with orders at random; each that the gate passes has to succeed."""
        for tick in range(round(seconds * TICKS_PER_S)):
            if tick % 50 == 0:
                self.give(Opcode.HEARTBEAT)
            if tick % 100 == 99:
                self._order(what)
            self.bench.tick()
            self._judge.look(self.bench)
            if self.bench.state not in {State.RUNNING, State.PAUSED}:
                break
        self._seen.counts["ticks judged"] += tick + 1
        self._seen.counts["massages with current at the electrode"] += self._judge.most_ua > 0
        self._seen.counts["massages with vibration"] += self._judge.most_amplitude > 0

    def _order(self, what: str) -> None:
        paused = self.bench.state is State.PAUSED
        opcode = Opcode.RESUME if paused else self._chance.choice(_ORDERS)
        operands: dict[Opcode, Message] = {
            Opcode.TRIM: Trim(self._chance.randint(0, 100), self._chance.randint(0, 100)),
            Opcode.EXTEND: Extend(self._chance.choice((1000, 10_000, 100_000))),
        }
        result = self.give(opcode, operands.get(opcode))
        if result is None:
            self._seen.counts[f"{opcode.name} refused by the gate"] += 1
            return
        self._seen.counts[f"{opcode.name} passed"] += 1
        if result is not Result.SUCCESS and self._gate is not None:
            self._seen.wrong.append(f"{what}: the gate passed {opcode.name}, and the firmware answers {result.name}")


def try_routine(routine: Routine, personal: PersonalMax, chance: random.Random, seconds: float, seen: Seen) -> None:
    """Put a random rest of a routine through all layers, or, if the lint refuses it, through the firmware alone."""
    whole = compile_routine(routine, personal)
    limits = ceilings_in_force(personal=personal)
    program, passes = whole, not _refusals(whole, limits)
    if passes:
        step = chance.randrange(len(whole))
        program = as_carried(whole.rest(step, chance.randint(1000, whole[step].duration_ms)))
        passes = not _refusals(program, limits)
        if not passes:
            seen.wrong.append(f"{routine!r}: the lint passes it, and refuses its rest from step {step}")
    seen.counts["passed by the lint" if passes else "refused by the lint"] += 1
    seen.counts["with keyframes"] += any(each.keyframes for each in program)
    seen.counts["passed by the lint, with keyframes in the step that runs first"] += passes and bool(
        program[0].keyframes
    )
    most = max(each.amplitude_most for each in program), float(max(each.peak_most_ua for each in program))
    if not passes:
        unchecked(pack_program(program), most, chance, seconds, seen)
        return
    gate = Gate(personal=personal)
    gate.admit(program)
    watched = Watched(most, WireGate(gate), chance, seen)
    result = watched.upload(pack_program(program))
    if result is not Result.SUCCESS:
        said = "the gate at the wire" if result is None else f"the firmware ({result.name})"
        seen.wrong.append(f"{routine!r}: the lint passes it, and {said} refuses it")
        return
    _judged(watched, seconds, repr(routine), seen)


def unchecked(data: bytes, most: tuple[float, float], chance: random.Random, seconds: float, seen: Seen) -> None:
    """Send a program to a firmware with nothing before it; whatever it takes is run and judged."""
    watched = Watched(most, None, chance, seen)
    result = watched.upload(data)
    seen.counts[f"unchecked: {result.name if result is not None else ''}"] += 1
    if result is Result.SUCCESS:
        _judged(watched, seconds, data.hex(), seen)


def _judged(watched: Watched, seconds: float, what: str, seen: Seen) -> None:
    try:
        watched.run(seconds, what)
    except AssertionError as error:
        seen.wrong.append(f"{what}: a ceiling was passed: {error}")


def _refusals(program: Program, limits: CeilingValues) -> bool:
    found = lint_program(program, limits)
    return any(item.severity is Severity.REFUSE for item in found)


def _most_of(data: bytes) -> tuple[float, float]:
    try:
        steps = decode_program(data)
    except DecodeError:
        return 1.0, 400.0
    return max(s.amplitude_permille_most for s in steps) / 1000, float(max(s.peak_ua_most for s in steps))


PEOPLE: Final = st.builds(
    PersonalMax, peak_ua=st.integers(0, 400), amplitude=st.integers(0, 1000).map(lambda n: n / 1000)
)


def look(number: int, seconds: float, from_seed: int) -> Seen:
    """Try so many routines of a seed, and half as many programs of any bytes."""
    seen = Seen()

    @seed(from_seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(GENTLE_FLAT, GENTLE_FLAT, FLAT), PEOPLE, st.integers(0, 2**32), st.none() | any_programs())
    def tried(routine: Routine, personal: PersonalMax, drawn: int, hostile: list[StepRecord] | None) -> None:
        chance = random.Random(drawn)
        seen.counts["routines"] += 1
        try_routine(routine, personal, chance, seconds, seen)
        if hostile:
            data = raw_program(hostile)
            seen.counts["programs of any bytes"] += 1
            unchecked(data, _most_of(data), chance, seconds, seen)

    tried()
    return seen


def main() -> int:
    """Run what the arguments ask for; 1 when a layer refused what an earlier one passed, or a ceiling was passed."""
    parser = argparse.ArgumentParser(description="lint, gate and firmware agree")
    parser.add_argument("--number", type=int, default=200, help="how many routines")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each is followed, in virtual time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    began_s, share, seen = time.monotonic(), 100, Seen()
    shares = [min(share, asked.number - at) for at in range(0, asked.number, share)]
    work = [(count, asked.seconds, asked.seed * 1_000_000 + place) for place, count in enumerate(shares)]
    with multiprocessing.Pool(asked.processes) as pool:
        for found in pool.imap_unordered(partial(_look), work):
            seen.add(found)
            print(f"\r{seen.counts['routines']} routines, {len(seen.wrong)} wrong", end="", file=sys.stderr, flush=True)
    print(f"\nseed {asked.seed}, {asked.seconds:g} s each, {time.monotonic() - began_s:.0f} s of wall\n")
    for name, count in sorted(seen.counts.items()):
        print(f"  {name:64} {count:>12,}")
    print(f"\nwrong: {len(seen.wrong)}")
    for line in seen.wrong[:20]:
        print(f"  {line}")
    return 1 if seen.wrong else 0


def _look(work: tuple[int, float, int]) -> Seen:
    return look(*work)


if __name__ == "__main__":
    sys.exit(main())
