"""The control point: opcodes, their operands, and the answer that every command gets.

A request is `opcode, sequence, operands`; it is written to the control point and answered by exactly one
indication, `Response`, that repeats opcode and sequence and carries the *actual* state and outputs after the
command. Sequence numbers are the host's; they go round from 255 to 0.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Final

from glowtool.errors import DecodeError
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol import records
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.program import MAX_STEPS, STEP_SIZE
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import (
    I32,
    LATEST_UNIX_MS,
    U8,
    U16,
    U32,
    U64,
    V1_1,
    V1_2,
    Message,
    Version,
    decode,
    encode,
    size_of,
)

RESPONSE_MARKER: Final = 0x80

#: In place of a step's number: none is in progress.
NO_STEP: Final = 0xFF


class Opcode(enum.IntEnum):
    """The commands of the control point."""

    PROGRAM_BEGIN = 0x01
    PROGRAM_DATA = 0x02
    PROGRAM_COMMIT = 0x03
    PROGRAM_STORE = 0x04
    PROGRAM_ERASE_STORED = 0x05
    START = 0x10
    PAUSE = 0x11
    RESUME = 0x12
    SKIP = 0x13
    EXTEND = 0x14
    TRIM = 0x15
    STOP = 0x20
    EMERGENCY_STOP = 0x21
    REARM = 0x22
    HEARTBEAT = 0x23
    SET_TIME = 0x30
    TARE = 0x31
    SELF_TEST = 0x32
    IDENTIFY = 0x33
    SETTING_GET = 0x34
    SETTING_SET = 0x35
    DIAGNOSTICS = 0x36
    FORGET_HOST = 0x37
    TELEMETRY_START = 0x40
    TELEMETRY_STOP = 0x41
    RECORD_COUNT = 0x50
    RECORD_INFO = 0x51
    RECORD_READ = 0x52
    RECORD_HASH = 0x53
    RECORD_DELETE = 0x54


@dataclass(frozen=True, slots=True)
class NoOperands(Message):
    """For commands that carry nothing."""


@dataclass(frozen=True, slots=True)
class ProgramBegin(Message):
    """Announce an upload. The program held so far stays valid until the commit."""

    steps: Annotated[int, U8("number of step records", low=1, high=64)]
    length: Annotated[
        int, U16("length of all records together", unit="byte", low=STEP_SIZE, high=MAX_STEPS * STEP_SIZE)
    ]
    crc32: Annotated[int, U32("CRC-32 (ISO-HDLC) over all records")]


@dataclass(frozen=True, slots=True)
class ProgramData(Message):
    """One piece of the upload; the bytes themselves follow the operands."""

    offset: Annotated[int, U16("where the piece begins", unit="byte", high=MAX_STEPS * STEP_SIZE - 1)]


@dataclass(frozen=True, slots=True)
class Extend(Message):
    """Lengthen the running step, within the ceilings of a step and of a massage."""

    extra_ms: Annotated[int, U32("time to add", unit="ms", low=1, high=ceiling(CeilingId.STEP_DURATION) * 1000)]


@dataclass(frozen=True, slots=True)
class Trim(Message):
    """Scale the outputs that the program asks for. A trim never raises them above the program."""

    vibration_percent: Annotated[int, U8("share of the program's amplitude", unit="%", high=100)]
    current_percent: Annotated[int, U8("share of the program's peak current", unit="%", high=100)]


@dataclass(frozen=True, slots=True)
class SetTime(Message):
    """Set the device's clock."""

    unix_ms: Annotated[int, U64("UTC since 1970-01-01, to the end of 2099", unit="ms", low=1, high=LATEST_UNIX_MS)]


@dataclass(frozen=True, slots=True)
class SettingGet(Message):
    """Ask for the value of a setting."""

    setting: Annotated[int, U8("number of the setting")]


@dataclass(frozen=True, slots=True)
class SettingSet(Message):
    """Change a setting. A setting can lower a ceiling and never raise it."""

    setting: Annotated[int, U8("number of the setting")]
    value: Annotated[int, I32("new value, in the setting's unit")]


@dataclass(frozen=True, slots=True)
class TelemetryStart(Message):
    """Start telemetry. Subscribe to the telemetry characteristic first."""

    rate_hz: Annotated[int, U16("samples a second, one of the rates in the feature; else OUT_OF_RANGE", unit="Hz")]
    channel_mask: Annotated[int, U32("one bit for each fast channel; any other bit: OUT_OF_RANGE", low=1)]


OPERANDS: Final[dict[Opcode, type[Message]]] = {
    opcode: {
        Opcode.PROGRAM_BEGIN: ProgramBegin,
        Opcode.PROGRAM_DATA: ProgramData,
        Opcode.EXTEND: Extend,
        Opcode.TRIM: Trim,
        Opcode.SET_TIME: SetTime,
        Opcode.SETTING_GET: SettingGet,
        Opcode.SETTING_SET: SettingSet,
        Opcode.TELEMETRY_START: TelemetryStart,
        Opcode.DIAGNOSTICS: records.DiagnosticGet,
        Opcode.RECORD_INFO: records.RecordAt,
        Opcode.RECORD_READ: records.RecordRead,
        Opcode.RECORD_HASH: records.RecordHashGet,
        Opcode.RECORD_DELETE: records.RecordDelete,
    }.get(opcode, NoOperands)
    for opcode in Opcode
}

#: Commands whose operands are followed by free bytes, one at least.
HAS_TAIL: Final = frozenset({Opcode.PROGRAM_DATA})

#: Commands that came after protocol 1.0. A host sends those of 1.1 only to a roller with the capability RECORDS, later
#: ones only to a roller whose feature has that minor version.
SINCE: Final[dict[Opcode, Version]] = {
    **{
        opcode: V1_1
        for opcode in Opcode
        if opcode in {Opcode.PROGRAM_STORE, Opcode.PROGRAM_ERASE_STORED, Opcode.DIAGNOSTICS}
        or opcode >= Opcode.RECORD_COUNT
    },
    Opcode.FORGET_HOST: V1_2,
}


@dataclass(frozen=True, slots=True)
class Outputs(Message):
    """What motor and electrodes really do at this moment."""

    amplitude_permille: Annotated[int, U16("vibration amplitude", unit="‰ of full", high=1000)]
    vibration_dhz: Annotated[int, U16("vibration frequency", unit="0.1 Hz")]
    peak_ua: Annotated[int, U16("microcurrent peak", unit="µA")]
    current_dhz: Annotated[int, U16("microcurrent frequency", unit="0.1 Hz")]

    @property
    def zero(self) -> bool:
        """Whether neither output moves anything or carries current."""
        return self.amplitude_permille == 0 and self.peak_ua == 0


@dataclass(frozen=True, slots=True)
class ResponseHead(Message):
    """The fixed head of every answer; a payload of at most four bytes, or a piece of a record, may follow."""

    marker: Annotated[int, U8("always 0x80", low=RESPONSE_MARKER, high=RESPONSE_MARKER)]
    opcode: Annotated[int, U8("opcode of the request, as it was sent")]
    sequence: Annotated[int, U8("sequence number of the request")]
    result: Annotated[Result, U8("what became of it")]
    state: Annotated[State, U8("state after the command")]
    step: Annotated[int, U8("step in progress, from 0; 255: none", high=MAX_STEPS - 1, also=NO_STEP)]
    interlocks: Annotated[Interlock, U16("what holds outputs back")]
    amplitude_permille: Annotated[int, U16("actual vibration amplitude", unit="‰ of full", high=1000)]
    vibration_dhz: Annotated[int, U16("actual vibration frequency", unit="0.1 Hz")]
    peak_ua: Annotated[int, U16("actual microcurrent peak", unit="µA")]
    current_dhz: Annotated[int, U16("actual microcurrent frequency", unit="0.1 Hz")]

    @property
    def outputs(self) -> Outputs:
        """The actual outputs after the command."""
        return Outputs(self.amplitude_permille, self.vibration_dhz, self.peak_ua, self.current_dhz)


@dataclass(frozen=True, slots=True)
class SettingValue(Message):
    """Payload of the answers to setting commands."""

    value: Annotated[int, I32("the value in force, in the setting's unit")]


@dataclass(frozen=True, slots=True)
class TelemetryGranted(Message):
    """Payload of the answer to telemetry start: what the stream will cost."""

    samples_per_frame: Annotated[int, U8("samples in a fast frame", low=1)]
    bytes_per_second: Annotated[int, U16("payload of all frames together", unit="byte/s", low=1)]


@dataclass(frozen=True, slots=True)
class TelemetryEnded(Message):
    """Payload of the answer to telemetry stop."""

    frames_sent: Annotated[int, U32("frames sent since telemetry start, of all kinds")]


@dataclass(frozen=True, slots=True)
class SelfTestReport(Message):
    """Payload of the answer to self-test."""

    failed: Annotated[Fault, U16("parts that failed; 0: all passed")]


PAYLOADS: Final[dict[Opcode, type[Message]]] = {
    Opcode.SETTING_GET: SettingValue,
    Opcode.SETTING_SET: SettingValue,
    Opcode.TELEMETRY_START: TelemetryGranted,
    Opcode.TELEMETRY_STOP: TelemetryEnded,
    Opcode.SELF_TEST: SelfTestReport,
    Opcode.DIAGNOSTICS: records.DiagnosticValue,
    Opcode.RECORD_COUNT: records.RecordCount,
    Opcode.RECORD_INFO: records.RecordInfo,
    Opcode.RECORD_READ: records.RecordPiece,
    Opcode.RECORD_HASH: records.RecordHash,
}


@dataclass(frozen=True, slots=True)
class Request:
    """A command as the host sends it."""

    opcode: Opcode
    sequence: int
    operands: Message
    tail: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as the device sends it. `payload` is there when the command succeeded and has one.

    `tail` are the bytes that a RecordPiece announces.
    """

    head: ResponseHead
    payload: Message | None = None
    tail: bytes = b""


class RequestError(DecodeError):
    """A request that does not decode; `result` is the code that the device answers with."""

    def __init__(self, result: Result, message: str) -> None:
        super().__init__(message)
        self.result = result


def encode_request(request: Request) -> bytes:
    """Encode a request; raises `ValueError` naming the field that is out of range."""
    wanted = OPERANDS[request.opcode]
    if type(request.operands) is not wanted:
        raise ValueError(f"{request.opcode.name} takes {wanted.__name__}, not {type(request.operands).__name__}")
    if request.tail and request.opcode not in HAS_TAIL:
        raise ValueError(f"{request.opcode.name} takes no bytes after its operands")
    return bytes((request.opcode, request.sequence)) + encode(request.operands) + request.tail


def decode_request(data: bytes | bytearray) -> Request:
    """Decode a request: opcode, exact length, the range of each field, in this order; raises `RequestError`."""
    if len(data) < 2:
        raise RequestError(Result.BAD_LENGTH, f"a request has at least 2 bytes, got {len(data)}")
    try:
        opcode = Opcode(data[0])
    except ValueError as error:
        raise RequestError(Result.UNKNOWN_OPCODE, f"opcode 0x{data[0]:02X} is not known") from error
    kind = OPERANDS[opcode]
    size = size_of(kind)
    body = bytes(data[2:])
    if opcode in HAS_TAIL and len(body) <= size:
        raise RequestError(
            Result.BAD_LENGTH, f"{opcode.name} takes more than {size} bytes of operands, got {len(body)}"
        )
    if opcode not in HAS_TAIL and len(body) != size:
        raise RequestError(Result.BAD_LENGTH, f"{opcode.name} takes {size} bytes of operands, got {len(body)}")
    try:
        operands = decode(kind, body)
    except DecodeError as error:
        raise RequestError(Result.OUT_OF_RANGE, str(error)) from error
    return Request(opcode, data[1], operands, body[size:])


def encode_response(response: Response) -> bytes:
    """Encode an answer: its head, then its payload if it has one, then the bytes that the payload announces."""
    return encode(response.head) + (encode(response.payload) if response.payload is not None else b"") + response.tail


def decode_response(data: bytes | bytearray) -> Response:
    """Decode an answer; raises `DecodeError`. Bytes of a newer minor version at the end are ignored."""
    head = decode(ResponseHead, data)
    try:
        kind = PAYLOADS.get(Opcode(head.opcode))
    except ValueError:
        kind = None  # the answer to an opcode that we never sent on purpose; the head says what it is
    if kind is None or head.result is not Result.SUCCESS:
        return Response(head)
    rest = bytes(data[size_of(ResponseHead) :])
    payload = decode(kind, rest)
    if not isinstance(payload, records.RecordPiece):
        return Response(head, payload)
    tail = rest[size_of(records.RecordPiece) :][: payload.size]
    if len(tail) != payload.size:
        raise DecodeError(f"RecordPiece.size is {payload.size}, only {len(tail)} bytes follow")
    return Response(head, payload, tail)
