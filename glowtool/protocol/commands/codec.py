"""The requests and answers of the control point, from and to bytes.

A request is `opcode, sequence, operands`; it is written to the control point and answered by exactly one
indication, `Response`, that repeats opcode and sequence and carries the *actual* state and outputs after the
command. Sequence numbers are the host's; they go round from 255 to 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from glowtool.errors import DecodeError
from glowtool.model.program import MAX_STEPS
from glowtool.model.state import Interlock, State
from glowtool.protocol import records
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.status import WIRE_NO_STEP, Outputs, index_of
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import U8, U16, Message, decode, encode, size_of

RESPONSE_MARKER: Final = 0x80


@dataclass(frozen=True, slots=True)
class ResponseHead(Message):
    """The fixed head of every answer; a payload of at most four bytes, or a piece of a record, may follow."""

    marker: Annotated[int, U8("always 0x80", low=RESPONSE_MARKER, high=RESPONSE_MARKER)]
    opcode: Annotated[int, U8("opcode of the request, as it was sent")]
    sequence: Annotated[int, U8("sequence number of the request")]
    result: Annotated[Result, U8("what became of it")]
    state: Annotated[State, U8("state after the command")]
    step: Annotated[int, U8("step in progress, from 0; 255: none", high=MAX_STEPS - 1, also=WIRE_NO_STEP)]
    interlocks: Annotated[Interlock, U16("what holds outputs back")]
    amplitude_permille: Annotated[int, U16("actual vibration amplitude", unit="‰ of full", high=1000)]
    vibration_dhz: Annotated[int, U16("actual vibration frequency", unit="0.1 Hz")]
    peak_ua: Annotated[int, U16("actual microcurrent peak", unit="µA")]
    current_dhz: Annotated[int, U16("actual microcurrent frequency", unit="0.1 Hz")]

    @property
    def step_index(self) -> int:
        """The step in progress, from 0; `NO_STEP`: none."""
        return index_of(self.step)

    @property
    def outputs(self) -> Outputs:
        """The actual outputs after the command."""
        return Outputs(self.amplitude_permille, self.vibration_dhz, self.peak_ua, self.current_dhz)


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
    """A request that does not decode; `result` is the code of the device's answer."""

    def __init__(self, result: Result, message: str) -> None:
        super().__init__(message)
        self.result = result


def encode_request(request: Request) -> bytes:
    """Encode a request; raises `ValueError` naming the field that is out of range."""
    wanted = request.opcode.command.operands
    if type(request.operands) is not wanted:
        raise ValueError(f"{request.opcode.name} takes {wanted.__name__}, not {type(request.operands).__name__}")
    if request.tail and not request.opcode.command.tail:
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
    command = opcode.command
    size = size_of(command.operands)
    body = bytes(data[2:])
    if command.tail and len(body) <= size:
        raise RequestError(
            Result.BAD_LENGTH, f"{opcode.name} takes more than {size} bytes of operands, got {len(body)}"
        )
    if not command.tail and len(body) != size:
        raise RequestError(Result.BAD_LENGTH, f"{opcode.name} takes {size} bytes of operands, got {len(body)}")
    try:
        operands = decode(command.operands, body)
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
        kind = Opcode(head.opcode).command.payload
    except ValueError:
        kind = None  # the answer to an opcode that we never sent on purpose; the head says which
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
