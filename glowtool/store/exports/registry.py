"""The exports of a log: one row for each, read by the command, by its help and by the documentation.

A further export is a module beside this one, with a function `write` as `Write` describes it, and a row here.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from glowtool.store.logs.log import SessionLog


class ExportTable(enum.StrEnum):
    """The table to export."""

    SAMPLES = "samples"
    STROKES = "strokes"
    EVENTS = "events"


class Write(Protocol):
    """What an export's module has under the name `write`."""

    def __call__(self, log: SessionLog, table: ExportTable, stream: BinaryIO, /) -> None:
        """Write a table of a session to an open binary stream."""
        ...


@dataclass(frozen=True, slots=True)
class Export:
    """One export: its name for the command, its title, what it writes, and the module that writes it.

    `is_text`: a terminal can show it. `extra` is glowtool's optional dependency that it needs, empty for none. The
    module is named and not imported, so that a list of exports loads no library.
    """

    name: str
    title: str
    writes: str
    is_text: bool
    module: str
    extra: str = ""


#: By name; the first is what is written when none is named.
EXPORTS: Final[Mapping[str, Export]] = {
    row.name: row
    for row in (
        Export("csv", "CSV", "text, a line for each row", is_text=True, module="csv_text"),
        Export("parquet", "Parquet", "columns with their types, compressed", is_text=False, module="parquet_file"),
    )
}
