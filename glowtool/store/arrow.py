"""Between numpy columns and Arrow: schemas, batches, streams that may be cut off. Import it late: it loads pyarrow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pyarrow as pa

from glowtool.errors import LogDamagedError
from glowtool.store.events import Event, EventKind
from glowtool.store.files import storing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from glowtool.stream.block import Columns
    from glowtool.stream.columns import Column

EVENTS_SCHEMA: Final = pa.schema([("device_time_us", pa.int64()), ("kind", pa.string()), ("data", pa.string())])


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    """Return the Arrow schema of declared columns."""
    return pa.schema([(item.name, pa.string() if item.dtype == "string" else _numeric(item.dtype)) for item in columns])


def schema_of_arrays(columns: Columns) -> pa.Schema:
    """Return the Arrow schema of numpy columns."""
    return pa.schema([(name, pa.from_numpy_dtype(values.dtype)) for name, values in columns.items()])


def table_of(columns: Columns, schema: pa.Schema) -> pa.Table:
    """Return a table of numpy columns in the order of a schema."""
    return pa.table([pa.array(columns[field.name], type=field.type) for field in schema], schema=schema)


def batch_of(pieces: Sequence[Columns], schema: pa.Schema) -> pa.RecordBatch:
    """Return one batch of consecutive pieces of the same columns."""
    arrays = [pa.array(np.concatenate([piece[name] for piece in pieces])) for name in schema.names]
    return pa.record_batch(arrays, schema=schema)


def message_of(item: pa.Schema | pa.RecordBatch) -> bytes:
    """Return a schema or a batch as one message of an Arrow IPC stream; a stream is nothing but these in a row."""
    return cast("bytes", item.serialize().to_pybytes())


def events_table(events: Sequence[Event]) -> pa.Table:
    """Return events as a table."""
    return pa.Table.from_batches([events_batch(events)])


def events_batch(events: Sequence[Event]) -> pa.RecordBatch:
    """Return events as one batch."""
    columns = (
        [event.device_time_us for event in events],
        [event.kind.value for event in events],
        [event.data_json() for event in events],
    )
    return pa.record_batch(list(map(pa.array, columns, EVENTS_SCHEMA.types)), schema=EVENTS_SCHEMA)


def events_of(table: pa.Table, path: Path) -> tuple[Event, ...]:
    """Return the events of a table; `LogDamagedError` names `path`. Kinds of a newer version become notes."""
    known = {kind.value for kind in EventKind}
    events = []
    for row in table.to_pylist():
        kind, data = row["kind"], json.loads(row["data"])
        if not isinstance(data, dict):
            raise LogDamagedError(f"{path}: the data of an event is not a JSON object but {row['data']!r}")
        if kind not in known:
            kind, data = EventKind.NOTE.value, {"kind": kind, **data}
        events.append(Event(row["device_time_us"], EventKind(kind), data))
    return tuple(events)


def arrays_of(table: pa.Table) -> Columns:
    """Return a table's columns as numpy arrays, text as numpy text."""
    return {name: _array(table.column(name)) for name in table.column_names}


def read_stream(path: Path, schema: pa.Schema) -> pa.Table:
    """Return every whole record batch of an Arrow IPC stream, whatever follows; raises `StoreError`.

    A stream that was cut off in the middle of a message, or whose end never reached the disk, gives what comes before;
    one without as much as a schema gives an empty table of `schema`.
    """
    with storing(f"read {path}"):
        data = path.read_bytes() if path.exists() else b""
    try:
        reader = pa.ipc.open_stream(data)
    except (pa.ArrowInvalid, OSError):
        return schema.empty_table()
    return pa.Table.from_batches(list(_whole_batches(reader)), schema=reader.schema)


def _whole_batches(reader: pa.RecordBatchStreamReader) -> Iterable[pa.RecordBatch]:
    while True:
        try:
            batch = reader.read_next_batch()
            batch.validate(full=True)
        except (StopIteration, pa.ArrowException, OSError):
            return
        yield batch


def _numeric(dtype: str) -> pa.DataType:
    return pa.from_numpy_dtype(np.dtype(dtype))


def _array(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
    values = column.to_numpy()
    if pa.types.is_string(column.type):
        values = values.astype(np.str_)
    return cast("np.ndarray[tuple[int], np.dtype[np.generic]]", values)
