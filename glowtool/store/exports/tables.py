"""A log's tables as Arrow has them, for every export that writes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.store.exports.registry import ExportTable

if TYPE_CHECKING:
    import pyarrow as pa

    from glowtool.store.logs.log import SessionLog


def arrow_table(log: SessionLog, table: ExportTable) -> pa.Table:
    """Return a table of a session; raises `LogDamagedError`."""
    match table:
        case ExportTable.SAMPLES:
            return log.samples_table()
        case ExportTable.STROKES:
            return log.strokes_table
        case ExportTable.EVENTS:
            return log.events_table
