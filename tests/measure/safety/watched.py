"""A firmware on a body that is steered at random while each of its ticks is judged at motor and electrode."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.errors import SafetyError
from glowtool.model.state import State
from glowtool.protocol.commands.codec import Request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands, ProgramBegin, ProgramData, Trim
from glowtool.protocol.program import STEP_SIZE, decode_program, program_crc
from glowtool.protocol.vocabulary import Result
from glowtool.session.wishes import QUIETEST_PERCENT, TRIM_STEP_PERCENT
from support.device.delivered_judge import Judge
from support.device.firmware_bench import Bench

if TYPE_CHECKING:
    import random

    from glowtool.drivers.gr1.commands.wire_gate import WireGate
    from glowtool.protocol.program import StepRecord
    from glowtool.protocol.wire import Message
    from measure.safety.seen import Seen

TICKS_PER_S: Final = 200
_HEARTBEAT_TICKS, _ORDER_TICKS, _LOOK_TICKS = 50, 100, 10

#: The roller is in the air for so long, and then for as long on the skin, before it is started there.
_SET_DOWN_TICKS: Final = 30

#: A massage whose host has fallen silent is followed for so many ticks more.
_SILENT_TICKS: Final = 300

#: What a person asks for while a massage runs, and how often; every third time nothing.
_WISHES: Final = {
    "": 6,
    "level": 3,
    "quieter": 1,
    "stronger": 1,
    "no current": 0.3,
    "skip": 1.5,
    "extend": 2,
    "pause": 1,
    "beep": 0.3,
}
_PAUSED: Final = {"resume": 5, "level": 1, "skip": 0.7, "extend": 0.7, "no current": 0.2}

#: By how much a step is lengthened, in ms: mostly little, so that the end is near.
_EXTRA_MS: Final = (*(300, 1000, 1000, 2000) * 4, 290_000, 300_000)

#: Requests that no encoder makes and no person asks for, as bytes: opcode, sequence, operands.
_HOSTILE: Final = (
    struct.pack("<BBBB", Opcode.TRIM, 0, 255, 255),
    struct.pack("<BBBB", Opcode.TRIM, 0, 101, 100),
    struct.pack("<BBI", Opcode.EXTEND, 0, 2**32 - 1),
    struct.pack("<BBBi", Opcode.SETTING_SET, 0, 2, 60_000),
    struct.pack("<BBBi", Opcode.SETTING_SET, 0, 3, 60_000),
    struct.pack("<BB", Opcode.START, 0),
    struct.pack("<BB", Opcode.PROGRAM_COMMIT, 0),
    struct.pack("<BBHHI", Opcode.PROGRAM_BEGIN, 0, 1, STEP_SIZE, 0),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program asks for: its steps, and the largest amplitude and peak of any."""

    steps: tuple[StepRecord, ...]

    @classmethod
    def of(cls, data: bytes) -> Asked:
        """Read the bytes of a program that a roller has taken."""
        return cls(decode_program(data))

    @property
    def most(self) -> tuple[float, float]:
        """The largest amplitude as a share of full, and the largest peak in µA."""
        amplitude = max(step.amplitude_permille_most for step in self.steps) / 1000
        return amplitude, float(max(step.peak_ua_most for step in self.steps))


class Watched:
    """A firmware on a body, each tick judged; with a gate at its wire, or with nothing before it."""

    def __init__(self, gate: WireGate | None, chance: random.Random, seen: Seen) -> None:
        hand = HandParameters(
            target_kpa=chance.uniform(1.0, 14.0) if chance.random() < 0.15 else chance.uniform(1.5, 5.5),
            lift_every=chance.choice((0, 0, 3)),
        )
        body = Body(BodyParameters(hand=hand), chance.randrange(1000))
        self.bench = Bench(body)
        if chance.random() < 0.6:
            # Held on the skin from before the start on, and over changes of step, where one that follows cues lifts it.
            for pressure_kpa in (None, hand.target_kpa):
                body.press(pressure_kpa)
                for _ in range(_SET_DOWN_TICKS):
                    self.bench.tick()
        self._gate, self._chance, self._seen = gate, chance, seen
        self._judge: Judge | None = None
        self._shares = 100, 100
        self._skipped = False

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
            self._heard()
        elif self._gate is not None:
            self._gate.failed(request, step=step if step >= 0 else None, answered=True)
        return result

    def upload(self, data: bytes) -> Result | None:
        """Upload a program and start it; return the first answer that is no success."""
        announced = ProgramBegin(max(1, len(data) // STEP_SIZE), max(STEP_SIZE, len(data)), program_crc(data))
        orders: list[tuple[Opcode, Message | None, bytes]] = [(Opcode.PROGRAM_BEGIN, announced, b"")]
        orders += [(Opcode.PROGRAM_DATA, ProgramData(at), data[at : at + 240]) for at in range(0, len(data), 240)]
        orders += [(Opcode.PROGRAM_COMMIT, None, b""), (Opcode.START, None, b"")]
        for opcode, operands, tail in orders:
            result = self.give(opcode, operands, tail)
            if result is not Result.SUCCESS:
                return result
        return Result.SUCCESS

    def run(self, asked: Asked, seconds: float, what: str) -> None:
        """Run to the end or for so long, with orders at random; each that the gate passes has to succeed."""
        self._judge = judge = Judge(*asked.most)
        self._heard()
        bench, counts = self.bench, self._seen.counts
        under_way = {State.RUNNING, State.PAUSED}
        # Without a gate there may be no host either, from some moment on.
        heard_until = self._chance.choice((*[10**9] * 9, self._chance.randrange(1000)))
        heard_until = 10**9 if self._gate else heard_until
        counts["massages whose host fell silent"] += heard_until < 10**9
        ticks = min(round(seconds * TICKS_PER_S), heard_until + _SILENT_TICKS)
        reached_ms: dict[int, int] = {}
        tick = 0
        while tick < ticks and bench.state in under_way:
            if tick % _HEARTBEAT_TICKS == 0 and tick <= heard_until:
                self.give(Opcode.HEARTBEAT)
            if tick % _ORDER_TICKS == _ORDER_TICKS - 1 and tick <= heard_until:
                self._order(what)
            bench.tick()
            judge.look(bench)
            if tick % _LOOK_TICKS == 0:
                status = bench.firmware.status(bench.now_us)
                reached_ms[status.step_index] = status.step_elapsed_ms
            tick += 1
        counts["ticks judged"] += tick
        counts["massages with current at the electrode"] += judge.most_ua > 0
        counts["massages with vibration"] += judge.most_amplitude > 0
        counts[self._ended()] += 1
        reached = {step: at_ms for step, at_ms in reached_ms.items() if step >= 0}
        counts["steps run"] += len(reached)
        counts["keyframes met"] += sum(
            point.at_ms <= at_ms for step, at_ms in reached.items() for point in asked.steps[step].keyframes
        )

    def _ended(self) -> str:
        match self.bench.state:
            case State.READY:
                return "ended by a skip of the last step" if self._skipped else "followed to their very end"
            case State.RUNNING | State.PAUSED:
                return "left before their end"
            case state:
                return f"ended as {state.name}"

    def _heard(self) -> None:
        if self._judge is not None:
            self._judge.heard_us = self.bench.now_us

    def _order(self, what: str) -> None:
        if self._gate is None and self._chance.random() < 0.2:
            self.break_in()
            return
        wishes = _PAUSED if self.bench.state is State.PAUSED else _WISHES
        wish = self._chance.choices(tuple(wishes), tuple(wishes.values()))[0]
        if not wish:
            return
        opcode, operands = self._request(wish)
        result = self.give(opcode, operands)
        if result is None:
            self._seen.counts[f"order refused by the gate: {wish}"] += 1
            return
        self._seen.counts[f"order {'passed' if self._gate else 'given'}: {wish}"] += 1
        if result is not Result.SUCCESS:
            self._seen.counts[f"order refused by the firmware: {wish}"] += 1
            if self._gate is not None:
                self._seen.wrong.append(f"{what}: the gate passed {wish}, and the firmware answers {result.name}")
            return
        if isinstance(operands, Trim) and self._judge is not None:
            self._shares = operands.vibration_percent, operands.current_percent
            self._judge.shares = self._shares[0] / 100, self._shares[1] / 100
        self._skipped = wish == "skip" and self.bench.state is State.READY

    def _request(self, wish: str) -> tuple[Opcode, Message | None]:
        vibration, current = self._shares
        match wish:
            case "level":
                return Opcode.TRIM, Trim(self._chance.randint(0, 100), self._chance.randint(0, 100))
            case "no current":
                return Opcode.TRIM, Trim(vibration, 0)
            case "quieter" | "stronger":
                by = TRIM_STEP_PERCENT if wish == "stronger" else -TRIM_STEP_PERCENT
                percent = min(100, max(QUIETEST_PERCENT, vibration + by))
                return Opcode.TRIM, Trim(percent, percent if current else 0)
            case "extend":
                return Opcode.EXTEND, Extend(self._chance.choice(_EXTRA_MS))
            case _:
                return {
                    "skip": Opcode.SKIP,
                    "pause": Opcode.PAUSE,
                    "resume": Opcode.RESUME,
                    "beep": Opcode.SIGNAL,
                }[wish], None

    def break_in(self) -> None:
        """Send what no host of ours sends; the judge sees what comes of it."""
        self.bench.firmware.on_control(self.bench.now_us, self._chance.choice(_HOSTILE), 247)
        self._seen.counts["hostile orders given"] += 1
