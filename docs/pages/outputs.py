"""The vectors of what comes out of a program over time: run by the virtual roller's firmware, held back by nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowsim.firmware.outputs.limiter import OPEN_CAP, quantised
from glowsim.firmware.outputs.soft_start import SoftStart
from glowsim.firmware.program.executor import Executor, TrimLevel
from glowsim.physics.types import TICK_US, Drive
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import Keyframe, Step
from glowtool.protocol.program import encode_program, record_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: A row every so often.
EVERY_MS: Final = 200

_STEADY: Final = Step(
    Zone.CHEEK_LEFT,
    Direction.UPWARD,
    8.0,
    0.5,
    75.0,
    Pattern.STEADY,
    1.0,
    200,
    10.0,
    Waveform.BIPHASIC_SQUARE,
    4.0,
    2.0,
    5.0,
)
_SWELL: Final = replace(
    _STEADY,
    duration_s=24.0,
    amplitude=0.2,
    peak_ua=0,
    current_hz=20.0,
    keyframes=(
        Keyframe(6.0, 0.8, 95.0, 250, 8.0),
        Keyframe(12.0, 0.8, 95.0, 250, 8.0),
        Keyframe(20.0, 0.0, 60.0, 0, 8.0),
    ),
)
_PULSE: Final = replace(_STEADY, duration_s=12.0, pattern=Pattern.PULSE, period_s=3.0, amplitude=0.6)

#: Programs by name, and the trim that holds over each: shares of vibration and current in percent.
PROGRAMS: Final[Mapping[str, tuple[tuple[Step, ...], tuple[int, int]]]] = {
    "steady, from zero": ((_STEADY,), (100, 100)),
    "a slower ramp than the soft start": ((replace(_STEADY, ramp_s=12.0, amplitude=1.0, peak_ua=400),), (100, 100)),
    "pulse": ((_PULSE,), (100, 100)),
    "wave": ((replace(_PULSE, pattern=Pattern.WAVE, period_s=4.0),), (100, 100)),
    "ramp": ((replace(_PULSE, pattern=Pattern.RAMP, period_s=2.5),), (100, 100)),
    "a pattern that is too fast for its ramp": ((replace(_PULSE, period_s=0.25),), (100, 100)),
    "trimmed": ((_SWELL,), (50, 30)),
    "keyframes": ((_SWELL,), (100, 100)),
    "keyframes under a wave": ((replace(_SWELL, pattern=Pattern.WAVE, period_s=2.0),), (100, 100)),
    "a line steeper than the ramp": (
        (
            replace(
                _STEADY,
                amplitude=0.0,
                keyframes=(Keyframe(1.0, 1.0, 75.0, 400, 10.0), Keyframe(6.0, 0.1, 75.0, 40, 10.0)),
            ),
        ),
        (100, 100),
    ),
    "the last keyframe at the end, then another step": ((replace(_SWELL, duration_s=20.0), _STEADY), (100, 100)),
    "another frequency and another waveform": (
        (
            _STEADY,
            replace(_STEADY, vibration_hz=76.0, current_hz=2.0),
            replace(_STEADY, waveform=Waveform.MODULATED, peak_ua=390),
        ),
        (100, 100),
    ),
    "current from the middle on": (
        (
            replace(
                _STEADY, peak_ua=0, keyframes=(Keyframe(3.0, 0.5, 75.0, 0, 10.0), Keyframe(7.0, 0.5, 75.0, 300, 10.0))
            ),
        ),
        (100, 100),
    ),
}


def render() -> str:
    """Return the file of vectors."""
    rows = ",\n".join("  " + json.dumps(_vector(name, *program)) for name, program in PROGRAMS.items())
    return f"[\n{rows}\n]\n"


def _vector(name: str, steps: tuple[Step, ...], trim: tuple[int, int]) -> dict[str, object]:
    value = {"trim": trim, "every_ms": EVERY_MS, "outputs": list(_outputs(steps, trim))}
    data = encode_program(tuple(map(record_of, steps)))
    return {"name": name, "kind": "outputs", "hex": data.hex(), "value": value}


def _outputs(steps: tuple[Step, ...], trim: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Yield amplitude in ‰, its frequency in 0.1 Hz, peak in µA and its frequency in 0.1 Hz, from the first row on."""
    run, soft_start, level, now_us = Executor(tuple(map(record_of, steps))), SoftStart(0), Drive(), 0
    run.trim = TrimLevel(trim[0] / 100, trim[1] / 100)
    while not run.advance(TICK_US):
        now_us += TICK_US
        level = soft_start.raised(now_us, level, run.target(), OPEN_CAP, run.ramp_s)
        if now_us % (EVERY_MS * 1000) == 0:
            out = quantised(level)
            yield (
                round(out.amplitude * 1000),
                round(out.vibration_hz * 10),
                round(out.peak_ua),
                round(out.current_hz * 10),
            )
