"""A log's tables as Arrow has them, for every export that writes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from glowtool.store.exports.registry import ExportTable
from glowtool.store.tables.checkpoints import model_of

if TYPE_CHECKING:
    from glowtool.store.logs.log import SessionLog
    from glowtool.store.tables.manifest import Manifest

#: The column of times in the time zone that a person asked for.
TIME: Final = "time"

_DEVICE_TIMES: Final = ("device_time_us", "start_us")


def arrow_table(log: SessionLog, table: ExportTable, zone: str | None = None) -> pa.Table:
    """Return a table of a session, with a `time` column in front where a time zone is asked for.

    Raises `LogDamagedError`.
    """
    found = _table(log, table)
    return found if zone is None else _timed(found, log.manifest, zone)


def _table(log: SessionLog, table: ExportTable) -> pa.Table:
    match table:
        case ExportTable.SAMPLES:
            return log.samples_table()
        case ExportTable.STROKES:
            return log.strokes_table
        case ExportTable.EVENTS:
            return log.events_table


def _timed(table: pa.Table, manifest: Manifest, zone: str) -> pa.Table:
    """Put the time of each row before it; a log whose clock is not known has none."""
    unix_us = _unix_us(table, manifest)
    times = pc.cast(unix_us, pa.timestamp("us")).cast(pa.timestamp("us", zone))
    return table.add_column(0, TIME, times)


def _unix_us(table: pa.Table, manifest: Manifest) -> pa.ChunkedArray | pa.Array:
    if "host_time_us" in table.column_names:
        return pc.cast(table.column("host_time_us"), pa.int64())
    device = next((name for name in _DEVICE_TIMES if name in table.column_names), None)
    if device is None or manifest.clock is None:
        return pa.nulls(len(table), pa.int64())
    return pa.array(model_of(manifest.clock).host_times_us(table.column(device).to_numpy()), type=pa.int64())


def times_as_text(table: pa.Table) -> pa.Table:
    """Return a table whose times are ISO 8601 with the offset from UTC."""
    for at, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            text = pc.strftime(table.column(at), "%Y-%m-%dT%H:%M:%S%Ez")
            table = table.set_column(at, field.name, text)
    return table
