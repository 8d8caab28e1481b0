"""Programs as the host sent them: pieces in any order, checked as the device must check them at the commit."""

from __future__ import annotations

import math
import struct
import zlib
from typing import Final, NamedTuple

from chaos.judge.ceilings import MASSAGE_US as MASSAGE_MOST_US
from chaos.judge.ceilings import PEAK_UA, SOFT_START_S, STEP_US
from chaos.judge.violation import ViolationError
from glowtool.model.output import Pattern, Waveform

_RECORD: Final = struct.Struct("<4BI8H")
_BEGIN: Final = struct.Struct("<BHI")
_OFFSET: Final = struct.Struct("<H")

#: How much of a period each pattern rises for, and by how much less than its ramp it may: a pattern must never need
#: the soft start to hold it back, so it falls no deeper than it can rise again.
_RISES: Final = {Pattern.STEADY: 0.0, Pattern.PULSE: 0.25, Pattern.WAVE: 1.0 / math.pi, Pattern.RAMP: 1.0}
_UNHURRIED: Final = 0.9


class Step(NamedTuple):
    """One step as it was sent, in units. `ramp_s` is its own time from zero to full."""

    zone: int
    pattern: Pattern
    waveform: Waveform
    length_us: int
    amplitude: float
    vibration_hz: float
    period_s: float
    peak_ua: float
    current_hz: float
    ramp_s: float

    def share_at(self, time_s: float) -> float:
        """Return which share of its amplitude the pattern takes away at `time_s`, of what it can take at most."""
        phase = time_s / self.period_s % 1.0
        match self.pattern:
            case Pattern.PULSE:
                return min(1.0, max(0.0, (0.75 - phase) / 0.25))
            case Pattern.WAVE:
                return 0.5 + 0.5 * math.cos(2.0 * math.pi * phase)
            case Pattern.RAMP:
                return 1.0 - phase
            case _:
                return 0.0

    def most(self, elapsed_us: int, trim: float, within_us: int) -> float:
        """Return the most amplitude that pattern and trim ask for within some µs of a moment."""
        amplitude = self.amplitude * trim
        if self.pattern is Pattern.STEADY or amplitude == 0.0:
            return amplitude
        depth = min(amplitude, _UNHURRIED * _RISES[self.pattern] * self.period_s / self.ramp_s)
        moments = (max(0, elapsed_us - within_us), elapsed_us, elapsed_us + within_us)
        return amplitude - depth * min(self.share_at(moment * 1e-6) for moment in moments)


class Program(NamedTuple):
    """A program as it was sent."""

    steps: tuple[Step, ...]
    crc32: int


class Upload:
    """The bytes of an upload so far, and which of them came."""

    def __init__(self, body: bytes) -> None:
        _, length, self._crc = _BEGIN.unpack(body)
        self._data = bytearray(length)
        self._holes = set(range(length))

    def put(self, body: bytes) -> None:
        """Take a piece that was accepted."""
        (offset,) = _OFFSET.unpack_from(body)
        piece = body[_OFFSET.size :]
        if offset + len(piece) > len(self._data):
            raise ViolationError(f"a piece of {len(piece)} bytes at {offset} was accepted into {len(self._data)}")
        self._data[offset : offset + len(piece)] = piece
        self._holes -= set(range(offset, offset + len(piece)))

    def program(self) -> Program:
        """Return the program whose commit was accepted."""
        if self._holes:
            raise ViolationError(f"a program with {len(self._holes)} bytes missing was accepted")
        data = bytes(self._data)
        if zlib.crc32(data) != self._crc:
            raise ViolationError("a program whose bytes do not match its CRC was accepted")
        return Program(checked(data), self._crc)


def checked(data: bytes) -> tuple[Step, ...]:
    """Return the steps of a program that was accepted; each must be within the ceilings, and all together."""
    steps = tuple(_step(row) for row in _RECORD.iter_unpack(data))
    total_us = sum(step.length_us for step in steps)
    if total_us > MASSAGE_MOST_US:
        raise ViolationError(f"a massage of {total_us} µs was accepted")
    return steps


def _step(row: tuple[int, ...]) -> Step:
    zone, _, pattern, waveform, length_ms, permille, vibration_dhz, period_ms, peak_ua, current_dhz, ramp_ms, *_ = row
    over = permille > 1000 or peak_ua > PEAK_UA or length_ms * 1000 > STEP_US or ramp_ms < SOFT_START_S * 1000
    if over:
        raise ViolationError(f"a step over the ceilings was accepted: {row}")
    return Step(
        zone,
        Pattern(pattern),
        Waveform(waveform),
        length_ms * 1000,
        permille / 1000,
        vibration_dhz / 10,
        period_ms / 1000,
        float(peak_ua),
        current_dhz / 10,
        ramp_ms / 1000,
    )
