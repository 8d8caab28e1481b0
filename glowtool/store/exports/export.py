"""An export of a session: what is written, how, and the module that does it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from glowtool.errors import InputError, MissingExtraError
from glowtool.store.exports.registry import PLAIN, ExportTable, Holds, told_nobody

if TYPE_CHECKING:
    from types import ModuleType
    from typing import BinaryIO

    import pyarrow as pa

    from glowtool.store.exports.registry import Advance, Export, Style, WriteSession, WriteTable
    from glowtool.store.logs.log import SessionLog


@dataclass(frozen=True, slots=True)
class Job:
    """What is exported, how, and who is told how far it has come; raises `MissingExtraError` before anything is done.

    A format that holds a whole session takes no notice of the table.
    """

    export: Export
    table: ExportTable = ExportTable.SAMPLES
    style: Style = PLAIN
    advance: Advance = told_nobody

    def __post_init__(self) -> None:
        _module(self.export)

    def fill(self, log: SessionLog, stream: BinaryIO) -> None:
        """Write a session to an open binary stream."""
        if self.export.holds is Holds.SESSION:
            write = cast("WriteSession", _module(self.export).write)
            write(log, stream, self.style, self.advance)
            stream.flush()
            return
        from glowtool.store.exports.tables import arrow_table  # noqa: PLC0415 - brings pyarrow

        self.fill_table(arrow_table(log, self.table, self.style.zone), stream)

    def fill_table(self, table: pa.Table, stream: BinaryIO) -> None:
        """Write a table that is there already; raises `InputError` for one that is too long for the format."""
        most = self.export.most_rows
        if most is not None and len(table) > most:
            raise InputError(
                f"the table has {len(table)} rows, but an {self.export.title} file takes {most} at most",
                advice="export it as csv, which every spreadsheet opens",
            )
        write = cast("WriteTable", _module(self.export).write)
        write(table, stream, self.style, self.advance)
        stream.flush()


def _module(export: Export) -> ModuleType:
    try:
        return importlib.import_module(f"{__package__}.{export.module}")
    except ImportError as error:
        if not export.extra:
            raise  # a library that always comes along: a defect, and not for a person to mend
        raise MissingExtraError(
            f"an export as {export.title} needs a library that is not installed ({error})",
            advice=f"`pip install 'glowtool[{export.extra}]'`",
        ) from error
