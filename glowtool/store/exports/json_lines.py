"""JSON Lines: a JSON object for each row. NaN is null; an infinite number is 1e999, which readers take for infinite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from glowtool.store.exports.tables import times_as_text

if TYPE_CHECKING:
    from typing import BinaryIO

    from glowtool.store.exports.registry import Advance, Style

_ROWS: Final = 8192

#: The column whose text is JSON: it becomes an object in the object of its row.
_OBJECT: Final = "data"


def write(table: pa.Table, stream: BinaryIO, _style: Style, advance: Advance) -> None:
    """Write a table as JSON Lines."""
    for at in range(0, len(table), _ROWS):
        stream.write(_lines(times_as_text(table.slice(at, _ROWS))))
        advance(min(at + _ROWS, len(table)) / len(table))


def _lines(table: pa.Table) -> bytes:
    """Return the lines of some rows: whole columns become text, then whole rows."""
    pieces: list[pa.Array | pa.ChunkedArray | str] = []
    for at, name in enumerate(table.column_names):
        pieces.append(f"{'{' if at == 0 else ', '}{json.dumps(name)}: ")
        pieces.append(_texts(name, table.column(at)))
    rows = pc.binary_join_element_wise(*pieces, "}\n", "", null_handling="replace", null_replacement="null")
    return "".join(rows.to_pylist()).encode(errors="replace")


def _texts(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    if pa.types.is_string(column.type):
        texts = column.to_pylist()
        return pa.array([_json(text, is_object=name == _OBJECT) for text in texts], type=pa.string())
    text = pc.cast(column, pa.string())
    if not pa.types.is_floating(column.type):
        return text
    for strange, written in (("nan", "null"), ("inf", "1e999"), ("-inf", "-1e999")):
        text = pc.if_else(pc.equal(text, strange), written, text)
    return text


def _json(text: str | None, *, is_object: bool) -> str:
    if text is not None and is_object and _is_object(text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _is_object(text: str) -> bool:
    """Return whether a text is one JSON object on one line; the text of a damaged event may be anything."""
    try:
        return isinstance(json.loads(text), dict) and "\n" not in text
    except (ValueError, RecursionError):
        return False
