"""The export of a routine for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.routine import compile_routine
from glowtool.routine.exports.formats import FORMATS, Exported, ExportFormat, export_routine
from glowtool.store.exports.target import write_to
from glowtool.store.routines.load import load_routine

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from glowtool.app.place import Place

__all__ = ["FORMATS", "ExportFormat", "export", "to_file", "to_stream"]


def export(place: Place, routine: str, form: ExportFormat) -> Exported:
    """Return the routine that a name, a path or a text means, as a text of this format; raises `RoutineError`."""
    loaded = load_routine(routine, place.routines_dir)
    return export_routine(loaded, compile_routine(loaded), form)


def to_stream(exported: Exported, stream: BinaryIO) -> None:
    """Write an export to an open binary stream, such as standard output."""
    stream.write(exported.text.encode())
    stream.flush()


def to_file(exported: Exported, target: Path, *, force: bool) -> None:
    """Write an export to a file that a person named; raises `InputError`, `StoreError`."""
    write_to(target, lambda stream: to_stream(exported, stream), force=force)
