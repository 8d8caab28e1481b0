"""A host that behaves in every way a host can, over a link that delays, repeats, loses and breaks."""

from __future__ import annotations

import heapq
import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from chaos.acts import ACTS
from chaos.programs import draw_program
from glowsim.firmware.flash.chip import PowerLostError, never
from glowsim.firmware.outage import ResetCause
from glowsim.physics.types import Drive
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import STEP_SIZE, program_crc
from glowtool.protocol.records import Diagnostic
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from chaos.judge.judge import Judge
    from support.device.firmware_bench import Bench

MTU: Final = 247
PIECE: Final = 180

#: A massage that is to reach its own ceiling of time needs a host that mostly lets it.
LONG_S: Final = 600.0

#: The two hosts that are bonded with the roller, by their bonds.
ONE, OTHER = "", "the other host"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a host behaves and what its link does. Probabilities are by wake-up, losses and repeats by command."""

    wake_s: float = 0.25
    acts: float = 0.05
    silences: float = 0.01
    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    repeat: float = 0.0
    breaks: float = 0.0
    step_s: tuple[float, float] = (3.0, 15.0)

    @property
    def impairments(self) -> set[str]:
        """What is wrong with the link, by the names under which it is counted."""
        shares = {"delay": self.delay_s, "jitter": self.jitter_s, "loss": self.loss, "duplication": self.repeat}
        return {f"link: {name}" for name, share in shares.items() if share}


def draw_manner(chance: random.Random, duration_s: float) -> Manner:
    """Draw a manner: from a calm host on an ideal link to a wild one on a bad link."""
    bad = chance.random() < 0.4
    step_s = 3.0, max(15.0, min(300.0, duration_s / 4))
    if duration_s > LONG_S:
        return Manner(silences=chance.choice((0.0, 0.001)), acts=chance.choice((0.0, 0.002)), step_s=step_s)
    return Manner(
        wake_s=chance.choice((0.1, 0.25, 0.25, 0.5, 0.8)),
        acts=chance.choice((0.0, 0.01, 0.03, 0.3)),
        silences=chance.choice((0.0, 0.0, 0.01, 0.03)),
        delay_s=chance.choice((0.0, 0.03, 0.15)) if bad else 0.0,
        jitter_s=chance.choice((0.0, 0.05, 0.4)) if bad else 0.0,
        loss=chance.choice((0.0, 0.05, 0.3)) if bad else 0.0,
        repeat=chance.choice((0.0, 0.1)) if bad else 0.0,
        breaks=chance.choice((0.0, 0.0, 0.003, 0.02)),
        step_s=step_s,
    )


class Host:
    """Drives one bench. Call `pass_time` before every tick; it is cheap while nothing is due."""

    def __init__(self, bench: Bench, judge: Judge, manner: Manner, chance: random.Random) -> None:
        self.bench, self.judge, self.manner, self.chance = bench, judge, manner, chance
        self._queue: list[tuple[int, int, bytes]] = []
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._sent = self._planned = 0
        self._arrives_us = 0
        self._wake_us = 0
        self.silent_until_us = 0
        self._back_us: int | None = None
        self.state = State.IDLE
        self._refused = False
        self.seen = Interlock(0)
        self.answers = 0
        self.met: set[str] = set()
        self.next_us = 0

    @property
    def linked(self) -> bool:
        """Whether a host with keys is there."""
        return self.judge.wire.linked

    def pass_time(self, now_us: int) -> None:
        """Let the device have what arrives by now, and act when it is time."""
        while self._agenda and self._agenda[0][0] <= now_us:
            heapq.heappop(self._agenda)[2]()
        while self._queue and self._queue[0][0] <= now_us:
            self.arrive(heapq.heappop(self._queue)[2])
        if now_us >= self._wake_us:
            self._wake_us = now_us + round(self.manner.wake_s * 1e6 * self.chance.uniform(0.8, 1.2))
            self._wake(now_us)
        self.next_us = min([self._wake_us, *(queue[0][0] for queue in (self._queue, self._agenda) if queue)])

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Plan something."""
        self._planned += 1
        heapq.heappush(self._agenda, (self.bench.now_us + round(1e6 * seconds), self._planned, act))

    def plan(self, acts: Sequence[tuple[str, Callable[[Host], None]]], every_s: float, until_s: float) -> None:
        """Plan some acts, drawn one after the other."""
        for number in range(1, int(until_s / every_s)):
            name, act = self.chance.choice(acts)
            self.later(number * every_s, partial(self._act, name, act))

    def _act(self, name: str, act: Callable[[Host], None]) -> None:
        self.met.add(name)
        act(self)

    def arrive(self, data: bytes) -> Result | None:
        """Let the device have a command; return what it answers, None when its power fails over it."""
        now_us, judge = self.bench.now_us, self.judge
        try:
            answer = self.bench.firmware.on_control(now_us, data, MTU)
        except PowerLostError:
            self.met.add("power: fails in the middle of a command")
            judge.wire.unanswered(data)
            self.lose_power(ResetCause.BROWN_OUT)
            return None
        head = judge.answered(now_us, data, answer).head
        self.state, self._refused = head.state, head.result is Result.NOT_FROM_THIS_HOST
        if self._refused and self.linked:
            self.met.add("host: refused as another one's")
        self.seen |= head.interlocks
        self.answers += 1
        return head.result

    def powered(self, act: Callable[[], None]) -> bool:
        """Do something that may write to the flash; return whether the power held."""
        try:
            act()
        except PowerLostError:
            self.met.add("power: fails at a write")
            self.lose_power(ResetCause.BROWN_OUT)
            return False
        return True

    def hope(self, act: Callable[[], None]) -> None:
        """Do something that may write to the flash; where the power fails over it, it has failed."""
        self.powered(act)

    def press(self, held_s: float) -> None:
        """Press the button."""
        bench = self.bench
        if self.powered(lambda: bench.firmware.press_button(bench.now_us, held_s)):
            self.judge.wire.pressed(bench.firmware.state)
            self.state = bench.firmware.state

    def command(self, opcode: int, body: bytes = b"") -> Result | None:
        """Let the device have a command at once, if a host is there."""
        self._sent += 1
        return self.arrive(bytes((opcode, self._sent % 256)) + body) if self.linked else None

    def send(self, opcode: int, body: bytes = b"") -> None:
        """Put a command on the link: it arrives later, or twice, or never, but never before an earlier one."""
        manner, chance = self.manner, self.chance
        if not self.linked or chance.random() < manner.loss:
            return
        late_us = round(1e6 * (manner.delay_s + chance.random() * manner.jitter_s))
        self._arrives_us = max(self._arrives_us, self.bench.now_us + late_us)
        data = bytes((opcode, self._sent % 256)) + body
        for _ in range(2 if chance.random() < manner.repeat else 1):
            self._sent += 1
            heapq.heappush(self._queue, (self._arrives_us, self._sent, data))

    def upload(self, data: bytes, crc32: int | None = None) -> None:
        """Send a program, well formed or not."""
        crc32 = program_crc(data) if crc32 is None else crc32
        self.send(Opcode.PROGRAM_BEGIN, struct.pack("<BHI", len(data) // STEP_SIZE, len(data), crc32))
        for offset in range(0, len(data), PIECE):
            self.send(Opcode.PROGRAM_DATA, struct.pack("<H", offset) + data[offset : offset + PIECE])
        self.send(Opcode.PROGRAM_COMMIT)

    def _wake(self, now_us: int) -> None:
        chance, manner = self.chance, self.manner
        if self._back_us is not None and now_us >= self._back_us:
            self.reconnect()
        if now_us < self.silent_until_us:
            return
        self.send(Opcode.HEARTBEAT)
        if chance.random() < manner.silences:
            self.silent_until_us = now_us + round(1e6 * chance.uniform(0.3, 3.0))
            self.met.add("host: silent for a while")
        if chance.random() < manner.breaks:
            self.break_link()
        if chance.random() < manner.acts:
            self._act(*chance.choice(ACTS))
        elif chance.random() < 0.4:
            self._go_on()

    def _go_on(self) -> None:
        """Do what brings the massage on: most hosts insist; what is another one's they stop, and load their own."""
        match self.state:
            case State.IDLE:
                self.upload(draw_program(self.chance, seconds=self.manner.step_s))
            case State.READY if self._refused:
                self.upload(draw_program(self.chance, seconds=self.manner.step_s))
            case State.READY:
                self.send(Opcode.START)
            case State.PAUSED:
                self.send(Opcode.STOP if self._refused else Opcode.RESUME)
            case State.LATCHED:
                self.send(Opcode.REARM)
            case _:
                pass

    def break_link(self) -> None:
        """Lose the link, and with it a bond that was to be forgotten; come back some time."""
        self._queue.clear()
        self.met.add("link: broken")
        wire, firmware = self.judge.wire, self.bench.firmware
        host, forgets = wire.owner.host, firmware.forgets_host
        wire.met(None)
        firmware.on_link(self.bench.now_us, up=False, authenticated=False)
        if forgets and host is not None:
            self.met.add("host: forgotten with its link")
            wire.forgotten(host)
            self.powered(lambda: firmware.forget_host(host))
        wire.claimed(firmware.state)
        self._back_us = self.bench.now_us + round(1e6 * self.chance.uniform(0.05, 3.0))

    def lose_bond(self) -> None:
        """Go on as if nothing were, though the roller has lost the bond; it ends the link a moment later."""
        wire, firmware = self.judge.wire, self.bench.firmware
        host = wire.owner.host
        if host is None:
            return
        self.met.add("host: forgotten while it is there")
        wire.forgotten(host)
        self.powered(lambda: firmware.forget_host(host))
        wire.claimed(firmware.state)
        for opcode in (Opcode.HEARTBEAT, Opcode.START, Opcode.RESUME, Opcode.STOP):
            self.send(opcode)
        self.later(self.chance.uniform(0.02, 0.5), self.break_link)

    def reconnect(self) -> None:
        """Come back, or let another host come: one that is bonded too, or first a stranger who wants everything."""
        self._back_us = None
        now_us, firmware = self.bench.now_us, self.bench.firmware
        if self.chance.random() < 0.3:
            self.met.add("host: a stranger without keys")
            firmware.on_link(now_us, up=True, authenticated=False)
            for opcode in (Opcode.RESUME, Opcode.START, Opcode.HEARTBEAT):
                self.arrive(bytes((opcode, 0)))
        host = self.chance.choice((ONE, ONE, OTHER))
        if host is OTHER:
            self.met.add("host: the other bonded one")
        firmware.on_link(now_us, up=True, authenticated=True, host=host)
        self.judge.wire.met(host)
        self.judge.wire.claimed(firmware.state)
        if self.judge.wire.in_doubt:
            self.command(Opcode.DIAGNOSTICS, bytes((Diagnostic.STORED_PROGRAM_CRC,)))

    def lose_power(self, cause: ResetCause | None = None) -> None:
        """Lose the power, for a reason or for any, and the link with it."""
        self._queue.clear()
        bench = self.bench
        bench.memory.chip.cut = never
        self.judge.power_cycled(bench.now_us)
        bench.firmware.power_on(bench.now_us, cause or self.chance.choice(tuple(ResetCause)))
        bench.drive = Drive()
        self.state = bench.firmware.state
        self.judge.wire.claimed(self.state)
        self.break_link()
        if self.judge.wire.in_doubt:
            self._back_us = bench.now_us
            self.reconnect()
