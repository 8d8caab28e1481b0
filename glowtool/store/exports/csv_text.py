"""CSV: the names of the columns, then a line for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.csv

from glowtool.store.exports.tables import arrow_table

if TYPE_CHECKING:
    from typing import BinaryIO

    from glowtool.store.exports.registry import ExportTable
    from glowtool.store.logs.log import SessionLog


def write(log: SessionLog, table: ExportTable, stream: BinaryIO) -> None:
    """Write a table of a session as CSV."""
    pyarrow.csv.write_csv(arrow_table(log, table), stream)
