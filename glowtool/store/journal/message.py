"""The framing of messages in an Arrow IPC stream, parsed by hand, without trust in the file.

A message is `ff ff ff ff`, the length of its head (int32), the head (a flatbuffer), and a body as long as the head
says. Only what is needed to find whole messages is read here; pyarrow decodes them. Its own reader ends at the first
damage, and unpacks compressed bodies to whatever size they claim.
"""

from __future__ import annotations

import enum
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.store.bounds import MESSAGE_HEAD_MAX_BYTES, MESSAGE_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK: Final = b"\xff\xff\xff\xff"
PREFIX_BYTES: Final = 8

#: The mark and a length below 1 MiB. A run of 0xff bytes, as from an open circuit, holds no such place except its end.
_CANDIDATE: Final = re.compile(rb"\xff{4}(?=[\x00-\xff]{2}[\x00-\x0f]\x00)")

#: Places of the fields in the tables of Arrow's Message.fbs.
_HEADER_TYPE, _HEADER, _BODY_LENGTH = 1, 2, 3
_ROWS, _COMPRESSION = 0, 3


class MessageKind(enum.IntEnum):
    """The kinds of message that a journal is made of, by their number in Arrow's Message.fbs."""

    SCHEMA = 1
    BATCH = 3


@dataclass(frozen=True, slots=True)
class Head:
    """One message in a file: the places of its start, its body and its end, and the rows that it claims."""

    kind: MessageKind
    start: int
    body: int
    end: int
    rows: int = 0


def head_at(data: bytes, start: int) -> Head | None:
    """Return the head of the message that begins at `start`; None if there is none that we read, or not all of it.

    We do not read a batch with a compressed body: a journal has none, and it could unpack to any size.
    """
    if data[start : start + len(MARK)] != MARK or start + PREFIX_BYTES > len(data):
        return None
    (length,) = struct.unpack_from("<i", data, start + len(MARK))
    body = start + PREFIX_BYTES + length
    if not 0 < length <= MESSAGE_HEAD_MAX_BYTES or body > len(data):
        return None
    try:
        return _read(_Table.root(memoryview(data)[start + PREFIX_BYTES : body]), start, body, len(data))
    except (struct.error, ValueError):
        return None


def is_cut(data: bytes, start: int) -> bool:
    """Tell whether a file ends within the message that begins at `start`, as after an interrupted write."""
    if data[start : start + len(MARK)] != MARK[: len(data) - start]:
        return False
    if start + PREFIX_BYTES > len(data):
        return start < len(data)
    length = _unpack(memoryview(data), start + len(MARK), "<i")
    body = start + PREFIX_BYTES + length
    if not 0 < length <= MESSAGE_HEAD_MAX_BYTES or body > len(data):
        return 0 < length <= MESSAGE_HEAD_MAX_BYTES
    try:
        table = _Table.root(memoryview(data)[start + PREFIX_BYTES : body])
        return body + table.number(_BODY_LENGTH, "<q") > len(data)
    except (struct.error, ValueError):
        return False


def candidates(data: bytes, start: int) -> Iterator[int]:
    """Yield the places from `start` on at which a message may begin."""
    for found in _CANDIDATE.finditer(data, start):
        yield found.start()


def _read(message: _Table, start: int, body: int, size: int) -> Head | None:
    kind = MessageKind(message.number(_HEADER_TYPE, "<B"))
    body_length = message.number(_BODY_LENGTH, "<q")
    end = body + body_length
    if body_length < 0 or end - start > MESSAGE_MAX_BYTES or end > size:
        return None
    if kind is MessageKind.SCHEMA:
        return Head(kind, start, body, end)
    batch = message.table(_HEADER)
    rows = batch.number(_ROWS, "<q")
    if rows < 0 or batch.has(_COMPRESSION):
        return None
    return Head(kind, start, body, end, rows)


class _Table:
    """A table of a flatbuffer; every place in it is checked by `struct`, which raises `struct.error` outside."""

    def __init__(self, data: memoryview, place: int) -> None:
        self._data = data
        self._place = place
        self._offsets = place - _unpack(data, place, "<i")
        self._size = _unpack(data, self._offsets, "<H")

    @classmethod
    def root(cls, data: memoryview) -> _Table:
        return cls(data, _unpack(data, 0, "<I"))

    def has(self, field: int) -> bool:
        return bool(self._offset(field))

    def number(self, field: int, code: str) -> int:
        offset = self._offset(field)
        return _unpack(self._data, self._place + offset, code) if offset else 0

    def table(self, field: int) -> _Table:
        place = self._place + self._offset(field)
        return _Table(self._data, place + _unpack(self._data, place, "<I"))

    def _offset(self, field: int) -> int:
        at = 4 + 2 * field
        return _unpack(self._data, self._offsets + at, "<H") if at < self._size else 0


def _unpack(data: memoryview, place: int, code: str) -> int:
    if place < 0:
        raise ValueError("a place before the beginning")
    return int(struct.unpack_from(code, data, place)[0])
