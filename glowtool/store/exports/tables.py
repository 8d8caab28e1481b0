"""A log's tables for other programs: CSV or Parquet, to a file or a stream."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import pyarrow.csv
import pyarrow.parquet

from glowtool.store.exports.target import write_to

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    import pyarrow as pa

    from glowtool.store.log import SessionLog


class ExportFormat(enum.StrEnum):
    """The file format of an export."""

    CSV = "csv"
    PARQUET = "parquet"


class ExportTable(enum.StrEnum):
    """The table to export."""

    SAMPLES = "samples"
    STROKES = "strokes"
    EVENTS = "events"


def export_to_stream(log: SessionLog, table: ExportTable, form: ExportFormat, stream: BinaryIO) -> None:
    """Write one table to an open binary stream, such as standard output."""
    content = _table(log, table)
    if form is ExportFormat.CSV:
        pyarrow.csv.write_csv(content, stream)
    else:
        pyarrow.parquet.write_table(content, stream, compression="zstd")
    stream.flush()


def export_to_file(log: SessionLog, table: ExportTable, form: ExportFormat, path: Path, *, force: bool = False) -> None:
    """Write one table to what a person named: a new file, a pipe, a device; raises `InputError` and `StoreError`.

    A file that is there already is replaced only with `force`.
    """
    write_to(path, lambda stream: export_to_stream(log, table, form, stream), force=force)


def _table(log: SessionLog, table: ExportTable) -> pa.Table:
    if table is ExportTable.SAMPLES:
        return log.samples_table()
    return log.strokes_table if table is ExportTable.STROKES else log.events_table
