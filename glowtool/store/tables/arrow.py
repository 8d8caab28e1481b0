"""The conversion between numpy columns and Arrow: schemas, batches, tables. Import it late: it loads pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pyarrow as pa

from glowtool.model.event import Event
from glowtool.store.tables.events import event_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from glowtool.model.event import Event
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


def events_of(table: pa.Table) -> tuple[tuple[Event, ...], int]:
    """Return the whole events of a table, and the number of others. Kinds of a newer version become notes."""
    events = tuple(filter(None, map(_event, table.to_pylist())))
    return events, len(table) - len(events)


def _event(row: dict[str, object]) -> Event | None:
    try:
        return event_of(row["device_time_us"], row["kind"], row["data"])
    except (KeyError, ValueError, TypeError):
        return None


def arrays_of(table: pa.Table) -> Columns:
    """Return a table's columns as numpy arrays, text as numpy text."""
    return {name: _array(table.column(name)) for name in table.column_names}


def arrays_of_batch(batch: pa.RecordBatch) -> Columns:
    """Return a batch's columns as numpy arrays."""
    return {name: column.to_numpy(zero_copy_only=False) for name, column in zip(batch.schema.names, batch, strict=True)}


def _numeric(dtype: str) -> pa.DataType:
    return pa.from_numpy_dtype(np.dtype(dtype))


def _array(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
    """Return a column as numpy has it. Arrow's own `to_numpy` loads pandas wherever that is installed."""
    if pa.types.is_string(column.type):
        return np.array(column.to_pylist(), np.str_)
    kind = column.type
    known = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    if column.null_count or not known:
        return cast("np.ndarray[tuple[int], np.dtype[np.generic]]", column.to_numpy())
    dtype = np.dtype(kind.to_pandas_dtype())
    return np.concatenate([np.empty(0, dtype), *(_values(chunk, dtype) for chunk in column.chunks if len(chunk))])


def _values(chunk: pa.Array, dtype: np.dtype[np.generic]) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
    """Return the values of an array without nulls; truth values are bits in it, the lowest first."""
    _, held = chunk.buffers()
    if dtype == np.bool_:
        bits = np.unpackbits(np.frombuffer(held, np.uint8), bitorder="little")
        return bits[chunk.offset :][: len(chunk)].astype(np.bool_)
    return np.frombuffer(held, dtype, len(chunk), chunk.offset * dtype.itemsize)
