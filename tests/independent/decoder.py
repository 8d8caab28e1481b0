"""A second decoder of the roller's protocol, written from docs/reference/protocol.md with struct alone."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from . import layouts
from .layouts import Bits, Enumeration, Field, Layout

Value: TypeAlias = "int | str | Sequence[Value] | Mapping[str, Value] | None"
Record: TypeAlias = dict[str, int]


class DecodeError(ValueError):
    """The bytes are not what the page describes."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One row of the channel table."""

    name: str
    row: Record


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message in the shape of the vectors, and how many of its bytes were understood."""

    value: Value
    consumed: int


class Reader:
    """Takes bytes from the front and never twice; every integer is little-endian."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    @property
    def left(self) -> int:
        return len(self._data) - self.position

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise DecodeError(f"byte {self.position}: {size} bytes wanted, {self.left} left")
        self.position += size
        return self._data[self.position - size : self.position]

    def number(self, code: str) -> int:
        raw = self.take(struct.calcsize("<" + code))
        number: int = struct.unpack("<" + code, raw)[0]
        return number

    def record(self, layout: Layout) -> Record:
        return {field.name: _admit(field, self.number(field.code)) for field in layout}

    def end(self) -> None:
        if self.left:
            raise DecodeError(f"byte {self.position}: {self.left} bytes too many")


def _admit(field: Field, number: int) -> int:
    match field.domain:
        case Enumeration(name, numbers) if number not in numbers:
            raise DecodeError(f"{field.name}: {number} is not one of {name}")
        case Bits(known=known):
            return number & known
        case _:
            return number


def size_of(layout: Layout) -> int:
    """Bytes of a packed record."""
    return sum(struct.calcsize("<" + field.code) for field in layout)


def crc32(data: bytes) -> int:
    """CRC-32 (ISO-HDLC), one bit at a time: 0x04C11DB7 reflected is 0xEDB88320."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def decode_record(data: bytes, layout: Layout) -> Decoded:
    """One record that the roller sends; bytes after it belong to a later minor version."""
    reader = Reader(data)
    return Decoded(reader.record(layout), reader.position)


def decode_feature(data: bytes) -> Decoded:
    """Head, rates, ceilings; head and rows may be longer than version 1.0 knows."""
    reader = Reader(data)
    head = reader.record(layouts.FEATURE_HEAD)
    _skip_growth(reader, head["head_size"], layouts.FEATURE_HEAD)
    rates = [reader.number("H") for _ in range(head["rates"])]
    ceilings: list[Value] = []
    for _ in range(head["ceilings"]):
        row = reader.record(layouts.CEILING_ROW)
        _skip_growth(reader, head["row_size"], layouts.CEILING_ROW)
        ceilings.append([row["id"], row["value"]])
    kept = {name: head[name] for name in ("major", "minor", "capabilities")}
    return Decoded({**kept, "rates_hz": rates, "ceilings": ceilings}, reader.position)


def _skip_growth(reader: Reader, stated: int, layout: Layout) -> None:
    known = size_of(layout)
    if stated < known:
        raise DecodeError(f"a size of {stated} bytes is less than the {known} of version 1.0")
    reader.take(stated - known)


def read_channels(reader: Reader) -> list[Channel]:
    """The rows of the channel table; the name is the last 15 bytes of a row, however long the row."""
    head = reader.record(layouts.TABLE_HEAD)
    if head["format"] != layouts.TABLE_FORMAT:
        raise DecodeError(f"channel table of format {head['format']}")
    channels = []
    for _ in range(head["rows"]):
        row = reader.record(layouts.CHANNEL_ROW)
        _skip_growth(reader, head["row_size"] - layouts.NAME_SIZE, layouts.CHANNEL_ROW)
        channels.append(Channel(_name(reader.take(layouts.NAME_SIZE)), row))
    return channels


def _name(raw: bytes) -> str:
    name = raw.rstrip(b"\0")
    if b"\0" in name or not name.isascii():
        raise DecodeError(f"{raw!r} is not an ASCII name padded with NUL")
    return name.decode("ascii")


def decode_channel_table(data: bytes) -> Decoded:
    """The channel table, each row with its name."""
    reader = Reader(data)
    rows: list[Value] = [{"name": channel.name, **channel.row} for channel in read_channels(reader)]
    return Decoded(rows, reader.position)


def decode_request(data: bytes) -> Decoded:
    """A write to the control point; its length is exact, save for the piece that PROGRAM_DATA carries."""
    reader = Reader(data)
    head = reader.record(layouts.REQUEST_HEAD)
    if head["opcode"] not in layouts.OPERANDS:
        raise DecodeError(f"unknown opcode {head['opcode']:#04x}")
    operands = reader.record(layouts.OPERANDS[head["opcode"]])
    tail = reader.take(reader.left) if head["opcode"] == layouts.PROGRAM_DATA else b""
    reader.end()
    return Decoded({**head, "operands": operands, "tail": tail.hex()}, reader.position)


def decode_response(data: bytes) -> Decoded:
    """An indication of the control point; only a success carries a payload."""
    reader = Reader(data)
    head = reader.record(layouts.ANSWER_HEAD)
    if head["marker"] != layouts.ANSWER_MARKER:
        raise DecodeError(f"an answer begins with 0x80, not {head['marker']:#04x}")
    layout = layouts.PAYLOADS.get(head["opcode"]) if head["result"] == layouts.SUCCESS else None
    payload = reader.record(layout) if layout else None
    value: dict[str, Value] = {**head, "payload": payload}
    if payload is not None and head["opcode"] == layouts.RECORD_READ:
        value["tail"] = reader.take(payload["size"]).hex()
    return Decoded(value, reader.position)


def decode_massage(data: bytes) -> Decoded:
    """A massage record: head and rows, which may be longer than version 1.1 knows, and the hash over all of it."""
    reader = Reader(data)
    head = reader.record(layouts.MASSAGE_HEAD)
    if head["format"] != layouts.MASSAGE_FORMAT:
        raise DecodeError(f"massage record of format {head['format']}")
    _skip_growth(reader, head["head_size"], layouts.MASSAGE_HEAD)
    rows: list[Value] = []
    for _ in range(head["steps"]):
        rows.append(reader.record(layouts.MASSAGE_STEP))
        _skip_growth(reader, head["row_size"], layouts.MASSAGE_STEP)
    return Decoded({**head, "rows": rows, "crc32": crc32(data)}, reader.position)


def decode_program(data: bytes) -> Decoded:
    """Records with the length and CRC that PROGRAM_BEGIN announces; keyframes stand in their step."""
    steps: list[Value] = [
        {**step, "keyframes": [dict(item) for item in keyframes]} if keyframes else step
        for step, keyframes in read_program(data)
    ]
    return Decoded({"steps": steps, "length": len(data), "crc32": crc32(data)}, len(data))


def read_program(data: bytes) -> list[tuple[Record, list[Record]]]:
    """The steps of a program, each with its keyframes."""
    reader = Reader(data)
    steps: list[tuple[Record, list[Record]]] = [(reader.record(layouts.STEP), [])]
    while reader.left:
        if data[reader.position] == layouts.KEYFRAME_MARK:
            steps[-1][1].append(reader.record(layouts.KEYFRAME))
        else:
            steps.append((reader.record(layouts.STEP), []))
    return steps


def decode_frame(data: bytes, mask: int, channels: Sequence[Channel]) -> Decoded:
    """A telemetry frame; mask is what TELEMETRY_START asked for, channels the rows of the channel table."""
    reader = Reader(data)
    header = reader.record(layouts.FRAME_HEADER)
    carried = [channel for channel in channels if _carries(channel.row, header["kind"], mask)]
    codes = [layouts.RAW_CODES[channel.row["format"]] for channel in carried]
    samples = [[reader.number(code) for code in codes] for _ in range(header["count"])]
    names = [channel.name for channel in carried]
    return Decoded({**header, "mask": mask, "samples": samples, "channels": names}, reader.position)


def _carries(row: Record, kind: int, mask: int) -> bool:
    if row["stream"] != kind:
        return False
    return kind == layouts.SLOW or bool(mask >> row["number"] & 1)
