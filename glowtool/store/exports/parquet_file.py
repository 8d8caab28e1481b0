"""Parquet: a table with its types, compressed as the log's own files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet

from glowtool.store.exports.tables import arrow_table

if TYPE_CHECKING:
    from typing import BinaryIO

    from glowtool.store.exports.registry import ExportTable
    from glowtool.store.logs.log import SessionLog


def write(log: SessionLog, table: ExportTable, stream: BinaryIO) -> None:
    """Write a table of a session as Parquet."""
    pyarrow.parquet.write_table(arrow_table(log, table), stream, compression="zstd")
