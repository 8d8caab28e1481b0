"""A host that behaves in every way a host can, over a link that delays, repeats, loses and breaks."""

from __future__ import annotations

import heapq
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chaos.programs import draw_program
from chaos.wire import interlocks
from glowsim.firmware.mind import ResetCause
from glowsim.physics.types import Drive
from glowtool.protocol.control import Opcode
from glowtool.protocol.program import STEP_SIZE, program_crc
from glowtool.protocol.vocabulary import Interlock, Setting, State

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from chaos.judge import Judge
    from support.firmware_bench import Bench

MTU: Final = 247
_PIECE: Final = 180

#: The day, counted since 1970, that is today for a host, and noon of it in ms.
TODAY: Final = 20_717
_MS_PER_DAY: Final = 86_400_000
_NOON_MS: Final = TODAY * _MS_PER_DAY + _MS_PER_DAY // 2

#: A massage that is to reach its own ceiling of time needs a host that mostly lets it.
LONG_S: Final = 600.0


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
        self._bench, self.judge, self._manner, self._chance = bench, judge, manner, chance
        self._queue: list[tuple[int, int, bytes]] = []
        self._sent = 0
        self._arrives_us = 0
        self._wake_us = 0
        self._silent_until_us = 0
        self._back_us: int | None = None
        self._uncharged_us: int | None = None
        self._state = State.IDLE
        self.seen = Interlock(0)
        self.answers = 0
        self.met: set[str] = set()
        self.next_us = 0

    def pass_time(self, now_us: int) -> None:
        """Let the device have what arrives by now, and act when it is time."""
        while self._queue and self._queue[0][0] <= now_us:
            self._arrive(now_us, heapq.heappop(self._queue)[2])
        if now_us >= self._wake_us:
            self._wake_us = now_us + round(self._manner.wake_s * 1e6 * self._chance.uniform(0.8, 1.2))
            self._wake(now_us)
        self.next_us = min(self._wake_us, self._queue[0][0]) if self._queue else self._wake_us

    def _arrive(self, now_us: int, data: bytes) -> None:
        answer = self._bench.firmware.on_control(now_us, data, MTU)
        self._state = self.judge.wire.answered(now_us, data, answer)
        self.seen |= interlocks(answer)
        self.answers += 1

    def send(self, opcode: int, body: bytes = b"") -> None:
        """Put a command on the link: it arrives later, or twice, or never, but never before an earlier one."""
        manner, chance = self._manner, self._chance
        if not self.judge.wire.linked or chance.random() < manner.loss:
            return
        now_us = self._bench.now_us
        late_us = round(1e6 * (manner.delay_s + chance.random() * manner.jitter_s))
        self._arrives_us = max(self._arrives_us, now_us + late_us)
        data = bytes((opcode, self._sent % 256)) + body
        for _ in range(2 if chance.random() < manner.repeat else 1):
            self._sent += 1
            heapq.heappush(self._queue, (self._arrives_us, self._sent, data))

    def upload(self, data: bytes, crc32: int | None = None) -> None:
        """Send a program, well formed or not."""
        crc32 = program_crc(data) if crc32 is None else crc32
        self.send(Opcode.PROGRAM_BEGIN, struct.pack("<BHI", len(data) // STEP_SIZE, len(data), crc32))
        for offset in range(0, len(data), _PIECE):
            self.send(Opcode.PROGRAM_DATA, struct.pack("<H", offset) + data[offset : offset + _PIECE])
        self.send(Opcode.PROGRAM_COMMIT)

    def say_that_the_day_ends(self, midnight_us: int) -> None:
        """Set the device's clock, once, so that a new day begins at `midnight_us`."""
        self.met.add("clock: over midnight")
        until_ms = (midnight_us - self._bench.now_us) // 1000
        body = struct.pack("<Q", (TODAY + 1) * _MS_PER_DAY - until_ms)
        self._arrive(self._bench.now_us, bytes((Opcode.SET_TIME, 0)) + body)

    def _wake(self, now_us: int) -> None:
        chance, manner = self._chance, self._manner
        if self._back_us is not None:
            self._reconnect(now_us)
        if self._uncharged_us is not None and now_us >= self._uncharged_us:
            self._uncharged_us = None
            self._place(charging=False)
        if now_us < self._silent_until_us:
            return
        self.send(Opcode.HEARTBEAT)
        if chance.random() < manner.silences:
            self._silent_until_us = now_us + round(1e6 * chance.uniform(0.3, 3.0))
            self.met.add("host: silent for a while")
        if chance.random() < manner.breaks:
            self._break(now_us)
        if chance.random() < manner.acts:
            name, act = chance.choice(_ACTS)
            self.met.add(name)
            act(self, now_us)
        elif chance.random() < 0.4:
            self._go_on()

    def _go_on(self) -> None:
        """Do what brings the massage on: most hosts insist."""
        match self._state:
            case State.IDLE:
                self.upload(draw_program(self._chance, seconds=self._manner.step_s))
            case State.READY:
                self.send(Opcode.START)
            case State.PAUSED:
                self.send(Opcode.RESUME)
            case State.LATCHED:
                self.send(Opcode.REARM)
            case _:
                pass

    def _break(self, now_us: int) -> None:
        self._queue.clear()
        self.met.add("link: broken")
        self.judge.wire.linked = False
        self._bench.firmware.on_link(now_us, up=False, authenticated=False)
        self._back_us = now_us + round(1e6 * self._chance.uniform(0.05, 3.0))

    def _reconnect(self, now_us: int) -> None:
        if self._back_us is None or now_us < self._back_us:
            return
        self._back_us = None
        if self._chance.random() < 0.3:
            # Another host comes first, without keys, and wants everything.
            self.met.add("host: a stranger without keys")
            self._bench.firmware.on_link(now_us, up=True, authenticated=False)
            for opcode in (Opcode.RESUME, Opcode.START, Opcode.HEARTBEAT):
                self._arrive(now_us, bytes((opcode, 0)))
        self._bench.firmware.on_link(now_us, up=True, authenticated=True)
        self.judge.wire.linked = True

    def _place(self, *, charging: bool) -> None:
        if self._bench.body is not None:
            self._bench.body.place_on_charger(charging=charging)

    # What a host, a person or the world does besides.

    def _charge(self, now_us: int) -> None:
        self._place(charging=True)
        self._uncharged_us = now_us + round(1e6 * self._chance.uniform(0.05, 3.0))

    def _press(self, now_us: int) -> None:
        firmware = self._bench.firmware
        for _ in range(self._chance.choice((1, 1, 2))):
            before = firmware.state
            firmware.press_button(now_us, self._chance.choice((0.05, 0.3, 3.0)))
            self.judge.wire.pressed(before, firmware.state)

    def _store(self, now_us: int) -> None:
        """Keep a program for the button, press it after a loss of power, and perhaps hurry to start it as a host."""
        self._arrive_all(now_us, Opcode.STOP, Opcode.PROGRAM_STORE)
        self._lose_power(now_us)
        if self._chance.random() < 0.5:
            self._back_us = now_us
            self._reconnect(now_us)
        self._press(now_us)
        if self._chance.random() < 0.5:
            self._arrive_all(now_us, Opcode.STOP, Opcode.START)

    def _arrive_all(self, now_us: int, *opcodes: Opcode) -> None:
        if self.judge.wire.linked:
            for opcode in opcodes:
                self._arrive(now_us, bytes((opcode, 0)))

    def _lose_power(self, now_us: int) -> None:
        self._queue.clear()
        self._bench.firmware.power_on(now_us, self._chance.choice(tuple(ResetCause)))
        self._bench.drive = Drive()
        self.judge.power_cycled(now_us)
        self._state = State.IDLE
        self._break(now_us)

    def _trim(self, _now_us: int) -> None:
        self.send(Opcode.TRIM, bytes(self._chance.choice((0, 20, 50, 100, 101, 200, 255)) for _ in range(2)))

    def _extend(self, _now_us: int) -> None:
        self.send(Opcode.EXTEND, struct.pack("<I", self._chance.choice((1, 5000, 60_000, 300_000, 2**32 - 1))))

    def _set(self, _now_us: int) -> None:
        setting = self._chance.choice((*Setting, 9))
        value = self._chance.choice((-1, 0, 100, 250, 400, 401, 700, 1000, 1001, 60_000))
        self.send(Opcode.SETTING_SET, struct.pack("<Bi", setting, value))

    def _set_time(self, _now_us: int) -> None:
        self.send(Opcode.SET_TIME, struct.pack("<Q", _NOON_MS + self._chance.randrange(-3, 4) * 10_000_000))

    def _spam(self, _now_us: int) -> None:
        for _ in range(self._chance.randrange(5, 60)):
            self.send(self._chance.choice(_PLAIN))

    def _babble(self, _now_us: int) -> None:
        self.send(self._chance.randrange(256), self._chance.randbytes(self._chance.randrange(20)))

    def _upload_any(self, _now_us: int) -> None:
        crc32 = self._chance.choice((None, None, 0))
        self.upload(draw_program(self._chance, wrong=0.5), crc32)

    def _telemetry(self, _now_us: int) -> None:
        self.send(Opcode.TELEMETRY_START, struct.pack("<HI", self._chance.choice((50, 100, 200, 400, 7)), 1))


_PLAIN: Final = (
    Opcode.START, Opcode.PAUSE, Opcode.RESUME, Opcode.SKIP, Opcode.STOP, Opcode.EMERGENCY_STOP, Opcode.REARM,
    Opcode.HEARTBEAT, Opcode.TARE, Opcode.SELF_TEST, Opcode.IDENTIFY, Opcode.TELEMETRY_STOP,
    Opcode.PROGRAM_STORE, Opcode.PROGRAM_ERASE_STORED, Opcode.RECORD_COUNT,
)  # fmt: skip


def _plain(opcode: Opcode) -> Callable[[Host, int], None]:
    return lambda host, _now_us: host.send(opcode)


#: Everything that a host, a person or the world does besides, by the name under which it is counted; some twice.
_ACTS: Final[tuple[tuple[str, Callable[[Host, int], None]], ...]] = (
    *((f"act: {opcode.name.lower()}", _plain(opcode)) for opcode in _PLAIN),
    ("act: charger", Host._charge),
    ("act: button", Host._press),
    ("act: button", Host._press),
    ("act: stored program by the button", Host._store),
    ("act: stored program by the button", Host._store),
    ("act: power loss", Host._lose_power),
    ("act: trim", Host._trim),
    ("act: trim", Host._trim),
    ("act: extend", Host._extend),
    ("act: setting", Host._set),
    ("act: clock", Host._set_time),
    ("act: spam", Host._spam),
    ("act: garbage", Host._babble),
    ("act: any program", Host._upload_any),
    ("act: telemetry", Host._telemetry),
)
