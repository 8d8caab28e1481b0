"""The whole batches of a journal's stream, whatever happened to the file: before, between and after the damage.

A sealed message is whole when its seal says so. Messages of glowtool before 0.2 have no seal; such a message counts as
whole when its structure holds and its content is `plausible`. The log format page says what that cannot detect.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from glowtool.errors import LogDamagedError
from glowtool.store.bounds import COLUMNS_MAX
from glowtool.store.journal.message import Head, MessageKind, candidates, head_at, is_cut
from glowtool.store.journal.seal import MANIFEST_KEY, Seal, StreamName, columns_crc, seal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Plausible = Callable[[pa.RecordBatch], bool]

#: At most this many bytes are checked for each byte of a file, so that a file full of beginnings comes to an end.
_WORK_PER_BYTE: Final = 6
_WORK_LEAST_BYTES: Final = 1 << 26
#: The cost of checking whether a message begins at a place, in bytes that are checked in the same time.
_LOOK_BYTES: Final = 1 << 12


@dataclass(frozen=True, slots=True)
class Salvage:
    """The batches saved from a stream, whole and in order, and facts about the rest.

    `known_rows` is the number of rows that the stream had, as far as its seals tell; `others` is that of the journal's
    other stream. `bad_bytes` belong to no whole message. `journal` is the tag of the seals, "" without any.
    """

    schema: pa.Schema
    batches: tuple[pa.RecordBatch, ...]
    journal: str = ""
    known_rows: int = 0
    others: int = 0
    bad_bytes: int = 0
    #: Whether bytes after the last whole message belong to none: nobody knows how many rows they held.
    torn: bool = False
    #: Whether these are the beginning of the stream, whole up to the end of the file, and nothing else.
    is_beginning: bool = False
    manifest: bytes | None = None
    #: The whole batches that do not follow the one before: some are missing there.
    holes: tuple[int, ...] = ()

    @property
    def sealed(self) -> bool:
        """Whether the stream's messages have seals."""
        return bool(self.journal)

    @property
    def rows(self) -> int:
        """The number of whole rows."""
        return sum(map(len, self.batches))

    def table(self) -> pa.Table:
        """Return the whole rows as a table."""
        return pa.Table.from_batches(list(self.batches), schema=self.schema)


def salvage(data: bytes, stream: StreamName, schema: pa.Schema, plausible: Plausible | None, most_rows: int) -> Salvage:
    """Return the batches in the content of a stream's file.

    `schema` is used when the stream's own is damaged. `plausible` judges batches without a seal; None: each must have
    one. Raises `LogDamagedError` for more rows than any log has.
    """
    sealed = [(head, seal) for head, seal in sealed_messages(data) if seal.stream is stream]
    if sealed:
        found = _of_sealed(data, sealed, schema)
    elif plausible is not None:
        found = _of_plain(data, schema, plausible)
    else:
        found = Salvage(schema, (), bad_bytes=len(data))
    if found.rows > most_rows:
        raise LogDamagedError(f"it holds {found.rows} rows, but a log has at most {most_rows}")
    return found


def sealed_messages(data: bytes) -> list[tuple[Head, Seal]]:
    """Return the messages in the content of a file whose seals hold, with their seals."""
    seals: dict[int, Seal] = {}

    def accept(head: Head) -> bool:
        seal = seal_of(data, head)
        if seal is not None:
            seals[head.start] = seal
        return seal is not None

    return [(head, seals[head.start]) for head in _heads(data, accept)]


def is_flat(schema: pa.Schema) -> bool:
    """Tell whether a schema has only plain numbers, truth values and texts, and not too many of them."""
    types = pa.types
    allowed = (types.is_integer, types.is_float32, types.is_float64, types.is_boolean, types.is_string)
    return 0 < len(schema) <= COLUMNS_MAX and all(any(fits(field.type) for fits in allowed) for field in schema)


class _Work:
    """The effort that may still be spent on a file."""

    def __init__(self, data: bytes) -> None:
        self._left = _WORK_LEAST_BYTES + _WORK_PER_BYTE * len(data)

    def allows(self, head: Head) -> bool:
        self._left -= head.end - head.start
        return self._left > 0

    def allows_a_look(self) -> bool:
        self._left -= _LOOK_BYTES
        return self._left > 0


def _heads(data: bytes, accept: Callable[[Head], bool]) -> Iterator[Head]:
    """Yield the accepted messages of a file, one behind the other, looking for the next wherever one is not whole."""
    work = _Work(data)
    at = 0
    while at < len(data):
        head = head_at(data, at)
        if head is not None and work.allows(head) and accept(head):
            yield head
            at = head.end
            continue
        places = takewhile(lambda _: work.allows_a_look(), candidates(data, at + 1))
        at = next((place for place in places if head_at(data, place) is not None), len(data))


def _of_sealed(data: bytes, sealed: Sequence[tuple[Head, Seal]], schema: pa.Schema) -> Salvage:
    """Return the batches of the file's own journal in order, each once."""
    tags = Counter(seal.journal for _, seal in sealed)
    journal = max(tags, key=lambda tag: tags[tag])
    mine = [(head, seal) for head, seal in sealed if seal.journal == journal]
    own = next((_schema(data, head) for head, _ in mine if head.kind is MessageKind.SCHEMA), None)
    schemas = {columns_crc(each): each for each in (schema, own) if each is not None}
    batches: dict[int, pa.RecordBatch] = {}
    whole_bytes = 0
    used = schema if own is None else own
    for head, seal in mine:
        if head.kind is MessageKind.SCHEMA:
            whole_bytes += head.end - head.start
            continue
        batch = _batch(data, head, schemas.get(seal.columns))
        if batch is not None and seal.number not in batches:
            batches[seal.number] = batch
            used = schemas[seal.columns]
            whole_bytes += head.end - head.start
    numbers = sorted(batches)
    ends = [seal.rows + head.rows for head, seal in mine]
    end = max(head.end for head, _ in mine)
    return Salvage(
        used.remove_metadata(),
        tuple(batches[number].replace_schema_metadata(None) for number in numbers),
        journal,
        max(ends),
        max(seal.others for _, seal in mine),
        len(data) - whole_bytes,
        end < len(data),
        whole_bytes == end and list(batches) == list(range(len(batches))) and _ends_or_is_cut(data, end),
        None if own is None or own.metadata is None else own.metadata.get(MANIFEST_KEY),
        tuple(at for at, number in enumerate(numbers) if number != (numbers[at - 1] + 1 if at else 0)),
    )


def _of_plain(data: bytes, schema: pa.Schema, plausible: Plausible) -> Salvage:
    """Return the batches of a stream without seals whose structure holds and whose content is plausible."""
    own = next((_schema(data, head) for head in _heads(data, lambda head: head.kind is MessageKind.SCHEMA)), None)
    used = own.remove_metadata() if own is not None and _is_part(own, schema) else schema
    batches: list[pa.RecordBatch] = []
    schema_bytes = 0

    def accept(head: Head) -> bool:
        nonlocal schema_bytes
        if head.kind is MessageKind.SCHEMA:
            first = head.start == 0 and own is not None
            schema_bytes += first * head.end
            return first
        batch = _batch(data, head, used)
        if batch is None or not plausible(batch) or any(batch.equals(earlier) for earlier in batches[-1:]):
            return False
        batches.append(batch)
        return True

    whole = list(_heads(data, accept))
    whole_bytes = sum(head.end - head.start for head in whole)
    is_beginning = bool(whole) and whole[-1].end == whole_bytes and _ends_or_is_cut(data, whole_bytes)
    return Salvage(used, tuple(batches), bad_bytes=len(data) - whole_bytes, is_beginning=is_beginning)


def _ends_or_is_cut(data: bytes, end: int) -> bool:
    """Tell whether only a cut-off message follows the last whole one."""
    return end == len(data) or is_cut(data, end)


def _is_part(own: pa.Schema, known: pa.Schema) -> bool:
    """Tell whether its log may have every column of a stream's own schema."""
    return all(field.name in known.names and field.type == known.field(field.name).type for field in own)


def _schema(data: bytes, head: Head) -> pa.Schema | None:
    try:
        schema = pa.ipc.read_schema(pa.ipc.read_message(_slice(data, head)))
    except (pa.ArrowException, OSError, ValueError):
        return None
    return schema if is_flat(schema) and len(set(schema.names)) == len(schema) else None


def _batch(data: bytes, head: Head, schema: pa.Schema | None) -> pa.RecordBatch | None:
    """Return a batch whose structure holds, without copying it."""
    if schema is None:
        return None
    try:
        batch = pa.ipc.read_record_batch(pa.ipc.read_message(_slice(data, head)), schema)
        batch.validate(full=True)
    except (pa.ArrowException, OSError, ValueError):
        return None
    return None if any(column.null_count for column in batch.columns) else batch


def _slice(data: bytes, head: Head) -> pa.Buffer:
    return pa.py_buffer(data).slice(head.start, head.end - head.start)
