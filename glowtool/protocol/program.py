"""The program on the wire: step records of fixed size, made from steps in people's units, uploaded with a CRC."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from glowtool.errors import DecodeError
from glowtool.model.ceilings import CeilingId
from glowtool.model.dwell import overruns, stretches
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import MAX_STEPS, RANGES, Program, Step
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.wire import U8, U16, U32, Message, decode, encode, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: The number of a step that each field carries, and how many of the field's units make one of the step's.
_CARRIES: Final[Mapping[str, tuple[str, int]]] = {
    "duration_ms": ("duration_s", 1000),
    "amplitude_permille": ("amplitude", 1000),
    "vibration_dhz": ("vibration_hz", 10),
    "pattern_period_ms": ("period_s", 1000),
    "peak_ua": ("peak_ua", 1),
    "current_dhz": ("current_hz", 10),
    "ramp_ms": ("ramp_s", 1000),
    "band_low": ("band_low_kpa", 100),
    "band_high": ("band_high_kpa", 100),
}


def _low(field: str) -> int:
    name, per_unit = _CARRIES[field]
    return round(RANGES[name].low * per_unit)


def _high(field: str) -> int:
    name, per_unit = _CARRIES[field]
    return round(RANGES[name].high * per_unit)


@dataclass(frozen=True, slots=True)
class StepRecord(Message):
    """One step of a program as the device runs it."""

    zone: Annotated[Zone, U8("where on the face")]
    direction: Annotated[Direction, U8("direction of stroke asked for; shown on the ring of LEDs")]
    pattern: Annotated[Pattern, U8("pattern of the vibration")]
    waveform: Annotated[Waveform, U8("shape of the microcurrent; 0: no current")]
    duration_ms: Annotated[
        int, U32("how long the step lasts", unit="ms", low=_low("duration_ms"), high=_high("duration_ms"))
    ]
    amplitude_permille: Annotated[
        int, U16("vibration amplitude; 0: none", unit="‰ of full", high=_high("amplitude_permille"))
    ]
    vibration_dhz: Annotated[
        int, U16("vibration frequency", unit="0.1 Hz", low=_low("vibration_dhz"), high=_high("vibration_dhz"))
    ]
    pattern_period_ms: Annotated[
        int, U16("period of the pattern", unit="ms", low=_low("pattern_period_ms"), high=_high("pattern_period_ms"))
    ]
    peak_ua: Annotated[int, U16("microcurrent peak; 0: none", unit="µA", high=_high("peak_ua"))]
    current_dhz: Annotated[
        int, U16("microcurrent frequency", unit="0.1 Hz", low=_low("current_dhz"), high=_high("current_dhz"))
    ]
    ramp_ms: Annotated[int, U16("time from zero to full output", unit="ms", low=_low("ramp_ms"), high=_high("ramp_ms"))]
    band_low: Annotated[int, U16("lower edge of the pressure band", unit="0.01 kPa", high=_high("band_low"))]
    band_high: Annotated[int, U16("upper edge of the pressure band", unit="0.01 kPa", high=_high("band_high"))]

    @property
    def works(self) -> bool:
        """Whether the step asks for any output."""
        return self.amplitude_permille > 0 or self.peak_ua > 0


STEP_SIZE: Final = size_of(StepRecord)


def encode_program(steps: tuple[StepRecord, ...]) -> bytes:
    """Encode the step records of a program, one after the other; raises `ValueError`."""
    if not 1 <= len(steps) <= MAX_STEPS:
        raise ValueError(f"a program has 1 to {MAX_STEPS} steps, not {len(steps)}")
    total_s = sum(step.duration_ms for step in steps) / 1000
    if total_s > ceiling(CeilingId.MASSAGE_DURATION):
        raise ValueError(f"the program lasts {total_s:g} s; it must be at most {ceiling(CeilingId.MASSAGE_DURATION)} s")
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
            f"step {over.index}: {Zone(over.place).name} is worked for {over.worked} ms, but at most {over.most} ms is "
            "allowed",
            advice=f"let it rest for {over.rest} ms first",
        )
    return steps


def program_crc(data: bytes) -> int:
    """Return the CRC-32 (ISO-HDLC, as in zlib and Ethernet) of an encoded program."""
    return zlib.crc32(data)


def record_of(step: Step) -> StepRecord:
    """Return the record of a step, each number rounded to the field's unit."""
    numbers = {field: round(getattr(step, name) * per_unit) for field, (name, per_unit) in _CARRIES.items()}
    return StepRecord(step.zone, step.direction, step.pattern, step.waveform, **numbers)


def step_of(record: StepRecord) -> Step:
    """Return the step of a record, in people's units."""
    numbers = {
        name: value if per_unit == 1 else value / per_unit
        for field, (name, per_unit) in _CARRIES.items()
        for value in (getattr(record, field),)
    }
    return Step(
        zone=record.zone, direction=record.direction, pattern=record.pattern, waveform=record.waveform, **numbers
    )


def as_carried(steps: Iterable[Step]) -> Program:
    """Return steps as a program, with each number rounded as on the wire."""
    return Program(tuple(step_of(record_of(step)) for step in steps))


def pack_program(program: Program) -> bytes:
    """Return a program's bytes, ready for an upload; raises `ValueError`."""
    return encode_program(tuple(map(record_of, program)))


def unpack_program(data: bytes) -> Program:
    """Return the program in the bytes of an upload; raises `DecodeError` as `decode_program` does."""
    return Program(tuple(map(step_of, decode_program(data))))
