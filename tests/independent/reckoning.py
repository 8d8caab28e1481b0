"""What comes out of a program over time, reckoned from the formulas of docs/reference/protocol.md alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .decoder import Record

TICK_MS = 5

#: The page's table of waveforms: r.m.s. and charge of a phase, for a crest of 1 at 1 Hz.
RMS = {0: 1.0, 1: 1.0, 2: math.sqrt(1 / 10), 3: math.sqrt(1 / 2)}
CHARGE = {0: 1.0, 1: 1 / 2, 2: 1 / 20, 3: 1 / math.pi}

#: The page's table of patterns.
R = {0: 0.0, 1: 1 / 4, 2: 1 / math.pi, 3: 1.0}

LEVELS = ("amplitude_permille", "vibration_dhz", "peak_ua", "current_dhz")


@dataclass(frozen=True, slots=True)
class Out:
    """The outputs of a tick: amplitude in permille, peak in µA before the source rounds it, frequencies in Hz."""

    amplitude: float = 0.0
    vibration_hz: float = 0.0
    peak_ua: float = 0.0
    current_hz: float = 0.0
    waveform: int = 0


def line(step: Record, keyframes: list[Record], t_ms: float) -> list[float]:
    """The four levels of the line at a moment."""
    ends = [(0, step), *((item["at_ms"], item) for item in keyframes)]
    for (t0, low), (t1, high) in pairwise(ends):
        if t_ms < t1:
            return [low[name] + (high[name] - low[name]) * (t_ms - t0) / (t1 - t0) for name in LEVELS]
    return [float(ends[-1][1][name]) for name in LEVELS]


def dip(pattern: int, phase: float) -> float:
    """How deep a pattern stands at a phase."""
    match pattern:
        case 1:
            return 1.0 if phase < 1 / 2 else max(0.0, 1 - 4 * (phase - 1 / 2))
        case 2:
            return (1 + math.cos(2 * math.pi * phase)) / 2
        case 3:
            return 1 - phase
        case _:
            return 0.0


def asked(step: Record, keyframes: list[Record], trim: tuple[int, int], t_ms: float) -> Out:
    """What a step asks for at a moment."""
    amplitude, vibration_dhz, peak_ua, current_dhz = line(step, keyframes, t_ms)
    amplitude *= trim[0] / 100
    depth = min(amplitude, 0.9 * R[step["pattern"]] * step["pattern_period_ms"] / step["ramp_ms"] * 1000)
    amplitude -= depth * dip(step["pattern"], t_ms / step["pattern_period_ms"] % 1)
    return Out(amplitude, vibration_dhz / 10, peak_ua * trim[1] / 100, current_dhz / 10, step["waveform"])


def follow(was: Out, want: Out, ramp_ms: int) -> Out:
    """What comes out in the next tick."""
    r = TICK_MS / ramp_ms
    amplitude = min(want.amplitude, was.amplitude + 1000 * r)
    if was.amplitude > 0 and want.vibration_hz > was.vibration_hz:
        shaking = was.amplitude * was.vibration_hz**2 + 1000 * r * 150**2
        amplitude = min(amplitude, shaking / want.vibration_hz**2)
    peak = min(want.peak_ua, was.peak_ua + 400 * r)
    if was.peak_ua > 0 and (want.waveform, want.current_hz) != (was.waveform, was.current_hz):
        rms = was.peak_ua * RMS[was.waveform] + 400 * r
        charge = was.peak_ua * CHARGE[was.waveform] / was.current_hz + 200 * r
        peak = min(peak, rms / RMS[want.waveform], charge * want.current_hz / CHARGE[want.waveform])
    return Out(amplitude, want.vibration_hz, peak, want.current_hz, want.waveform)


def outputs(program: list[tuple[Record, list[Record]]], trim: tuple[int, int]) -> Iterator[tuple[int, Out]]:
    """The outputs after each tick, with the time since START in ms."""
    out, begin_ms, now_ms = Out(), 0, 0
    for step, keyframes in program:
        end_ms = begin_ms + step["duration_ms"]
        while now_ms + TICK_MS < end_ms or (now_ms + TICK_MS == begin_ms):
            now_ms += TICK_MS
            out = follow(out, asked(step, keyframes, trim, now_ms - begin_ms), step["ramp_ms"])
            yield now_ms, out
        begin_ms = end_ms
