"""A log's tables for other programs: CSV or Parquet, to a file or a stream."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import pyarrow.csv
import pyarrow.parquet

from glowtool.store.files import make_folder, storing, write_atomic

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    import pyarrow as pa

    from glowtool.store.log import SessionLog


class ExportFormat(enum.StrEnum):
    """What an export is written as."""

    CSV = "csv"
    PARQUET = "parquet"


class ExportTable(enum.StrEnum):
    """Which table is exported."""

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


def export_to_file(log: SessionLog, table: ExportTable, form: ExportFormat, path: Path) -> None:
    """Write one table to a file, which appears as a whole or not at all; mode 0600; raises `StoreError`."""
    with storing(f"write {path}"):
        make_folder(path.parent)
        write_atomic(path, lambda stream: export_to_stream(log, table, form, stream))


def _table(log: SessionLog, table: ExportTable) -> pa.Table:
    if table is ExportTable.SAMPLES:
        return log.samples_table()
    return log.strokes_table if table is ExportTable.STROKES else log.events_table
