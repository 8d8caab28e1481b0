"""A bench that feeds the virtual roller's firmware ticks and commands, with a scripted skin or the real body."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowsim.firmware.firmware import Firmware
from glowsim.firmware.model import GR1
from glowsim.physics.types import IMPEDANCE_OPEN, TICK_US, Delivered, Drive, Sensed
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.state import State
from glowtool.protocol.commands.codec import Request, Response, decode_response, encode_request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import NoOperands, ProgramBegin, ProgramData
from glowtool.protocol.program import (
    KEYFRAME_MARK,
    STEP_SIZE,
    KeyframeRecord,
    StepRecord,
    encode_program,
    program_crc,
)
from glowtool.protocol.vocabulary import Result
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from glowsim.firmware.model import Model
    from glowsim.firmware.retained.memory import Memory
    from glowsim.physics.body import Body
    from glowtool.protocol.wire import Message

#: A gentle, even contact at 3.5 kPa with everything well.
SKIN: Final = Sensed((350, 350, 350, 350), (0, 0), 850, (320, 320), 80, charging=False)

#: The same roller held in the air.
AIR: Final = replace(SKIN, cells_raw=(2, 2, 2, 2), impedance_raw=IMPEDANCE_OPEN)

MTU: Final = 247


def step(
    duration_ms: int = 10_000,
    amplitude_permille: int = 400,
    peak_ua: int = 200,
    *,
    pattern: Pattern = Pattern.STEADY,
    pattern_period_ms: int = 1000,
    ramp_ms: int = 4000,
) -> StepRecord:
    """Return a step that is easy to reason about."""
    return StepRecord(
        Zone.CHEEK_LEFT,
        Direction.UPWARD,
        pattern,
        Waveform.BIPHASIC_SQUARE if peak_ua else Waveform.NONE,
        duration_ms,
        amplitude_permille,
        750,
        pattern_period_ms,
        peak_ua,
        200,
        ramp_ms,
        200,
        500,
    )


def keyframe(at_ms: int, amplitude_permille: int, peak_ua: int, vibration_dhz: int = 750) -> KeyframeRecord:
    """Return a keyframe for such a step."""
    return KeyframeRecord(KEYFRAME_MARK, 0, 0, at_ms, amplitude_permille, vibration_dhz, 0, peak_ua, 200, 0, 0)


#: A head is set down in so long, the tissue comes after by so much, and so many counts are none of its contact.
_SET_DOWN_US: Final = 80_000
_TISSUE_LAG_US: Final = 15_000
_TISSUE_COUNTS: Final = 50


class ScriptedSkin:
    """Makes a landing of a change from an open loop to a closed one, and has the source see the same loop."""

    def __init__(self) -> None:
        self._touch = self._area = 0.0
        self._flicker = 0

    def felt(self, sensed: Sensed, dt_us: int, drive: Drive) -> Sensed:
        """Return what is felt on the way to `sensed`, after `dt_us` more under `drive`."""
        if sensed.impedance_raw >= IMPEDANCE_OPEN:
            self._touch = self._area = 0.0
        elif self._area < 1.0:
            self._touch = min(1.0, self._touch + dt_us / _SET_DOWN_US)
            self._area += (self._touch ** (2 / 3) - self._area) * dt_us / (_TISSUE_LAG_US + dt_us)
            self._area = 1.0 if self._area > 0.995 else self._area
            sensed = self._landing(sensed)
        return replace(sensed, source_raw=_source_raw(sensed.impedance_raw, drive.peak_ua)) if drive.peak_ua else sensed

    def _landing(self, sensed: Sensed) -> Sensed:
        # Living cells never stand still while the contact changes.
        self._flicker = 1 - self._flicker
        a, b, c, d = (round(raw * self._touch) + (self._flicker if raw else 0) for raw in sensed.cells_raw)
        contacts = max(0, sensed.impedance_raw - _TISSUE_COUNTS)
        raw = sensed.impedance_raw - contacts + round(contacts / max(self._area, 1e-3))
        return replace(sensed, cells_raw=(a, b, c, d), impedance_raw=min(IMPEDANCE_OPEN, raw))


def _source_raw(impedance_raw: int, peak_ua: float) -> tuple[int, int]:
    """Return what a source without noise measures of itself, in mV and tenths of a microampere."""
    if impedance_raw >= IMPEDANCE_OPEN:
        return 60_000, 0
    return round(peak_ua * impedance_raw / 100), round(10 * peak_ua)


class Bench:
    """One roller without a radio. `sensed` is what it comes to feel, unless a body is given."""

    def __init__(self, body: Body | None = None, memory: Memory | None = None, model: Model = GR1) -> None:
        self.memory = memory or VolatileMemory()
        self.firmware = Firmware(self.memory, "GR1-0001", model=model)
        self.body = body
        self.sensed = SKIN
        self.delivered: Delivered | None = None
        self.drive = Drive()
        self.now_us = 0
        self.sequence = 0
        self.firmware.on_link(0, up=True, authenticated=True)
        self._skin = ScriptedSkin()
        if body is None:
            # It comes from the air: before, it trusts no cell.
            self.sensed = AIR
            for _ in range(20):
                self.tick()
            self.sensed = SKIN
            for _ in range(40):
                self.tick()
        self.tick()

    @property
    def state(self) -> State:
        return self.firmware.state

    def tick(self, dt_us: int = TICK_US) -> Drive:
        self.now_us += dt_us
        if self.body is not None:
            self.sensed, self.delivered = self.body.update(self.now_us, self.drive)
        felt = self.sensed if self.body is not None else self._skin.felt(self.sensed, dt_us, self.drive)
        self.drive = self.firmware.tick(self.now_us, felt)
        return self.drive

    def run(self, duration_s: float, *, heartbeat: bool = True) -> list[Drive]:
        """Tick for a time, with a heartbeat every quarter of a second unless the host is silent."""
        drives = []
        ticks = round(duration_s * 1e6 / TICK_US)
        for number in range(ticks):
            if heartbeat and number % 50 == 0:
                self.send(Opcode.HEARTBEAT)
            drives.append(self.tick())
        return drives

    def send(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"", mtu: int = MTU) -> Response:
        self.sequence = (self.sequence + 1) % 256
        request = Request(opcode, self.sequence, operands or NoOperands(), tail)
        return decode_response(self.firmware.on_control(self.now_us, encode_request(request), mtu))

    def result(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> Result:
        return self.send(opcode, operands, tail).head.result

    def upload(self, data: bytes, crc32: int | None = None) -> Result:
        """Announce, send in pieces and commit; return the result of the commit."""
        crc32 = program_crc(data) if crc32 is None else crc32
        begin = ProgramBegin(max(1, len(data) // STEP_SIZE), max(STEP_SIZE, len(data)), crc32)
        begun = self.result(Opcode.PROGRAM_BEGIN, begin)
        if begun is not Result.SUCCESS:
            return begun
        for offset in range(0, len(data), 120):
            self.result(Opcode.PROGRAM_DATA, ProgramData(offset), data[offset : offset + 120])
        return self.result(Opcode.PROGRAM_COMMIT)

    def load(self, *steps: StepRecord) -> None:
        assert self.upload(encode_program(steps)) is Result.SUCCESS

    def start(self, *steps: StepRecord) -> None:
        self.load(*steps)
        assert self.result(Opcode.START) is Result.SUCCESS


def bench_in(state: State) -> Bench:
    """Return a bench whose roller is in `state`; running and paused ones have outputs up before."""
    bench = Bench()
    match state:
        case State.IDLE:
            pass
        case State.READY:
            bench.load(step(), step())
        case State.RUNNING | State.PAUSED:
            bench.start(step(), step())
            bench.run(2.0)
            if state is State.PAUSED:
                bench.result(Opcode.PAUSE)
                bench.tick()
        case State.LATCHED:
            bench.result(Opcode.EMERGENCY_STOP)
        case State.LOCKED:
            bench.sensed = replace(SKIN, charging=True)
            bench.tick()
        case State.FAULT:
            bench.sensed = replace(SKIN, head_temp_raw=(320, 1250))
            bench.tick()
    assert bench.state is state
    return bench
