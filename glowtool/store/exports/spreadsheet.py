"""Excel: one sheet with a table. Text is text, never a formula; times are those of the time zone in their header."""

from __future__ import annotations

import io
import math
from datetime import datetime
from typing import TYPE_CHECKING, Final

import openpyxl
import pyarrow as pa
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Font

from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from typing import BinaryIO

    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from glowtool.store.exports.registry import Advance, Style

_ROWS: Final = 1000
_TEXT_MAX: Final = 32_767  # of one cell


def write(table: pa.Table, stream: BinaryIO, _style: Style, advance: Advance) -> None:
    """Write a table as an Excel file."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("glowtool")
    sheet.freeze_panes = "A2"
    heads = [_cell(sheet, _header(field)) for field in table.schema]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for at in range(0, len(table), _ROWS):
        piece = table.slice(at, _ROWS)
        for row in zip(*(column.to_pylist() for column in piece.columns), strict=True):
            sheet.append([_cell(sheet, value) for value in row])
        advance(min(at + _ROWS, len(table)) / len(table))
    content = io.BytesIO()
    book.save(content)
    stream.write(content.getbuffer())


def _header(field: pa.Field) -> str:
    zone = field.type.tz if pa.types.is_timestamp(field.type) else None
    return f"{field.name} ({zone})" if zone else str(field.name)


def _cell(sheet: WriteOnlyWorksheet, value: str | float | datetime | None) -> Cell:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
    if isinstance(value, float) and not math.isfinite(value):
        value = None if math.isnan(value) else str(value)
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, visible(value)[:_TEXT_MAX])
    cell.data_type = "s"
    return cell
