"""From journal to finished log: Parquet files and a manifest, in steps that a crash cannot harm.

The order is what makes it safe: Parquet files written, synced and read back; then the manifest, which is the moment at
which the log counts as finished; then the journal removed. Whatever step a crash comes before, starting again from the
beginning gives the same files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow.parquet as pq

from glowtool.errors import LogDamagedError
from glowtool.store.arrow import arrays_of
from glowtool.store.files import sha256_of, storing, sweep, sync_folder, write_atomic
from glowtool.store.journal import EVENTS_NAME, SAMPLES_NAME
from glowtool.store.manifest import ClockEntry, CountersEntry, LogState, read_manifest, write_manifest
from glowtool.store.tables import tables_of_journal

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from glowtool.store.journal import Checkpoint
    from glowtool.store.manifest import Ending, Manifest
    from glowtool.store.tables import Tables

SAMPLES_FILE: Final = "samples.parquet"
STROKES_FILE: Final = "strokes.parquet"
EVENTS_FILE: Final = "events.parquet"

_KEPT: Final = "the journal is kept, and `glowtool logs recover` can finish it later"


def finish(folder: Path, ending: Ending, ended_utc: datetime, checkpoint: Checkpoint) -> Manifest:
    """Turn a closed journal into Parquet and return the manifest; may be repeated after a crash at any point.

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
        }
        return seal(folder, manifest.model_copy(update=closing), tables)
    return seal(folder, manifest, None)


def seal(folder: Path, manifest: Manifest, tables: Tables | None) -> Manifest:
    """Write a log's tables and its manifest, then remove the journal; without tables, only what remains to be done."""
    with storing(f"finish the log in {folder}", kept=_KEPT):
        sweep(folder)
        if tables is not None:
            files = {SAMPLES_FILE: tables.samples, STROKES_FILE: tables.strokes, EVENTS_FILE: tables.events}
            for name, table in files.items():
                _write_parquet(folder / name, table)
            hashes = {name: sha256_of(folder / name) for name in files}
            manifest = manifest.model_copy(update={"steps": tables.steps, "sha256": hashes})
            write_manifest(folder, manifest)
        verify_files(folder, manifest)
        for name in (SAMPLES_NAME, EVENTS_NAME):
            (folder / name).unlink(missing_ok=True)
        sync_folder(folder)
    return manifest


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Hold the files against the manifest; raises `LogDamagedError` naming the first one that differs."""
    for name, expected in manifest.sha256.items():
        path = folder / name
        with storing(f"read {path}"):
            if not path.exists():
                raise LogDamagedError(f"{path} is missing, though the manifest lists it; restore it from a backup")
            found = sha256_of(path)
        if found != expected:
            raise LogDamagedError(
                f"{path} is damaged: its SHA-256 is {found}, the manifest says {expected}; restore it from a backup"
            )


def _write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table and read it back: the journal goes only when the disk has given back what it was given."""
    write_atomic(path, lambda stream: pq.write_table(table, stream, compression="zstd"))
    wanted, found = arrays_of(table), arrays_of(pq.read_table(path))
    same = wanted.keys() == found.keys() and all(
        np.array_equal(wanted[name], found[name], equal_nan=wanted[name].dtype.kind == "f") for name in wanted
    )
    if not same:
        raise LogDamagedError(f"{path} does not read back as it was written; {_KEPT}")
