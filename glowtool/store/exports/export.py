"""An export of a session, to a stream or to what a person named."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from glowtool.errors import MissingExtraError
from glowtool.store.exports.target import write_to

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from glowtool.store.exports.registry import Export, ExportTable, Write
    from glowtool.store.logs.log import SessionLog


def export_to_stream(log: SessionLog, table: ExportTable, export: Export, stream: BinaryIO) -> None:
    """Write one table to an open binary stream, such as standard output; raises `MissingExtraError`."""
    _writer(export)(log, table, stream)
    stream.flush()


def export_to_file(log: SessionLog, table: ExportTable, export: Export, path: Path, *, force: bool = False) -> None:
    """Write one table to what a person named: a new file, a pipe, a device; raises `InputError` and `StoreError`.

    A file that is there already is replaced only with `force`. Raises `MissingExtraError` before anything is written.
    """
    write = _writer(export)

    def fill(stream: BinaryIO) -> None:
        write(log, table, stream)
        stream.flush()

    write_to(path, fill, force=force)


def _writer(export: Export) -> Write:
    try:
        module = importlib.import_module(f"{__package__}.{export.module}")
    except ImportError as error:
        if not export.extra:
            raise  # a library that always comes along: a defect, and not for a person to mend
        raise MissingExtraError(
            f"an export as {export.title} needs a library that is not installed ({error})",
            advice=f"`pip install 'glowtool[{export.extra}]'`",
        ) from error
    write: Write = module.write
    return write
