"""The stored program in the flash: one record, or, for a long program, parts and an index that names them.

A program with many keyframes is longer than a record may be. Its parts are written first, beside those of the program
before; the index is the one record under the program's own key, and it is written last. So a loss of power at any
moment leaves either the old program or all of the new one.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import PAYLOAD_MOST, FlashBrokenError, FlashFullError
from glowtool.protocol.program import PROGRAM_SIZE_MAX, STEP_SIZE

if TYPE_CHECKING:
    from glowsim.firmware.flash.records import RecordStore

_KEY: Final = 0

#: First key of the parts, number of parts, CRC-32 of the program; no program has this length.
_INDEX: Final = struct.Struct("<BBI")

#: Parts are whole records of the program, so that a listing of the flash can be read.
_PART: Final = PAYLOAD_MOST // STEP_SIZE * STEP_SIZE
_PARTS_MOST: Final = -(-PROGRAM_SIZE_MAX // _PART)

#: The first keys of the two sets of parts, of which one is in use.
_SETS: Final = (0, _PARTS_MOST)


def stored(records: RecordStore) -> bytes | None:
    """Return the bytes of the stored program; None when there is none, or a part of it is lost."""
    data = records.get(Kind.PROGRAM, _KEY)
    if data is None or len(data) != _INDEX.size:
        return data
    first, count, crc32 = _INDEX.unpack(data)
    parts = [records.get(Kind.PROGRAM_PART, first + number) or b"" for number in range(count)]
    whole = b"".join(parts)
    return whole if zlib.crc32(whole) == crc32 else None


def store(records: RecordStore, data: bytes) -> None:
    """Keep the bytes of a program; raises FlashFullError or FlashBrokenError, and then the one before is still kept."""
    if len(data) <= _PART:
        records.put(Kind.PROGRAM, _KEY, data)
        _drop_parts(records, keep=None)
        return
    index = records.get(Kind.PROGRAM, _KEY)
    used = _INDEX.unpack(index)[0] if index is not None and len(index) == _INDEX.size else None
    first = _SETS[1] if used == _SETS[0] else _SETS[0]
    parts = [data[at : at + _PART] for at in range(0, len(data), _PART)]
    for number, part in enumerate(parts, first):
        records.put(Kind.PROGRAM_PART, number, part)
    records.put(Kind.PROGRAM, _KEY, _INDEX.pack(first, len(parts), zlib.crc32(data)))
    _drop_parts(records, keep=first)


def erase(records: RecordStore) -> None:
    """Forget the stored program; raises FlashFullError or FlashBrokenError."""
    records.delete(Kind.PROGRAM, _KEY)
    _drop_parts(records, keep=None)


def _drop_parts(records: RecordStore, *, keep: int | None) -> None:
    """Free the room of parts that no index names; those that cannot be deleted now go with the next program."""
    for number in records.keys(Kind.PROGRAM_PART):
        if keep is None or not keep <= number < keep + _PARTS_MOST:
            with suppress(FlashFullError, FlashBrokenError):
                records.delete(Kind.PROGRAM_PART, number)
