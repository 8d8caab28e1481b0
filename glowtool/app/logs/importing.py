"""The import of another device's recording as a log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.app.place import make_private_dir
from glowtool.errors import InputError
from glowtool.kit.storage.files import storing
from glowtool.store.exports.registry import told_nobody
from glowtool.store.imports.mapping import read_mapping
from glowtool.store.imports.regular import regular_of
from glowtool.store.imports.rows import read_rows, require_file
from glowtool.store.imports.suggest import suggested
from glowtool.store.imports.write import ROUTINE, keep
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.tables.entries import ImportEntry

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.exports.registry import Advance
    from glowtool.store.tables.manifest import Manifest

__all__ = ["Imported", "import_csv", "suggested"]


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported log: its folder, its manifest, how many samples it has, and what a person should know, in words."""

    folder: Path
    manifest: Manifest
    samples: int
    told: tuple[str, ...]


def import_csv(
    place: Place,
    path: Path,
    mapping_file: Path,
    *,
    resample_hz: int | None = None,
    again: bool = False,
    advance: Advance = told_nobody,
) -> Imported:
    """Make a log of a file of text; raises `InputError` with line, column, value and what is allowed, `StoreError`.

    A file whose content was imported before is refused, unless `again`.
    """
    require_file(path)
    mapping = read_mapping(mapping_file)
    with storing(f"read {path}"):
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if not again:
        _require_new(place, path, digest)
    rows = read_rows(path, mapping)
    regular = regular_of(str(path), rows, mapping, resample_hz)
    count = len(next(iter(rows.columns.values())))
    source = ImportEntry(
        file=path.name, sha256=digest, rows=count, missing_rows=regular.missing_rows, resampled=regular.resampled
    )
    make_private_dir(place.logs_dir)
    kept = keep(place.logs_dir, mapping, regular, source, ended_utc=changed, advance=advance)
    absent = int(regular.places[-1]) + 1 - len(regular.places)
    told = []
    if mapping.session.started is None:
        told.append("The file does not say when it was recorded: it counts as having ended when the file was written.")
    if regular.missing_rows:
        told.append(f"{regular.missing_rows} rows lack a value, and count as missing.")
    if absent:
        told.append(f"{absent} samples are missing; they are gaps.")
    if regular.resampled:
        told.append(f"It was resampled to {regular.rate_hz} Hz: values between rows are on straight lines.")
    return Imported(kept.folder, kept.manifest, len(regular.places), tuple(told))


def _require_new(place: Place, path: Path, digest: str) -> None:
    for entry in list_sessions(place.logs_dir):
        if entry.facts is None or entry.facts.routine != ROUTINE:
            continue  # the catalogue knows that, so the manifest is not read
        source = None if (manifest := entry.manifest) is None else manifest.imported
        if source is not None and source.sha256 == digest:
            raise InputError(
                f"{path} was imported already, as {entry.session_id}", advice="give --again to import it once more"
            )
