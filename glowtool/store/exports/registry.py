"""The exports of a log: one row for each, read by the command, by its help and by the documentation.

A further export is a module beside this one, with a function `write` as `WriteTable` or `WriteSession` describes it,
and a row here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    import pyarrow as pa

    from glowtool.store.logs.log import SessionLog

    #: Takes the share of the work that is done, from 0 to 1.
    Advance = Callable[[float], object]


class ExportTable(enum.StrEnum):
    """The table to export."""

    SAMPLES = "samples"
    STROKES = "strokes"
    EVENTS = "events"


class Holds(enum.Enum):
    """What a file of a format holds: one table, or a whole session with samples, strokes, events and gaps."""

    TABLE = enum.auto()
    SESSION = enum.auto()


class Wish(enum.StrEnum):
    """What a person may ask of a format, by the name of the option."""

    DECIMAL = "decimal"
    TIMEZONE = "timezone"


class Decimal(enum.StrEnum):
    """The sign between whole and tenths. With a comma, a semicolon separates the columns."""

    POINT = "."
    COMMA = ","


def told_nobody(_share: float) -> None:
    """Take the share of the work that is done, and tell nobody."""


@dataclass(frozen=True, slots=True)
class Style:
    """How values are written: the sign for decimals, and the IANA name of the time zone for a column of times."""

    decimal: Decimal = Decimal.POINT
    zone: str | None = None


PLAIN: Final = Style()


class WriteTable(Protocol):
    """What the module of an export that holds one table has under the name `write`."""

    def __call__(self, table: pa.Table, stream: BinaryIO, style: Style, advance: Advance, /) -> None:
        """Write a table to an open binary stream."""
        ...


class WriteSession(Protocol):
    """What the module of an export that holds a whole session has under the name `write`."""

    def __call__(self, log: SessionLog, stream: BinaryIO, style: Style, advance: Advance, /) -> None:
        """Write a session to an open binary stream."""
        ...


@dataclass(frozen=True, slots=True)
class Export:
    """One export: its name for the command, its title, what it writes, and the module that writes it.

    `is_text`: a terminal can show it. `extra` is glowtool's optional dependency that it needs, empty for none. The
    module is named and not imported, so that a list of exports loads no library. `suffix` ends the names of its files;
    `most_rows` is what a table may have at most, None for any.
    """

    name: str
    title: str
    writes: str
    suffix: str
    is_text: bool
    module: str
    wishes: frozenset[Wish]
    holds: Holds = Holds.TABLE
    extra: str = ""
    most_rows: int | None = None


#: By name; the first is what is written when none is named.
EXPORTS: Final[Mapping[str, Export]] = {
    row.name: row
    for row in (
        Export(
            "csv",
            "CSV",
            "text, a line for each row",
            "csv",
            is_text=True,
            module="csv_text",
            wishes=frozenset({Wish.DECIMAL, Wish.TIMEZONE}),
        ),
        Export(
            "parquet",
            "Parquet",
            "columns with their types, compressed",
            "parquet",
            is_text=False,
            module="parquet_file",
            wishes=frozenset({Wish.TIMEZONE}),
        ),
        Export(
            "json-lines",
            "JSON Lines",
            "a JSON object for each row",
            "jsonl",
            is_text=True,
            module="json_lines",
            wishes=frozenset({Wish.TIMEZONE}),
        ),
        Export(
            "xlsx",
            "Excel",
            "a sheet, for tables of up to 100 000 rows",
            "xlsx",
            is_text=False,
            module="spreadsheet",
            wishes=frozenset({Wish.TIMEZONE}),
            extra="spreadsheet",
            most_rows=100_000,
        ),
        Export(
            "edf",
            "EDF+",
            "signals and annotations of a whole session",
            "edf",
            is_text=False,
            module="edf",
            wishes=frozenset({Wish.TIMEZONE}),
            holds=Holds.SESSION,
            extra="edf",
        ),
        Export(
            "hdf5",
            "HDF5",
            "all tables of a session, with units",
            "h5",
            is_text=False,
            module="hdf5",
            wishes=frozenset(),
            holds=Holds.SESSION,
            extra="hdf5",
        ),
        Export(
            "xdf",
            "XDF",
            "streams of a whole session, for LSL tools",
            "xdf",
            is_text=False,
            module="xdf",
            wishes=frozenset(),
            holds=Holds.SESSION,
        ),
    )
}
