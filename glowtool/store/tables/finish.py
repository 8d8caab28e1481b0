"""The way from a journal to a finished log: Parquet files and a manifest, in steps that a crash cannot harm.

The order makes it safe: first the Parquet files are written and synced; then the manifest, and from then on the log
counts as finished; then both are compared with the journal, read again from the disk; then the journal is removed, or
set aside if any of it was damaged. After a crash at any point, starting again from the beginning gives the same
files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError
from glowtool.kit.storage.files import storing, sweep, sync_folder
from glowtool.store.journal.content import read_content
from glowtool.store.names import ASIDE, EVENTS_FILE, EVENTS_NAME, SAMPLES_FILE, SAMPLES_NAME, STROKES_FILE
from glowtool.store.regular import sha256_of_regular
from glowtool.store.tables.entries import ClockEntry, CountersEntry
from glowtool.store.tables.manifest import read_manifest, write_manifest
from glowtool.store.tables.parquet import bounds_of, is_same, read_table, write_table
from glowtool.store.tables.state import LogState
from glowtool.store.tables.tables import tables_of_journal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from glowtool.model.ending import Ending
    from glowtool.store.journal.journal import Checkpoint
    from glowtool.store.tables.manifest import Manifest
    from glowtool.store.tables.tables import Tables

_KEPT: Final = "the journal is kept, and `glowtool logs recover` can finish it later"


def finish(folder: Path, ending: Ending, ended_utc: datetime, checkpoint: Checkpoint) -> Manifest:
    """Turn a closed journal into Parquet and return the manifest; it may be repeated after a crash at any point.

    Step spans come from the events of kind "step" (data `{"index": n}`, −1 for none) and "stop". Raises `StoreError`
    when the disk does not take the files; the journal is kept then.
    """
    manifest = read_manifest(folder)
    if manifest.state is LogState.RECORDING:
        tables = tables_of_journal(folder, manifest)
        closing = {
            "state": LogState.FINISHED,
            "ending": ending,
            "ended_utc": ended_utc,
            "counters": CountersEntry.from_counters(checkpoint.counters),
            "clock": None if checkpoint.clock is None else ClockEntry.from_model(checkpoint.clock),
            "damage": tables.damage,
        }
        return seal(folder, manifest.model_copy(update=closing), tables)
    return seal(folder, manifest, None)


def seal(folder: Path, manifest: Manifest, tables: Tables | None) -> Manifest:
    """Write a log's tables and its manifest, then remove the journal; without tables, do only the rest."""
    with storing(f"finish the log in {folder}", kept=_KEPT):
        sweep(folder)
        if tables is not None:
            files = _files(tables)
            for name, table in files.items():
                write_table(folder / name, table)
            hashes = {name: sha256_of_regular(folder / name, bounds_of(name).size) for name in files}
            written = {"steps": tables.steps, "cells": tables.cells, "sha256": hashes}
            manifest = write_manifest(folder, manifest.model_copy(update=written))
        verify_files(folder, manifest)
        if any((folder / name).exists() for name in (SAMPLES_NAME, EVENTS_NAME)):
            _put_away(folder, manifest)
    return manifest


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Check the files against the manifest; raises `LogDamagedError` that names the first one that differs."""
    for name, expected in manifest.sha256.items():
        path = folder / name
        with storing(f"read {path}"):
            try:
                found = sha256_of_regular(path, bounds_of(name).size)
            except FileNotFoundError as error:
                raise LogDamagedError(
                    f"{path} is missing, though the manifest lists it", advice="restore it from a backup"
                ) from error
        if found != expected:
            raise LogDamagedError(
                f"{path} is damaged: its SHA-256 is {found}, but the manifest says {expected}",
                advice="restore it from a backup",
            )


def _put_away(folder: Path, manifest: Manifest) -> None:
    """Remove the journal of a log that holds all of its content; set aside a journal with any other content.

    The samples are removed last: while they exist, everything can be compared.
    """
    whole = manifest.damage is None and _holds_journal(folder, manifest)
    for name in (EVENTS_NAME, SAMPLES_NAME):
        path = folder / name
        if whole:
            path.unlink(missing_ok=True)
        elif path.exists():
            path.replace(folder / f"{ASIDE}{name}")
    sync_folder(folder)


def _holds_journal(folder: Path, manifest: Manifest) -> bool:
    """Tell whether the Parquet files equal the tables of the journal as read from the disk."""
    if not (folder / EVENTS_NAME).exists():  # a crash came between the two removals, after the comparison
        return _has_samples(folder, manifest)
    tables = tables_of_journal(folder, manifest)
    return tables.damage is None and all(is_same(folder / name, table) for name, table in _files(tables).items())


def _has_samples(folder: Path, manifest: Manifest) -> bool:
    """Tell whether the remaining samples of a journal are those of the Parquet file."""
    left = read_content(folder, manifest).samples
    names = ["sample", "device_time_us"]
    if left.bad_bytes or not set(names) <= set(left.schema.names):
        return False
    return bool(left.table().select(names).equals(read_table(folder / SAMPLES_FILE, names)))


def _files(tables: Tables) -> dict[str, pa.Table]:
    return {SAMPLES_FILE: tables.samples, STROKES_FILE: tables.strokes, EVENTS_FILE: tables.events}
