"""The bytes of the record store: a header at the start of every sector, and records one after the other behind it."""

from __future__ import annotations

import enum
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from glowsim.firmware.flash.chip import BLANK

#: Magic, erases so far, CRC-32 of both; then the mark of a sector that is about to be erased, and three spare bytes.
_SECTOR: Final = struct.Struct("<4sII")
_SECTOR_MAGIC: Final = b"GRF1"
RETIRED_AT: Final = _SECTOR.size
SECTOR_HEAD: Final = _SECTOR.size + 4

#: Magic, commit mark, kind, tombstone mark, key, length, sequence, CRC-32 of everything from the kind on.
_RECORD: Final = struct.Struct("<BBBBHHII")
_MAGIC: Final = 0xA5
_COVERED: Final = slice(2, 12)
COMMIT_AT: Final = 1
RECORD_HEAD: Final = _RECORD.size
ALIGNMENT: Final = 4

#: A mark is a byte that is programmed from all ones to this.
SET: Final = b"\0"
_UNSET: Final = BLANK


class Kind(enum.IntEnum):
    """What a record holds."""

    SETTINGS = 1
    TARE = 2
    DOSE = 3
    COUNTERS = 4
    PROGRAM = 5
    MASSAGE = 6
    FUEL_GAUGE = 7
    BOND = 8
    LATCH = 9
    REST = 10


@dataclass(frozen=True, slots=True)
class Record:
    """One record: what it is, under which key, how new, and its bytes. A tombstone says that the key was deleted."""

    kind: int
    key: int
    sequence: int
    payload: bytes
    tombstone: bool = False

    @property
    def size(self) -> int:
        """Bytes in the flash."""
        return record_size(len(self.payload))


def record_size(length: int) -> int:
    """Return the bytes that a record with a payload of `length` bytes takes."""
    return RECORD_HEAD + -(-length // ALIGNMENT) * ALIGNMENT


def encode_record(record: Record) -> bytes:
    """Return the bytes of a record, not yet committed."""
    tombstone = 0 if record.tombstone else _UNSET
    fields = (record.kind, tombstone, record.key, len(record.payload), record.sequence)
    bare = _RECORD.pack(_MAGIC, _UNSET, *fields, 0)
    crc = zlib.crc32(bare[_COVERED] + record.payload)
    return _RECORD.pack(_MAGIC, _UNSET, *fields, crc) + record.payload


def decode_record(data: bytes) -> Record | None:
    """Return the record that `data` begins with, or None when there is none that is whole, true and committed."""
    if len(data) < RECORD_HEAD:
        return None
    magic, commit, kind, tombstone, key, length, sequence, crc = _RECORD.unpack_from(data)
    payload = data[RECORD_HEAD : RECORD_HEAD + length]
    if magic != _MAGIC or commit != SET[0] or len(payload) != length:
        return None
    if zlib.crc32(data[_COVERED] + payload) != crc:
        return None
    return Record(kind, key, sequence, payload, tombstone != _UNSET)


def committed(data: bytes) -> tuple[int, int] | None:
    """Return kind and sequence as the record says that `data` begins with, or None when it was never committed.

    For one that is damaged: what a brown-out tore has no commit mark.
    """
    if len(data) < RECORD_HEAD or data[COMMIT_AT] == BLANK:
        return None
    _, _, kind, _, _, _, sequence, _ = _RECORD.unpack_from(data)
    return kind, sequence


def encode_sector_head(erases: int) -> bytes:
    """Return the bytes at the start of a sector that was erased so many times."""
    bare = _SECTOR.pack(_SECTOR_MAGIC, erases, 0)[:8]
    return _SECTOR.pack(_SECTOR_MAGIC, erases, zlib.crc32(bare))


def erases_of(head: bytes) -> int | None:
    """Return how often a sector was erased, or None when its header is incomplete."""
    magic, erases, crc = _SECTOR.unpack_from(head)
    if magic != _SECTOR_MAGIC or zlib.crc32(head[:8]) != crc:
        return None
    return int(erases)


def blank(data: bytes) -> bool:
    """Return whether all bytes are as an erase leaves them."""
    return data.count(BLANK) == len(data)
