"""The seal of a journal's message: the journal, the message's number, and the CRC-32 of all its bytes.

It is text in the message's own custom metadata, so that any Arrow reader reads the file, and a message can be judged
by itself, wherever it is in a file. The CRC is computed with eight zeros in its own place.
"""

from __future__ import annotations

import enum
import io
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from glowtool.store.journal.message import PREFIX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.store.journal.message import Head

#: The key of the metadata that holds the seal, and of the copy of the manifest in a schema.
SEAL_KEY: Final = b"glowtool.seal"
MANIFEST_KEY: Final = b"glowtool.manifest"

#: The number that the schema of a stream has; its batches count from 0.
SCHEMA_NUMBER: Final = -1

_DIGITS: Final = 8
_SEAL: Final = re.compile(
    rb"glowtool-seal/1 journal=([0-9a-f]{8}) stream=(samples|events) columns=([0-9a-f]{8}) number=(-1|\d{1,12}) "
    rb"rows=(\d{1,12}) others=(\d{1,12}) bytes=([0-9a-f]{8}) crc32=([0-9a-f]{8})"
)
_BYTES_GROUP, _CRC_GROUP = 7, 8


class StreamName(enum.StrEnum):
    """The two streams of a journal."""

    SAMPLES = "samples"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Seal:
    """The content of a seal.

    `journal` tells one journal's messages from another's, `columns` is a CRC-32 of the schema, `number` counts the
    batches of the stream, `rows` counts the stream's rows before this batch, `others` those of the journal's other
    stream at that time.
    """

    journal: str
    stream: StreamName
    columns: str
    number: int
    rows: int
    others: int

    def text(self, size: int = 0, crc: int = 0) -> bytes:
        """Return the seal as its text in the message."""
        return (
            f"glowtool-seal/1 journal={self.journal} stream={self.stream} columns={self.columns} number={self.number} "
            f"rows={self.rows} others={self.others} bytes={size:08x} crc32={crc:08x}"
        ).encode()


def columns_crc(schema: pa.Schema) -> str:
    """Return the CRC-32 of the names and types of a schema, eight hexadecimal digits."""
    return f"{zlib.crc32(';'.join(f'{field.name}:{field.type}' for field in schema).encode()):08x}"


def journal_tag(session_id: str) -> str:
    """Return the tag that tells the messages of one session's journal from another's."""
    return f"{zlib.crc32(session_id.encode(errors='replace')):08x}"


class SealingWriter:
    """Makes the sealed messages of one stream."""

    def __init__(self, schema: pa.Schema, seal: Seal, metadata: Mapping[bytes, bytes]) -> None:
        """Take the schema, the seal of its message, and further metadata."""
        self._seal = seal
        self._sink = io.BytesIO()
        sealed = schema.with_metadata({SEAL_KEY: seal.text(), **metadata})
        self._writer = pa.ipc.new_stream(self._sink, sealed)
        self._schema = sealed
        self.head = _sealed(sealed.serialize().to_pybytes(), seal)
        self._fresh = True

    def message(self, batch: pa.RecordBatch, seal: Seal) -> bytes:
        """Return a batch as a message with its seal."""
        self._writer.write_batch(batch.replace_schema_metadata(None), custom_metadata={SEAL_KEY: seal.text()})
        made = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        if self._fresh:  # the writer puts the schema before the first batch
            made, self._fresh = made[len(self.head) :], False
        return _sealed(made, seal)


def seal_of(data: bytes, head: Head) -> Seal | None:
    """Return the seal of a message if every byte is as written; None when it has no seal, or is damaged."""
    found = _SEAL.search(data, head.start + PREFIX_BYTES, head.body)
    if found is None or int(found[_BYTES_GROUP], 16) != head.end - head.start:
        return None
    at = found.start(_CRC_GROUP)
    crc = zlib.crc32(memoryview(data)[head.start : at])
    crc = zlib.crc32(b"0" * _DIGITS, crc)
    crc = zlib.crc32(memoryview(data)[at + _DIGITS : head.end], crc)
    if crc != int(found[_CRC_GROUP], 16):
        return None
    journal, stream, columns, *numbers = (found[group].decode() for group in range(1, _BYTES_GROUP))
    return Seal(journal, StreamName(stream), columns, *map(int, numbers))


def sealed_anew(message: bytes) -> bytes:
    """Return a sealed message whose content was changed, but not its length, with the CRC that holds now."""
    found = _SEAL.search(message, PREFIX_BYTES)
    if found is None:
        return message
    at = found.start(_CRC_GROUP)
    before, after = message[:at], message[at + _DIGITS :]
    return before + f"{zlib.crc32(before + b'0' * _DIGITS + after):08x}".encode() + after


def _sealed(message: bytes, seal: Seal) -> bytes:
    """Fill in the length and the CRC of a message that was made with both at zero."""
    empty = seal.text()
    sized = message.replace(empty, seal.text(len(message)), 1)
    return sized.replace(seal.text(len(message)), seal.text(len(message), zlib.crc32(sized)), 1)
