"""CSV: the names of the columns, then a line for each row; with a decimal comma, semicolons between the columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from glowtool.store.exports.registry import Decimal
from glowtool.store.exports.tables import times_as_text

if TYPE_CHECKING:
    from typing import BinaryIO

    from glowtool.store.exports.registry import Advance, Style

#: So many rows at a time that a person sees it go on.
_ROWS: Final = 16_384
_SPECIAL: Final = '[";,\r\n]'


def write(table: pa.Table, stream: BinaryIO, style: Style, advance: Advance) -> None:
    """Write a table as CSV."""
    comma = style.decimal is Decimal.COMMA
    schema = _styled(table.slice(0, 0), comma=comma).schema
    options = pyarrow.csv.WriteOptions(
        delimiter=";" if comma else ",", quoting_style="none" if comma and _is_bare(table) else "needed"
    )
    with pyarrow.csv.CSVWriter(stream, schema, write_options=options) as writer:
        for at in range(0, len(table), _ROWS):
            writer.write_table(_styled(table.slice(at, _ROWS), comma=comma))
            advance(min(at + _ROWS, len(table)) / len(table))


def _is_bare(table: pa.Table) -> bool:
    """Return whether no text needs quotes: numbers with a comma are text for the writer, and stay without any."""
    texts = [column for column in table.columns if pa.types.is_string(column.type)]
    return not any(pc.any(pc.match_substring_regex(column, _SPECIAL)).as_py() for column in texts)


def _styled(table: pa.Table, *, comma: bool) -> pa.Table:
    table = times_as_text(table)
    for at, field in enumerate(table.schema):
        if comma and pa.types.is_floating(field.type):
            text = pc.replace_substring(pc.cast(table.column(at), pa.string()), ".", ",")
            table = table.set_column(at, field.name, text)
    return table
