"""The program on the wire: records of fixed size, made from steps in people's units, uploaded with a CRC.

Every step has a record; its keyframes, if it has any, follow in records of the same size.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from glowtool.errors import DecodeError
from glowtool.model.ceilings import CeilingId
from glowtool.model.dwell import overruns, stretches
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.model.program import (
    KEYFRAME_RANGES,
    MAX_STEPS,
    MAX_STEPS_AND_KEYFRAMES,
    RANGES,
    Keyframe,
    Program,
    Step,
)
from glowtool.protocol.ceilings import ceiling
from glowtool.protocol.wire import FOLLOWS, U8, U16, U32, V1_4, Message, decode, encode, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: The first byte of a keyframe's record: no zone has this number.
KEYFRAME_MARK: Final = 0xF0

_Carries: TypeAlias = "Mapping[str, tuple[str, int]]"

#: The number of a step or a keyframe that each field carries, and how many of the field's units make one of its.
_LEVELS: Final[_Carries] = {
    "amplitude_permille": ("amplitude", 1000),
    "vibration_dhz": ("vibration_hz", 10),
    "peak_ua": ("peak_ua", 1),
    "current_dhz": ("current_hz", 10),
}
_OF_KEYFRAME: Final[_Carries] = {"at_ms": ("at_s", 1000), **_LEVELS}
_OF_STEP: Final[_Carries] = {
    "duration_ms": ("duration_s", 1000),
    "pattern_period_ms": ("period_s", 1000),
    "ramp_ms": ("ramp_s", 1000),
    "band_low": ("band_low_kpa", 100),
    "band_high": ("band_high_kpa", 100),
    **_LEVELS,
}


def _low(field: str) -> int:
    name, per_unit = _OF_STEP[field]
    return round(RANGES[name].low * per_unit)


def _high(field: str) -> int:
    name, per_unit = _OF_STEP[field]
    return round(RANGES[name].high * per_unit)


@dataclass(frozen=True, slots=True)
class KeyframeRecord(Message):
    """The levels at one moment of the step before it; each number stands where it stands in the record of a step."""

    mark: Annotated[int, U8("says that this is a keyframe", low=KEYFRAME_MARK, high=KEYFRAME_MARK, since=V1_4)]
    reserved_1: Annotated[int, U8("zero", low=0, high=0, since=V1_4)]
    reserved_2: Annotated[int, U16("zero", low=0, high=0, since=V1_4)]
    at_ms: Annotated[
        int,
        U32(
            "the moment, from the beginning of the step",
            unit="ms",
            low=round(KEYFRAME_RANGES["at_s"].low * 1000),
            high=round(KEYFRAME_RANGES["at_s"].high * 1000),
            since=V1_4,
        ),
    ]
    amplitude_permille: Annotated[
        int, U16("vibration amplitude; 0: none", unit="‰ of full", high=_high("amplitude_permille"), since=V1_4)
    ]
    vibration_dhz: Annotated[
        int,
        U16("vibration frequency", unit="0.1 Hz", low=_low("vibration_dhz"), high=_high("vibration_dhz"), since=V1_4),
    ]
    reserved_12: Annotated[int, U16("zero", low=0, high=0, since=V1_4)]
    peak_ua: Annotated[int, U16("microcurrent peak; 0: none", unit="µA", high=_high("peak_ua"), since=V1_4)]
    current_dhz: Annotated[
        int,
        U16("microcurrent frequency", unit="0.1 Hz", low=_low("current_dhz"), high=_high("current_dhz"), since=V1_4),
    ]
    reserved_18: Annotated[int, U16("zero", low=0, high=0, since=V1_4)]
    reserved_20: Annotated[int, U32("zero", low=0, high=0, since=V1_4)]


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
    keyframes: tuple[KeyframeRecord, ...] = field(default=(), metadata=FOLLOWS)

    @property
    def amplitude_permille_most(self) -> int:
        """The largest amplitude at any moment."""
        return max(self.amplitude_permille, *(point.amplitude_permille for point in self.keyframes), 0)

    @property
    def vibration_dhz_most(self) -> int:
        """The largest vibration frequency at any moment."""
        return max(self.vibration_dhz, *(point.vibration_dhz for point in self.keyframes), 0)

    @property
    def peak_ua_most(self) -> int:
        """The largest peak at any moment."""
        return max(self.peak_ua, *(point.peak_ua for point in self.keyframes), 0)

    @property
    def works(self) -> bool:
        """Whether the step asks for any output at any moment."""
        return self.amplitude_permille_most > 0 or self.peak_ua_most > 0


#: The size of every record, of a step and of a keyframe.
STEP_SIZE: Final = size_of(StepRecord)
PROGRAM_SIZE_MAX: Final = MAX_STEPS_AND_KEYFRAMES * STEP_SIZE


def encode_program(steps: tuple[StepRecord, ...]) -> bytes:
    """Encode the records of a program, each step followed by its keyframes; raises `ValueError`."""
    if not 1 <= len(steps) <= MAX_STEPS:
        raise ValueError(f"a program has 1 to {MAX_STEPS} steps, not {len(steps)}")
    records = [record for step in steps for record in (step, *step.keyframes)]
    if len(records) > MAX_STEPS_AND_KEYFRAMES:
        raise ValueError(
            f"a program has at most {MAX_STEPS_AND_KEYFRAMES} steps and keyframes together, not {len(records)}"
        )
    total_s = sum(step.duration_ms for step in steps) / 1000
    if total_s > ceiling(CeilingId.MASSAGE_DURATION):
        raise ValueError(f"the program lasts {total_s:g} s; it must be at most {ceiling(CeilingId.MASSAGE_DURATION)} s")
    return b"".join(map(encode, records))


def decode_program(data: bytes) -> tuple[StepRecord, ...]:
    """Decode and check a program as the device does at the commit; raises `DecodeError`."""
    steps = _steps_in(data)
    for number, step in enumerate(steps):
        if step.band_low > step.band_high:
            raise DecodeError(f"step {number}: band_low {step.band_low} is above band_high {step.band_high}")
        if (step.waveform is Waveform.NONE) != (step.peak_ua_most == 0):
            raise DecodeError(f"step {number}: waveform {step.waveform.name} with peak_ua {step.peak_ua_most}")
        moments = [0, *(point.at_ms for point in step.keyframes)]
        if any(now <= before for before, now in pairwise(moments)):
            raise DecodeError(f"step {number}: its keyframes are not in the order of their moments")
        if moments[-1] > step.duration_ms:
            raise DecodeError(f"step {number}: a keyframe at {moments[-1]} ms, after its end at {step.duration_ms} ms")
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


def step_pieces(data: bytes) -> list[bytes]:
    """Return the bytes of each step with its keyframes; what stands before the first step is a piece, too."""
    starts = [at for at in range(0, len(data), STEP_SIZE) if not at or data[at] != KEYFRAME_MARK]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


def _steps_in(data: bytes) -> tuple[StepRecord, ...]:
    most = MAX_STEPS_AND_KEYFRAMES
    if not data or len(data) % STEP_SIZE or len(data) > PROGRAM_SIZE_MAX:
        raise DecodeError(f"a program is 1 to {most} records of {STEP_SIZE} bytes, got {len(data)} bytes")
    pieces = step_pieces(data)
    if data[0] == KEYFRAME_MARK:
        raise DecodeError("a program begins with a step, not with a keyframe")
    if len(pieces) > MAX_STEPS:
        raise DecodeError(f"a program has at most {MAX_STEPS} steps, not {len(pieces)}")
    return tuple(map(_step_in, pieces))


def _step_in(piece: bytes) -> StepRecord:
    keyframes = [decode(KeyframeRecord, piece[at:]) for at in range(STEP_SIZE, len(piece), STEP_SIZE)]
    return replace(decode(StepRecord, piece), keyframes=tuple(keyframes))


def program_crc(data: bytes) -> int:
    """Return the CRC-32 (ISO-HDLC, as in zlib and Ethernet) of an encoded program."""
    return zlib.crc32(data)


def record_of(step: Step) -> StepRecord:
    """Return the record of a step with its keyframes, each number rounded to the field's unit."""
    keyframes = tuple(
        KeyframeRecord(KEYFRAME_MARK, 0, 0, reserved_12=0, reserved_18=0, reserved_20=0, **_counts(point, _OF_KEYFRAME))
        for point in step.keyframes
    )
    return StepRecord(
        step.zone, step.direction, step.pattern, step.waveform, keyframes=keyframes, **_counts(step, _OF_STEP)
    )


def step_of(record: StepRecord) -> Step:
    """Return the step of a record, in people's units."""
    numbers = {
        name: value if per_unit == 1 else value / per_unit
        for carried, (name, per_unit) in _OF_STEP.items()
        for value in (getattr(record, carried),)
    }
    return Step(
        zone=record.zone,
        direction=record.direction,
        pattern=record.pattern,
        waveform=record.waveform,
        keyframes=tuple(map(_keyframe_of, record.keyframes)),
        **numbers,
    )


def _keyframe_of(record: KeyframeRecord) -> Keyframe:
    levels = {
        name: value if per_unit == 1 else value / per_unit
        for carried, (name, per_unit) in _OF_KEYFRAME.items()
        for value in (getattr(record, carried),)
    }
    return Keyframe(**levels)


def _counts(of: Step | Keyframe, carries: _Carries) -> dict[str, int]:
    return {carried: round(getattr(of, name) * per_unit) for carried, (name, per_unit) in carries.items()}


def as_carried(steps: Iterable[Step]) -> Program:
    """Return steps as a program, with each number rounded as on the wire."""
    return Program(tuple(step_of(record_of(step)) for step in steps))


def pack_program(program: Program) -> bytes:
    """Return a program's bytes, ready for an upload; raises `ValueError`."""
    return encode_program(tuple(map(record_of, program)))


def unpack_program(data: bytes) -> Program:
    """Return the program in the bytes of an upload; raises `DecodeError` as `decode_program` does."""
    return Program(tuple(map(step_of, decode_program(data))))
