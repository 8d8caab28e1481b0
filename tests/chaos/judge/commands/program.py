"""Programs as the host sent them: pieces in any order, checked as the device must check them at the commit."""

from __future__ import annotations

import math
import struct
import zlib
from itertools import pairwise
from typing import Final, NamedTuple

from chaos.judge.ceilings import MASSAGE_US as MASSAGE_MOST_US
from chaos.judge.ceilings import PEAK_UA, SOFT_START_S, STEP_US
from chaos.judge.violation import ViolationError
from glowtool.model.output import Pattern, Waveform

_RECORD: Final = struct.Struct("<4BI8H")
_KEYFRAME: Final = 0xF0
_BEGIN: Final = struct.Struct("<BHI")
_OFFSET: Final = struct.Struct("<H")

#: How much of a period each pattern rises for, and by how much less than its ramp it may: a pattern must never need
#: the soft start to hold it back, so it falls no deeper than it can rise again.
_RISES: Final = {Pattern.STEADY: 0.0, Pattern.PULSE: 0.25, Pattern.WAVE: 1.0 / math.pi, Pattern.RAMP: 1.0}
_UNHURRIED: Final = 0.9


class Levels(NamedTuple):
    """The four levels of a step at one moment, in units."""

    amplitude: float
    vibration_hz: float
    peak_ua: float
    current_hz: float


class Step(NamedTuple):
    """One step as it was sent, in units. `ramp_s` is its own time from zero to full.

    `keyframes` are moments in µs, each with the levels there; between two of them all go in straight lines.
    """

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
    keyframes: tuple[tuple[int, Levels], ...] = ()

    @property
    def ends(self) -> tuple[tuple[int, Levels], ...]:
        """The ends of all lines, each with its moment."""
        return ((0, Levels(self.amplitude, self.vibration_hz, self.peak_ua, self.current_hz)), *self.keyframes)

    @property
    def highest(self) -> Levels:
        """The highest of each level at any moment."""
        return Levels(*map(max, zip(*(levels for _, levels in self.ends), strict=True)))

    def line(self, elapsed_us: int) -> Levels:
        """Return the levels at a moment."""
        ends = self.ends
        for (from_us, low), (to_us, high) in pairwise(ends):
            if elapsed_us < to_us:
                share = max(0, elapsed_us - from_us) / (to_us - from_us)
                return Levels(*(a + (b - a) * share for a, b in zip(low, high, strict=True)))
        return ends[-1][1]

    def about(self, elapsed_us: int, within_us: int) -> tuple[Levels, ...]:
        """Return the levels within some µs of a moment: at both ends of that time, and at the keyframes in it."""
        begin_us, end_us = elapsed_us - within_us, elapsed_us + within_us
        inside = [levels for at_us, levels in self.ends if begin_us < at_us < end_us]
        return (self.line(begin_us), *inside, self.line(end_us))

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
        amplitude = max(levels.amplitude for levels in self.about(elapsed_us, within_us)) * trim
        if self.pattern is Pattern.STEADY or amplitude == 0.0:
            return amplitude
        depth = min(
            self.line(elapsed_us - within_us).amplitude * trim,
            amplitude,
            _UNHURRIED * _RISES[self.pattern] * self.period_s / self.ramp_s,
        )
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
    steps: list[Step] = []
    for row in _RECORD.iter_unpack(data):
        if row[0] == _KEYFRAME:
            steps[-1] = _with_keyframe(steps[-1], row)
        else:
            steps.append(_step(row))
    total_us = sum(step.length_us for step in steps)
    if total_us > MASSAGE_MOST_US:
        raise ViolationError(f"a massage of {total_us} µs was accepted")
    for step in steps:
        if (step.waveform is Waveform.NONE) != (step.highest.peak_ua == 0):
            raise ViolationError(f"a step without a waveform, or without current, was accepted: {step}")
    return tuple(steps)


def _with_keyframe(step: Step, row: tuple[int, ...]) -> Step:
    _, _, _, _, at_ms, permille, vibration_dhz, _, peak_ua, current_dhz, *_ = row
    early = at_ms * 1000 <= step.ends[-1][0]
    late = at_ms * 1000 > step.length_us
    if permille > 1000 or peak_ua > PEAK_UA or early or late or any(row[1:4]) or row[7] or any(row[10:]):
        raise ViolationError(f"a keyframe that is none was accepted: {row}")
    levels = Levels(permille / 1000, vibration_dhz / 10, float(peak_ua), current_dhz / 10)
    return step._replace(keyframes=(*step.keyframes, (at_ms * 1000, levels)))


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
