"""What the device has agreed to by its own answers, read from the bytes on the wire."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.protocol.ceilings import REARM_GRACE_MS, CeilingId, ceiling
from glowtool.protocol.control import Opcode, SettingValue, decode_response
from glowtool.protocol.vocabulary import Interlock, Result, Setting, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.physics.types import Sensed

PEAK_UA: Final = float(ceiling(CeilingId.PEAK_CURRENT))
SOFT_START_S: Final = ceiling(CeilingId.SOFT_START) / 1000
STEP_US: Final = ceiling(CeilingId.STEP_DURATION) * 1_000_000
MASSAGE_US: Final = ceiling(CeilingId.MASSAGE_DURATION) * 1_000_000

CAUTION_RAW: Final = ceiling(CeilingId.PRESSURE_CAUTION)

_STEERS: Final = frozenset({Opcode.PAUSE, Opcode.RESUME, Opcode.SKIP, Opcode.EXTEND, Opcode.TRIM})
_INTERLOCKS: Final = struct.Struct("<6xH")
_RECORD: Final = struct.Struct("<4BI8H")


class ViolationError(AssertionError):
    """A ceiling was passed."""


class Step(NamedTuple):
    """What of a step record bounds the outputs."""

    amplitude: float
    peak_ua: float


class Wire:
    """What the device has agreed to, by its own answers: program, trim, settings, latch, and when it heard a host.

    `alone` is a massage that the button began and no host has steered: no host has to be heard or linked for it.
    """

    def __init__(self) -> None:
        self.heard_us = 0
        self.linked = True
        self.tare = (0, 0, 0, 0)
        self.sensed: Sensed | None = None
        self.starts = 0
        self.rearmed_us: int | None = None
        self._stored: tuple[Step, ...] = ()
        self.settings = {Setting.PEAK_UA_MAX: PEAK_UA, Setting.AMPLITUDE_PERMILLE_MAX: 1000.0, Setting.WATCHDOG_MS: 1e3}
        self.power_cycled(0)

    def power_cycled(self, now_us: int) -> None:
        """Forget what a loss of power makes the device forget."""
        self.sensed = None
        self.heard_us = now_us
        self.latched_us: int | None = None
        self.alone = False
        self.trim = (1.0, 1.0)
        self.running: tuple[Step, ...] = ()
        self._committed: tuple[Step, ...] = ()
        self._upload = bytearray()
        self._crc = 0

    def pressed(self, before: State, after: State) -> None:
        """Take note of a press of the button that led from one state to another."""
        if after is not State.RUNNING or before is State.RUNNING:
            return
        if not self._stored or self.latched_us is not None:
            raise ViolationError(f"the button started something in {before.name}")
        self.running = self._committed = self._stored
        self.trim, self.alone = (1.0, 1.0), True
        self.starts += 1

    def answered(self, now_us: int, request: bytes, answer: bytes) -> State:
        """Take note of a request and its answer; return the state that the answer names."""
        self._cautioned(now_us, answer)
        response = decode_response(answer)
        if response.head.result is not Result.SUCCESS:
            return response.head.state
        self.heard_us = now_us
        opcode, body = Opcode(request[0]), request[2:]
        if self.latched_us is not None and opcode in {Opcode.START, Opcode.RESUME}:
            raise ViolationError(f"{opcode.name} was accepted in the emergency stop at {now_us} µs")
        if opcode in _STEERS:
            self.alone = False
        if opcode is Opcode.SETTING_SET and isinstance(response.payload, SettingValue):
            self.settings[Setting(body[0])] = float(response.payload.value)
        note = _NOTES.get(opcode)
        if note is not None:
            note(self, now_us, body)
        return response.head.state

    def _cautioned(self, now_us: int, answer: bytes) -> None:
        """Judge that every answer under a pressure that is more than gentle says so."""
        if self.sensed is None:
            return
        highest = max(raw - tare for raw, tare in zip(self.sensed.cells_raw, self.tare, strict=True))
        if highest > CAUTION_RAW and not interlocks(answer) & Interlock.PRESSURE_CAUTION:
            raise ViolationError(f"no caution under {highest / 100} kPa in an answer at {now_us} µs")

    def _begun(self, _now_us: int, body: bytes) -> None:
        _, length, self._crc = struct.unpack("<BHI", body)
        self._upload = bytearray(length)

    def _loaded(self, _now_us: int, body: bytes) -> None:
        (offset,) = struct.unpack_from("<H", body)
        self._upload[offset : offset + len(body) - 2] = body[2:]

    def _commit(self, _now_us: int, _body: bytes) -> None:
        self._committed = _checked(bytes(self._upload), self._crc)

    def _started(self, _now_us: int, _body: bytes) -> None:
        self.running, self.trim, self.alone = self._committed, (1.0, 1.0), False
        self.starts += 1

    def _kept(self, _now_us: int, _body: bytes) -> None:
        self._stored = self._committed

    def _erased(self, _now_us: int, _body: bytes) -> None:
        self._stored = ()

    def _stopped(self, now_us: int, _body: bytes) -> None:
        self.latched_us = now_us

    def _tared(self, _now_us: int, _body: bytes) -> None:
        self.tare = (0, 0, 0, 0) if self.sensed is None else self.sensed.cells_raw

    def _trimmed(self, _now_us: int, body: bytes) -> None:
        if max(body) > 100:
            raise ViolationError(f"a trim of {tuple(body)} % was accepted")
        self.trim = body[0] / 100, body[1] / 100

    def _rearmed(self, now_us: int, _body: bytes) -> None:
        if self.latched_us is not None:
            after_us = now_us - self.latched_us
            if after_us < REARM_GRACE_MS * 1000:
                raise ViolationError(f"re-armed {after_us} µs after the emergency stop")
            self.rearmed_us = after_us if self.rearmed_us is None else min(after_us, self.rearmed_us)
        self.latched_us = None


def interlocks(answer: bytes) -> Interlock:
    """Return what an answer says holds outputs back."""
    return Interlock(_INTERLOCKS.unpack_from(answer)[0])


def _checked(data: bytes, crc: int) -> tuple[Step, ...]:
    if zlib.crc32(data) != crc:
        raise ViolationError("a program whose bytes do not match its CRC was accepted")
    steps, total_ms = [], 0
    for row in _RECORD.iter_unpack(data):
        duration_ms, amplitude, _, _, peak_ua, _, ramp_ms = row[4:11]
        total_ms += duration_ms
        if amplitude > 1000 or peak_ua > PEAK_UA or duration_ms * 1000 > STEP_US or ramp_ms < SOFT_START_S * 1000:
            raise ViolationError(f"a step over the ceilings was accepted: {row}")
        steps.append(Step(amplitude / 1000, float(peak_ua)))
    if total_ms * 1000 > MASSAGE_US:
        raise ViolationError(f"a massage of {total_ms} ms was accepted")
    return tuple(steps)


_NOTES: Final[dict[Opcode, Callable[[Wire, int, bytes], None]]] = {
    Opcode.PROGRAM_BEGIN: Wire._begun,
    Opcode.PROGRAM_DATA: Wire._loaded,
    Opcode.PROGRAM_COMMIT: Wire._commit,
    Opcode.START: Wire._started,
    Opcode.PROGRAM_STORE: Wire._kept,
    Opcode.PROGRAM_ERASE_STORED: Wire._erased,
    Opcode.TRIM: Wire._trimmed,
    Opcode.EMERGENCY_STOP: Wire._stopped,
    Opcode.REARM: Wire._rearmed,
    Opcode.TARE: Wire._tared,
}
