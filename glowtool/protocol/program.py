"""The program that a routine compiles to: fixed-size step records, uploaded with length and CRC."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Annotated, Final

from glowtool.errors import DecodeError
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.dwell import overruns, stretches
from glowtool.protocol.wire import U8, U16, U32, Message, decode, encode, size_of

MAX_STEPS: Final = 64


@dataclass(frozen=True, slots=True)
class StepRecord(Message):
    """One step of a program as the device runs it."""

    zone: Annotated[Zone, U8("where on the face")]
    direction: Annotated[Direction, U8("direction of stroke asked for; shown on the ring of LEDs")]
    pattern: Annotated[Pattern, U8("pattern of the vibration")]
    waveform: Annotated[Waveform, U8("shape of the microcurrent; 0: no current")]
    duration_ms: Annotated[
        int, U32("how long the step lasts", unit="ms", low=1000, high=ceiling(CeilingId.STEP_DURATION) * 1000)
    ]
    amplitude_permille: Annotated[
        int, U16("vibration amplitude; 0: none", unit="‰ of full", high=ceiling(CeilingId.VIBRATION_AMPLITUDE))
    ]
    vibration_dhz: Annotated[
        int,
        U16(
            "vibration frequency",
            unit="0.1 Hz",
            low=ceiling(CeilingId.VIBRATION_FREQUENCY_MIN),
            high=ceiling(CeilingId.VIBRATION_FREQUENCY_MAX),
        ),
    ]
    pattern_period_ms: Annotated[int, U16("period of the pattern", unit="ms", low=250, high=10_000)]
    peak_ua: Annotated[int, U16("microcurrent peak; 0: none", unit="µA", high=ceiling(CeilingId.PEAK_CURRENT))]
    current_dhz: Annotated[
        int,
        U16(
            "microcurrent frequency",
            unit="0.1 Hz",
            low=ceiling(CeilingId.CURRENT_FREQUENCY_MIN),
            high=ceiling(CeilingId.CURRENT_FREQUENCY_MAX),
        ),
    ]
    ramp_ms: Annotated[
        int, U16("time from zero to full output", unit="ms", low=ceiling(CeilingId.SOFT_START), high=60_000)
    ]
    band_low: Annotated[int, U16("lower edge of the pressure band", unit="0.01 kPa", high=4000)]
    band_high: Annotated[int, U16("upper edge of the pressure band", unit="0.01 kPa", high=4000)]


STEP_SIZE: Final = size_of(StepRecord)


def encode_program(steps: tuple[StepRecord, ...]) -> bytes:
    """Encode the step records of a program, one after the other; raises `ValueError`."""
    if not 1 <= len(steps) <= MAX_STEPS:
        raise ValueError(f"a program has 1 to {MAX_STEPS} steps, not {len(steps)}")
    total_s = sum(step.duration_ms for step in steps) / 1000
    if total_s > ceiling(CeilingId.MASSAGE_DURATION):
        raise ValueError(f"the program lasts {total_s:g} s, allowed are {ceiling(CeilingId.MASSAGE_DURATION)} s")
    return b"".join(map(encode, steps))


def decode_program(data: bytes) -> tuple[StepRecord, ...]:
    """Decode and check a program as the device does at the commit; raises `DecodeError`."""
    if not data or len(data) % STEP_SIZE or len(data) // STEP_SIZE > MAX_STEPS:
        raise DecodeError(f"a program is 1 to {MAX_STEPS} records of {STEP_SIZE} bytes, got {len(data)} bytes")
    steps = tuple(decode(StepRecord, data[at : at + STEP_SIZE]) for at in range(0, len(data), STEP_SIZE))
    for number, step in enumerate(steps):
        if step.band_low > step.band_high:
            raise DecodeError(f"step {number}: band_low {step.band_low} is above band_high {step.band_high}")
        if (step.waveform is Waveform.NONE) != (step.peak_ua == 0):
            raise DecodeError(f"step {number}: waveform {step.waveform.name} with peak_ua {step.peak_ua}")
    total_ms = sum(step.duration_ms for step in steps)
    if total_ms > ceiling(CeilingId.MASSAGE_DURATION) * 1000:
        raise DecodeError(f"the program lasts {total_ms} ms, more than the ceiling of a massage")
    for over in overruns(stretches(steps), ceiling(CeilingId.PLACE_DWELL) * 1000):
        raise DecodeError(
            f"step {over.index}: {Zone(over.place).name} is worked for {over.worked} ms, allowed are {over.most} ms; "
            f"leave it alone for {over.rest} ms before"
        )
    return steps


def program_crc(data: bytes) -> int:
    """Return the CRC-32 (ISO-HDLC, as in zlib and Ethernet) of an encoded program."""
    return zlib.crc32(data)
