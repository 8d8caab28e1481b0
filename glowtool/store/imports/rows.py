"""The rows of a file of text as numbers; what is no number is named by its line and column."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from glowtool.errors import InputError
from glowtool.kit.storage.files import storing
from glowtool.store.bounds import SAMPLES_MAX

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.imports.mapping import FileFacts, Mapping
    from glowtool.stream.block import FloatArray

MOST_BYTES: Final = 1 << 30
#: Texts that say that nothing was measured.
NOTHING: Final = ("", "nan", "na", "n/a", "null", "none", "-")


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of a file by name, NaN where nothing stands; the line of the first row."""

    columns: dict[str, FloatArray]
    first_line: int

    def line(self, row: int) -> int:
        """Return the line of a row, from 1."""
        return self.first_line + row


def read_rows(path: Path, mapping: Mapping) -> Rows:
    """Return the columns that a mapping names; raises `InputError` with line, column, value and what is allowed."""
    wanted = [channel.column for channel in mapping.channels]
    if mapping.time.column is not None:
        wanted.insert(0, mapping.time.column)
    table = _table(path, mapping.file)
    if not len(table):
        raise InputError(f"{path} has no rows after its {mapping.file.header_lines} header lines")
    if len(table) > SAMPLES_MAX:
        raise InputError(f"{path} has {len(table)} rows; allowed: {SAMPLES_MAX}", advice="use several shorter files")
    unknown = [name for name in wanted if name not in table.column_names]
    if unknown:
        raise InputError(
            f"{path} has no column {unknown[0]!r}; it has {', '.join(map(repr, table.column_names))}",
            advice="name one of them in the mapping, or check its separator and header_lines",
        )
    first_line = mapping.file.header_lines + 1
    columns = {name: _numbers(path, name, table.column(name), mapping.file, first_line) for name in set(wanted)}
    return Rows(columns, first_line)


def require_file(path: Path) -> None:
    """Refuse what is no regular file, which might have no end, and one that is too long; raises `InputError`."""
    with storing(f"read {path}"):
        found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path} is not a regular file", advice="name a file of text")
    if found.st_size > MOST_BYTES:
        raise InputError(f"{path} has {found.st_size} bytes; allowed: {MOST_BYTES}", advice="use several shorter files")


def _table(path: Path, facts: FileFacts) -> pa.Table:
    """Return the file as columns of text; without a header they are called 1, 2, 3."""
    bad: list[pyarrow.csv.InvalidRow] = []

    def note(row: pyarrow.csv.InvalidRow) -> str:
        bad.append(row)
        return "error"

    with storing(f"read {path}"):
        try:
            names = _names(path, facts)
            with path.open("rb") as stream:
                return pyarrow.csv.read_csv(
                    stream,
                    read_options=pyarrow.csv.ReadOptions(
                        use_threads=False, skip_rows=facts.header_lines, column_names=names, encoding=facts.encoding
                    ),
                    parse_options=pyarrow.csv.ParseOptions(
                        delimiter=facts.separator, ignore_empty_lines=False, invalid_row_handler=note
                    ),
                    convert_options=pyarrow.csv.ConvertOptions(
                        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                    ),
                )
        except (pa.ArrowException, ValueError, LookupError) as error:
            if bad:
                # The reader counts lines from 1, also those that it skipped.
                where = "" if bad[0].number is None else f" line {bad[0].number}:"
                raise InputError(
                    f"{path}:{where} {bad[0].actual_columns} columns in {bad[0].text[:80]!r}; "
                    f"allowed: {bad[0].expected_columns}, as in its header",
                    advice="check the separator in the mapping",
                ) from error
            raise InputError(
                f"{path} cannot be read as {facts.encoding} with {facts.separator!r} between columns: {error}",
                advice="check encoding and separator in the mapping",
            ) from error


def _names(path: Path, facts: FileFacts) -> list[str]:
    """Return the names of the columns: the last line of the header, or numbers where there is none."""
    with path.open(encoding=facts.encoding, newline=None) as stream:
        lines = [stream.readline(1 << 16) for _ in range(max(facts.header_lines, 1))]
    cells = [cell.strip().strip('"').lstrip("\ufeff") for cell in lines[-1].rstrip("\r\n").split(facts.separator)]
    names = cells if facts.header_lines else [str(at) for at in range(1, len(cells) + 1)]
    return [name if names.count(name) == 1 and name else f"{name}#{at}" for at, name in enumerate(names, 1)]


def _numbers(path: Path, name: str, column: pa.ChunkedArray, facts: FileFacts, first_line: int) -> FloatArray:
    text = pc.utf8_trim_whitespace(column)
    empty = pc.is_in(pc.utf8_lower(text), pa.array(NOTHING))
    text = pc.if_else(empty, pa.scalar(None, pa.string()), text)
    if facts.decimal == ",":
        text = pc.replace_substring(text, ",", ".")
    try:
        values: FloatArray = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        row, value = next(
            (at, found) for at, found in enumerate(column.to_pylist()) if not _is_number(found, facts.decimal)
        )
        raise InputError(
            f"{path}: line {first_line + row}, column {name!r}: {value[:40]!r} is not a number; "
            f"allowed: a number with a decimal {facts.decimal!r}, or nothing",
            advice="check decimal and header_lines in the mapping",
        ) from error
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise InputError(f"{path}: line {first_line + int(infinite[0])}, column {name!r}: it is infinite")
    return values


def _is_number(text: str, decimal: str) -> bool:
    text = text.strip()
    if text.lower() in NOTHING:
        return True
    try:
        float(text.replace(decimal, "."))
    except ValueError:
        return False
    return "_" not in text
