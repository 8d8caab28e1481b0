"""Parquet: a table with its types, compressed as the log's own files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet

if TYPE_CHECKING:
    from typing import BinaryIO

    import pyarrow as pa

    from glowtool.store.exports.registry import Advance, Style


def write(table: pa.Table, stream: BinaryIO, _style: Style, advance: Advance) -> None:
    """Write a table as Parquet."""
    pyarrow.parquet.write_table(table, stream, compression="zstd")
    advance(1.0)
