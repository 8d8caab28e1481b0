"""A random walk of two bonded hosts, a stranger, a button and a power switch, checked for ownership.

The judge knows what was sent and what was answered, who was connected, and what electrode and motor delivered; nothing
of the firmware's own mind.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.firmware.outage import ResetCause
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.types import TICK_US, Drive
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, ProgramBegin, ProgramData, Trim
from glowtool.protocol.commands.ownership import NEEDS_ITS_PROGRAM, STEERS, STOPS, TAKES_OVER
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.wire import Message

ANNA, BEN, STRANGER = "C4:00:00:00:00:0A", "C4:00:00:00:00:0B", "C4:00:00:00:00:0C"
HOSTS: Final = (ANNA, BEN)

#: Whoever presses the button runs a massage of nobody.
BUTTON: Final = "the button"

#: Current is zero this long after whatever allowed it has ended, and the motor stands still.
CURRENT_US: Final = 20_000
MOTOR_US: Final = 200_000
SILENCE_US: Final = 1_000_000

_OPERANDS: Final[dict[Opcode, Message]] = {Opcode.EXTEND: Extend(1000), Opcode.TRIM: Trim(70, 80)}
_COMMANDS: Final = (
    Opcode.START, Opcode.START, Opcode.RESUME, Opcode.RESUME, Opcode.PAUSE, Opcode.SKIP, Opcode.EXTEND, Opcode.TRIM,
    Opcode.STOP, Opcode.EMERGENCY_STOP, Opcode.REARM, Opcode.PROGRAM_STORE, Opcode.HEARTBEAT,
)  # fmt: skip


class WalkError(AssertionError):
    """The rule of ownership was broken."""


@dataclass(slots=True)
class Book:
    """An onlooker's knowledge: who is there, who owns massage and program, and who lets outputs be on."""

    there: str | None = None
    bond_gone: bool = False
    owner: str | None = None
    program_of: str | None = None
    allowed_by: str | None = None
    ended_us: int = -MOTOR_US
    heard_us: int = 0
    refused: int = 0
    driven_ticks: int = 0
    met: set[str] = field(default_factory=set)

    def end(self, now_us: int) -> None:
        if self.allowed_by is not None:
            self.ended_us = now_us
        self.allowed_by = None


class Walk:
    """One walk from a seed. `run` raises WalkError at the first breach."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"two hosts {seed}")  # noqa: S311 - reproducible, not secret
        self.bench = Bench(Body(BodyParameters(), seed))
        self.book = Book()
        self.bench.firmware.on_link(self.bench.now_us, up=False, authenticated=False)
        self._clock_us = 0

    def run(self, acts: int) -> Book:
        for _ in range(acts):
            act = self._chance.choice(self._acts)
            act(self)
            self._pass(self._chance.choice((0.02, 0.1, 0.4, 0.4, 1.5, 2.5)), silent=self._chance.random() < 0.1)
        return self.book

    def _pass(self, duration_s: float, *, silent: bool) -> None:
        for number in range(round(duration_s * 1e6 / TICK_US)):
            if not silent and number % 40 == 0 and self.book.there in HOSTS:
                self._send(Opcode.HEARTBEAT)
            self._tick()

    def _tick(self) -> None:
        book = self.book
        self.bench.tick()
        self._clock_us += TICK_US
        if book.allowed_by in HOSTS and self._clock_us - book.heard_us >= SILENCE_US:
            book.end(self._clock_us)
            book.met.add("silence")
        delivered = self.bench.delivered
        if delivered is None or delivered.quiet:
            return
        book.driven_ticks += 1
        since_us = self._clock_us - book.ended_us
        if book.allowed_by is None and (
            (delivered.peak_ua > 0 and since_us > CURRENT_US) or (delivered.amplitude > 0.02 and since_us > MOTOR_US)
        ):
            raise WalkError(f"{delivered.peak_ua:.0f} µA and {delivered.amplitude:.2f} with nobody's leave: {book}")

    def _send(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> Result:
        book, host = self.book, self.book.there
        result = self.bench.result(opcode, operands, tail)
        if host not in HOSTS:
            self._want(result is not Result.SUCCESS, opcode, result)
            return result
        self._want(opcode not in STOPS or result is not Result.NOT_FROM_THIS_HOST, opcode, result)
        if book.bond_gone and opcode not in STOPS:
            self._want(result is Result.NOT_FROM_THIS_HOST, opcode, result)
            book.met.add("refused without a bond")
            return result
        if result is Result.NOT_FROM_THIS_HOST:
            book.refused += 1
            whose = book.owner if opcode in STEERS else book.program_of
            self._want(whose not in {None, host}, opcode, result)
        if result is Result.SUCCESS:
            self._note(opcode, host)
        return result

    def _note(self, opcode: Opcode, host: str) -> None:
        book, now_us = self.book, self._clock_us
        if opcode in STEERS:
            self._want(book.owner in {None, host}, opcode, Result.SUCCESS)
        if opcode in NEEDS_ITS_PROGRAM:
            self._want(book.program_of in {None, host}, opcode, Result.SUCCESS)
        if opcode in TAKES_OVER and book.owner is None:
            book.owner = host
            book.allowed_by = host if book.allowed_by is not None else None
            book.met.add("taken over")
        if book.owner in {None, host}:
            book.heard_us = now_us
        if opcode is Opcode.PROGRAM_COMMIT:
            book.program_of = host
        elif opcode in {Opcode.START, Opcode.RESUME}:
            book.owner, book.allowed_by = host, host
            book.met.add(opcode.name)
        elif opcode in STOPS and self.bench.state is not State.FAULT:
            book.end(now_us)
            if opcode is not Opcode.PAUSE:
                book.owner = None
            if opcode is Opcode.EMERGENCY_STOP:
                book.program_of = None

    def _want(self, holds: bool, opcode: Opcode, result: Result) -> None:
        if not holds:
            raise WalkError(f"{opcode.name} was answered {result.name}: {self.book}")

    # What hosts, persons and the world do.

    def _leave(self) -> None:
        book = self.book
        self.bench.firmware.on_link(self.bench.now_us, up=False, authenticated=False)
        if book.allowed_by == book.there:
            book.end(self._clock_us)
            book.met.add("link lost")
        book.there, book.bond_gone = None, False

    def _come(self) -> None:
        self._leave()
        host = self._chance.choice((ANNA, ANNA, BEN, BEN, STRANGER))
        self.book.there = host
        self.bench.firmware.on_link(
            self.bench.now_us, up=True, authenticated=host in HOSTS, host=host if host in HOSTS else ""
        )

    def _command(self) -> None:
        if self.book.there is not None:
            opcode = self._chance.choice(_COMMANDS)
            self._send(opcode, _OPERANDS.get(opcode))

    def _load(self) -> None:
        if self.book.there is None:
            return
        steps = tuple(step(self._chance.choice((3000, 8000, 20_000)), 600, 200) for _ in range(3))
        data = encode_program(steps)
        self._send(Opcode.PROGRAM_BEGIN, ProgramBegin(len(steps), len(data), program_crc(data)))
        self._send(Opcode.PROGRAM_DATA, ProgramData(0), data)
        if self._chance.random() < 0.2:
            self._come()  # another host, perhaps, in the middle of it
        self._send(Opcode.PROGRAM_COMMIT)
        if self._chance.random() < 0.7:
            self._send(Opcode.START)

    def _press(self) -> None:
        book, before = self.book, self.bench.state
        self.bench.firmware.press_button(self.bench.now_us, 0.2)
        if before in {State.RUNNING, State.PAUSED}:
            book.end(self._clock_us)
            book.owner = None
        elif self.bench.state is State.RUNNING:
            book.owner, book.program_of, book.allowed_by = None, None, BUTTON
            book.met.add("button")

    def _forget(self) -> None:
        book, host = self.book, self._chance.choice(HOSTS)
        self.bench.firmware.forget_host(host)
        book.bond_gone |= host == book.there
        if host in {book.owner, book.program_of}:
            book.end(self._clock_us)
            book.owner = book.program_of = None
            book.met.add("forgotten")

    def _power_cycle(self) -> None:
        book = self.book
        self._leave()
        book.end(self._clock_us)
        book.owner = book.program_of = None
        self.bench.firmware.power_on(0, ResetCause.POWER_ON)
        self.bench.now_us, self.bench.drive = 0, Drive()
        if self.bench.body is not None:
            self.bench.body.power_cycle()

    _acts: Final[tuple[Callable[[Walk], None], ...]] = (
        *(_come,) * 5, *(_load,) * 4, *(_command,) * 12, _press, _press, _forget, _leave, _power_cycle,
    )  # fmt: skip
