"""A log's Parquet files: read within bounds, whatever a file claims, and read back after writing."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from glowtool.errors import LogDamagedError, StoreError
from glowtool.kit.storage.files import storing, write_atomic
from glowtool.store.bounds import (
    BATCH_ROWS_MAX,
    COLUMNS_MAX,
    EVENTS_MAX,
    EVENTS_MAX_BYTES,
    SAMPLES_MAX,
    SAMPLES_MAX_BYTES,
    STROKES_MAX,
    STROKES_MAX_BYTES,
)
from glowtool.store.journal.salvage import is_flat
from glowtool.store.names import EVENTS_FILE, SAMPLES_FILE, STROKES_FILE
from glowtool.store.regular import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

#: What the footer of a file may hold, in bytes of a text and in entries of a list.
_FOOTER_TEXT_MAX: Final = 1 << 20
_FOOTER_LIST_MAX: Final = 1 << 14
_ROW_GROUPS_MAX: Final = 4096

_BACKUP: Final = "restore it from a backup"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a file, in rows, and in bytes both on disk and unpacked."""

    rows: int
    size: int


BOUNDS: Final = {
    SAMPLES_FILE: Bounds(SAMPLES_MAX, SAMPLES_MAX_BYTES),
    STROKES_FILE: Bounds(STROKES_MAX, STROKES_MAX_BYTES),
    EVENTS_FILE: Bounds(EVENTS_MAX, EVENTS_MAX_BYTES),
}


def bounds_of(name: str) -> Bounds:
    """Return the bounds of a file of a log; for a file that this glowtool does not know, those of the largest."""
    return BOUNDS.get(name, BOUNDS[SAMPLES_FILE])


def read_columns(path: Path) -> pa.Schema:
    """Return the columns of a file; raises `LogDamagedError` or `StoreError`."""
    with _open(path) as file:
        return _plain_schema(file)


def read_table(path: Path, names: list[str] | None = None) -> pa.Table:
    """Return a file's columns, all of them when none is named; raises `LogDamagedError` or `StoreError`."""
    batches = list(read_batches(path, names))
    with _open(path) as file:
        schema = _plain_schema(file)
    wanted = schema if names is None else pa.schema([schema.field(name) for name in names])
    return pa.Table.from_batches([batch.select(wanted.names) for batch in batches], schema=wanted)


def read_batches(path: Path, names: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield a file's columns in small pieces; raises `LogDamagedError` or `StoreError`."""
    bounds = bounds_of(path.name)
    rows = size = 0
    with _open(path) as file:
        for batch in file.iter_batches(BATCH_ROWS_MAX, columns=names, use_threads=False):
            rows += len(batch)
            size += sum(map(_unpacked_size, batch.columns))
            if rows > bounds.rows or size > bounds.size:
                raise LogDamagedError(f"{path} unpacks to more than a log can hold", advice=_BACKUP)
            if any(column.null_count for column in batch.columns):
                raise LogDamagedError(f"{path} has values that are missing", advice=_BACKUP)
            yield pa.record_batch(list(map(_plain, batch.columns)), names=batch.schema.names)


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table, synced, in place of an existing file; raises `OSError`."""
    encodings = {name: found for name in table.column_names if (found := _encoding(table.column(name))) is not None}
    others = [name for name in table.column_names if name not in encodings]
    write_atomic(
        path,
        lambda stream: pq.write_table(
            table, stream, compression="zstd", row_group_size=BATCH_ROWS_MAX, write_page_checksum=True,
            use_dictionary=others, column_encoding=encodings or None,
        ),
    )  # fmt: skip


def _encoding(column: pa.ChunkedArray) -> str | None:
    """Return how a column is packed: differences of what counts on, the bytes of numbers that rarely repeat apart.

    None is a dictionary: of readings of a sensor there are few different ones, as counts and in their units.
    """
    if pa.types.is_signed_integer(column.type):
        return "DELTA_BINARY_PACKED"
    if pa.types.is_float64(column.type) and pc.count_distinct(column).as_py() > len(column) // 4:
        return "BYTE_STREAM_SPLIT"
    return None


def is_same(path: Path, table: pa.Table) -> bool:
    """Tell whether a file on disk, read piece by piece, holds exactly the columns and rows of a table."""
    at = 0
    for batch in read_batches(path):
        if not _equal(pa.Table.from_batches([batch]), table.slice(at, len(batch))):
            return False
        at += len(batch)
    return at == len(table) and read_columns(path).equals(table.schema)


def _equal(one: pa.Table, other: pa.Table) -> bool:
    """Compare value by value; NaN equals NaN."""
    if one.schema != other.schema or len(one) != len(other):
        return False
    return all(_bits(left).equals(_bits(right)) for left, right in zip(one.columns, other.columns, strict=True))


def _bits(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return floating-point numbers as the integers with the same bits."""
    if not pa.types.is_floating(column.type):
        return column
    whole = pa.int64() if column.type.bit_width == 64 else pa.int32()
    return pa.chunked_array([chunk.view(whole) for chunk in column.chunks], type=whole)


def _unpacked_size(column: pa.Array) -> int:
    """Return the size of a column in bytes once each row has its own text."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary)
    return int(pc.sum(pc.take(lengths, column.indices)).as_py() or 0) + 4 * len(column)


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _plain_schema(file: pq.ParquetFile) -> pa.Schema:
    """Return a file's columns as they are once texts are unpacked."""
    plain = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in file.schema_arrow
    ]
    return pa.schema([pa.field(field.name, field.type) for field in plain])


@contextmanager
def _open(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a file whose footer keeps to the bounds; an error names the file."""
    bounds = bounds_of(path.name)
    try:
        with storing(f"read {path}"), open_regular(path, bounds.size) as stream:
            content = _arrow_memory(stream)
            file = _file(content, [])
            if file.metadata.num_columns > COLUMNS_MAX:
                raise LogDamagedError(f"{path} has {file.metadata.num_columns} columns", advice=_BACKUP)
            # Texts stay as they are packed, each different one once, until it is known how much they unpack to.
            texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
            if texts:
                file = _file(content, texts)
            _check(path, file, bounds)
            yield file
    except StoreError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno is None:  # Arrow raises these when the content is at fault
            raise LogDamagedError(f"{path} cannot be read as Parquet: {cause}", advice=_BACKUP) from error
        raise
    except (pa.ArrowException, UnicodeDecodeError, OverflowError) as error:
        raise LogDamagedError(f"{path} cannot be read as Parquet: {error}", advice=_BACKUP) from error


def _arrow_memory(stream: BinaryIO) -> pa.Buffer:
    """Return a file's content in memory that Arrow owns.

    Arrow's threads may let go of what they have read when Python is ending already. Were it a piece of a Python file,
    they would wait for Python, and the process would abort: one reading command in twenty did, on a busy machine.
    """
    content = pa.allocate_buffer(os.fstat(stream.fileno()).st_size)
    filled = stream.readinto(memoryview(content))  # type: ignore[attr-defined]  # typeshed's BinaryIO lacks it
    return content.slice(0, filled)


def _file(content: pa.Buffer, packed: list[str]) -> pq.ParquetFile:
    return pq.ParquetFile(
        pa.BufferReader(content),
        read_dictionary=packed,
        thrift_string_size_limit=_FOOTER_TEXT_MAX,
        thrift_container_size_limit=_FOOTER_LIST_MAX,
        page_checksum_verification=True,
    )


def _check(path: Path, file: pq.ParquetFile, bounds: Bounds) -> None:
    metadata = file.metadata
    if not 0 <= metadata.num_rows <= bounds.rows:
        raise LogDamagedError(
            f"{path} claims {metadata.num_rows} rows, but at most {bounds.rows} are read", advice=_BACKUP
        )
    if metadata.num_row_groups > _ROW_GROUPS_MAX or not is_flat(_plain_schema(file)):
        raise LogDamagedError(f"{path} has columns that no log has", advice=_BACKUP)
    size = sum(max(0, metadata.row_group(at).total_byte_size) for at in range(metadata.num_row_groups))
    if size > bounds.size:
        raise LogDamagedError(f"{path} unpacks to {size} bytes, but at most {bounds.size} are read", advice=_BACKUP)
