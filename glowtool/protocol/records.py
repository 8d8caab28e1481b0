"""Massage records, the stored program and diagnostics: the additions of protocol 1.1 to the control point.

A massage record is the roller's own summary of a massage by its button, without a host: a head, then one row for each
step that began. A host lists records, reads from any offset, compares the hash and deletes only what it has verified.
"""

from __future__ import annotations

import enum
import zlib
from dataclasses import dataclass
from typing import Annotated, Final

from glowtool.errors import DecodeError
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.protocol.wire import LATEST_TOLD_UNIX_MS, U8, U16, U32, U64, V1_1, Message, decode, encode, size_of

RECORD_FORMAT: Final = 1

#: More than fit into any roller, so that a host that asks for each of them comes to an end.
RECORDS_MAX: Final = 1000

#: A head and 64 rows of the largest size that their length fields allow.
RECORD_BYTES_MAX: Final = 255 * 65


class Diagnostic(enum.IntEnum):
    """The numbers that a roller reports about its life and its last stream; since 1.1, from 18 on since 1.3."""

    RESET_CAUSE = 1
    POWER_ONS = 2
    BROWN_OUTS = 3
    SOFTWARE_RESETS = 4
    WATCHDOG_RESETS = 5
    RUNTIME_MINUTES = 6
    HOST_SILENCES = 7
    LINK_LOSSES = 8
    FAULTS = 9
    FLASH_ERASES = 10
    FLASH_ERASES_MOST = 11
    FLASH_RECORDS_DAMAGED = 12
    FLASH_BYTES_LEFT = 13
    OFFLINE_MASSAGES = 14
    RECORDS_LOST = 15
    STORED_PROGRAM_CRC = 16
    LAST_STREAM_FRAMES = 17
    TARES_DISCARDED = 18
    DAY_CURRENT_S = 19
    DAY_VIBRATION_S = 20
    DAY_RETURNS_MINUTES = 21
    PROGRAM_REST_S = 22


@dataclass(frozen=True, slots=True)
class DiagnosticGet(Message):
    """Ask for one number of the roller's life."""

    item: Annotated[Diagnostic, U8("which one", since=V1_1)]


@dataclass(frozen=True, slots=True)
class DiagnosticValue(Message):
    """Payload of the answer to diagnostics."""

    value: Annotated[int, U32("the number; it stands at its maximum when it would be larger", since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordCount(Message):
    """Payload of the answer to record count."""

    count: Annotated[int, U16("massage records kept", high=RECORDS_MAX, since=V1_1)]
    lost: Annotated[int, U16("massages that did not fit into the flash and were not kept", since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordAt(Message):
    """Ask for the record at a place of the list, the oldest first."""

    index: Annotated[int, U16("place in the list, from 0", since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordInfo(Message):
    """Payload of the answer to record info."""

    record: Annotated[int, U16("number of the record, which it keeps for life", since=V1_1)]
    length: Annotated[int, U16("its length", unit="byte", high=RECORD_BYTES_MAX, since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordRead(Message):
    """Ask for a piece of a record. The answer holds as much as fits into the MTU; nothing at the end."""

    record: Annotated[int, U16("number of the record", since=V1_1)]
    offset: Annotated[int, U16("where the piece begins", unit="byte", since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordPiece(Message):
    """Payload of the answer to record read; the bytes themselves follow it."""

    size: Annotated[int, U8("number of bytes that follow", unit="byte", since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordHashGet(Message):
    """Ask for the hash of a record as stored in the roller."""

    record: Annotated[int, U16("number of the record", since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordHash(Message):
    """Payload of the answer to record hash."""

    crc32: Annotated[int, U32("CRC-32 (ISO-HDLC) over the record", since=V1_1)]


@dataclass(frozen=True, slots=True)
class RecordDelete(Message):
    """Delete a record that the host has; a wrong hash is answered `BAD_CRC` and deletes nothing."""

    record: Annotated[int, U16("number of the record", since=V1_1)]
    crc32: Annotated[int, U32("CRC-32 (ISO-HDLC) over the host's copy", since=V1_1)]


@dataclass(frozen=True, slots=True)
class MassageHead(Message):
    """The head of a massage record."""

    format: Annotated[int, U8("format of the record", low=RECORD_FORMAT, high=RECORD_FORMAT, since=V1_1)]
    head_size: Annotated[int, U8("length of this head, so that it can grow", unit="byte", since=V1_1)]
    row_size: Annotated[int, U8("length of one row, so that it can grow", unit="byte", since=V1_1)]
    steps: Annotated[int, U8("number of rows after this head", low=1, high=64, since=V1_1)]
    end: Annotated[MassageEnd, U8("how it ended", since=V1_1)]
    interlocks: Annotated[Interlock, U16("everything that held outputs back at some time", since=V1_1)]
    start_unix_ms: Annotated[
        int, U64("UTC at its start; 0: the clock was not set", unit="ms", high=LATEST_TOLD_UNIX_MS, since=V1_1)
    ]
    program_crc32: Annotated[int, U32("CRC-32 of the program", since=V1_1)]
    current_ms: Annotated[int, U32("time with microcurrent", unit="ms", since=V1_1)]
    vibration_ms: Annotated[int, U32("time with vibration", unit="ms", since=V1_1)]


@dataclass(frozen=True, slots=True)
class MassageStep(Message):
    """One row of a massage record."""

    elapsed_ms: Annotated[int, U32("time spent in the step", unit="ms", since=V1_1)]
    contact_ms: Annotated[int, U32("time of it with skin contact", unit="ms", since=V1_1)]
    mean_pressure: Annotated[int, U16("mean over both heads while in contact", unit="0.01 kPa", since=V1_1)]
    peak_pressure: Annotated[int, U16("highest reading of a single cell", unit="0.01 kPa", since=V1_1)]

    @property
    def mean_kpa(self) -> float:
        """The mean in people's unit."""
        return self.mean_pressure / 100

    @property
    def peak_kpa(self) -> float:
        """The highest reading in people's unit."""
        return self.peak_pressure / 100


@dataclass(frozen=True, slots=True)
class Massage:
    """A massage record as a whole."""

    head: MassageHead
    steps: tuple[MassageStep, ...]


HEAD_SIZE: Final = size_of(MassageHead)
ROW_SIZE: Final = size_of(MassageStep)


def encode_massage(massage: Massage) -> bytes:
    """Encode a massage record; raises `ValueError`."""
    if massage.head.steps != len(massage.steps):
        raise ValueError(f"the head says {massage.head.steps} steps, there are {len(massage.steps)}")
    return encode(massage.head) + b"".join(map(encode, massage.steps))


def decode_massage(data: bytes) -> Massage:
    """Decode a massage record of any minor version; raises `DecodeError`."""
    head = decode(MassageHead, data)
    end = head.head_size + head.row_size * head.steps
    if head.head_size < HEAD_SIZE or head.row_size < ROW_SIZE or len(data) < end:
        raise DecodeError(f"massage record: {len(data)} bytes do not hold {head.steps} steps")
    rows = range(head.head_size, end, head.row_size)
    return Massage(head, tuple(decode(MassageStep, data[at:]) for at in rows))


def record_crc(data: bytes) -> int:
    """Return the CRC-32 (ISO-HDLC) of a record."""
    return zlib.crc32(data)
