"""The bytes of the record store: a header at the start of every sector, followed by records."""

from __future__ import annotations

import enum
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from glowsim.firmware.flash.chip import BLANK

#: Magic, number of erases, CRC-32 of both; then the mark of a sector that is about to be erased, and three spare bytes.
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

#: The value of a mark that is set; an unset mark is all ones.
SET: Final = b"\0"
_UNSET: Final = BLANK


class Kind(enum.IntEnum):
    """The kind of data that a record holds."""

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
    PROGRAM_PART = 11


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its kind, key, sequence number and bytes. A tombstone says that the key was deleted."""

    kind: int
    key: int
    sequence: int
    payload: bytes
    tombstone: bool = False

    @property
    def size(self) -> int:
        """Its size in the flash, in bytes."""
        return record_size(len(self.payload))


def record_size(length: int) -> int:
    """Return the size in the flash of a record with a payload of `length` bytes."""
    return RECORD_HEAD + -(-length // ALIGNMENT) * ALIGNMENT


def encode_record(record: Record) -> bytes:
    """Return the bytes of a record, without its commit mark."""
    tombstone = 0 if record.tombstone else _UNSET
    fields = (record.kind, tombstone, record.key, len(record.payload), record.sequence)
    bare = _RECORD.pack(_MAGIC, _UNSET, *fields, 0)
    crc = zlib.crc32(bare[_COVERED] + record.payload)
    return _RECORD.pack(_MAGIC, _UNSET, *fields, crc) + record.payload


def decode_record(data: bytes) -> Record | None:
    """Return the record at the start of `data`; None unless it is complete, intact and committed."""
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
    """Return kind and sequence number of a damaged record at the start of `data`; None when it was never committed.

    A record that a brown-out tore has no commit mark.
    """
    if len(data) < RECORD_HEAD or data[COMMIT_AT] == BLANK:
        return None
    _, _, kind, _, _, _, sequence, _ = _RECORD.unpack_from(data)
    return kind, sequence


def encode_sector_head(erases: int) -> bytes:
    """Return the header of a sector that was erased this many times."""
    bare = _SECTOR.pack(_SECTOR_MAGIC, erases, 0)[:8]
    return _SECTOR.pack(_SECTOR_MAGIC, erases, zlib.crc32(bare))


def erases_of(head: bytes) -> int | None:
    """Return how often a sector was erased; None when its header is incomplete."""
    magic, erases, crc = _SECTOR.unpack_from(head)
    if magic != _SECTOR_MAGIC or zlib.crc32(head[:8]) != crc:
        return None
    return int(erases)


def blank(data: bytes) -> bool:
    """Return whether all bytes are erased."""
    return data.count(BLANK) == len(data)
