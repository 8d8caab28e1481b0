"""A session's log for reading, whether it was finished, is still recording, or was cut off."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.kit.storage import lock
from glowtool.kit.storage.files import storing
from glowtool.model.event import EventKind
from glowtool.store.names import EVENTS_FILE, EVENTS_NAME, SAMPLES_FILE, STROKES_FILE
from glowtool.store.regular import is_real_folder
from glowtool.store.tables.arrow import EVENTS_SCHEMA, arrays_of, events_of
from glowtool.store.tables.events import gap_of
from glowtool.store.tables.finish import verify_files
from glowtool.store.tables.manifest import read_manifest
from glowtool.store.tables.parquet import read_columns, read_table
from glowtool.store.tables.state import LogState
from glowtool.store.tables.tables import Tables, tables_of_journal

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from glowtool.model.event import Event
    from glowtool.store.tables.manifest import Manifest
    from glowtool.stream.arrivals import Gap
    from glowtool.stream.block import Columns


class SessionLog:
    """One session on disk; columns are read when they are asked for.

    For an unfinished session, the journal completes the manifest: steps, counters and clock as far as they are known.
    """

    def __init__(self, path: Path, manifest: Manifest, journal: Tables | None) -> None:
        self.path = path
        self.manifest = manifest
        self._journal = journal

    @classmethod
    def open(cls, path: Path, *, verify: bool = True) -> SessionLog:
        """Open a session's folder; raises `LogNotFoundError`, or `LogDamagedError` naming the file that is damaged."""
        if not is_real_folder(path):
            raise LogNotFoundError(f"{path} is not a folder, or is a link to one", advice="name the folder of a log")
        manifest = read_manifest(path)
        if manifest.state is LogState.RECORDING:
            tables = tables_of_journal(path, manifest)
            with storing(f"read {path / EVENTS_NAME}"):
                # The end of a file that is being written is not whole, but not damaged either.
                damage = None if lock.is_held(path / EVENTS_NAME) else tables.damage
            known = {
                "steps": tables.steps,
                "cells": tables.cells,
                "counters": tables.counters,
                "clock": tables.clock,
                "damage": damage,
            }
            return cls(path, manifest.model_copy(update=known), tables)
        if verify:
            verify_files(path, manifest)
        return cls(path, manifest, None)

    def sample_columns(self) -> tuple[str, ...]:
        """Return the names of the samples columns, including `step`."""
        if self._journal is not None:
            return tuple(self._journal.samples.column_names)
        return tuple(read_columns(self.path / SAMPLES_FILE).names)

    def samples_table(self, *names: str) -> pa.Table:
        """Return samples columns as an Arrow table; all of them when none is named."""
        present = self.sample_columns()
        wanted = list(names or present)
        unknown = sorted(set(wanted) - set(present))
        if unknown:
            raise StoreError(
                f"{self.path} has no samples column {unknown[0]!r}", advice=f"choose one of {', '.join(present)}"
            )
        if self._journal is not None:
            return self._journal.samples.select(wanted)
        return read_table(self.path / SAMPLES_FILE, wanted)

    def samples(self, *names: str) -> Columns:
        """Return samples columns by name, each of shape (n,); all of them when none is named."""
        return arrays_of(self.samples_table(*names))

    @cached_property
    def strokes_table(self) -> pa.Table:
        """The strokes as an Arrow table."""
        return self._journal.strokes if self._journal is not None else read_table(self.path / STROKES_FILE)

    def strokes(self) -> Columns:
        """Return the strokes columns, each of shape (n,)."""
        return arrays_of(self.strokes_table)

    @cached_property
    def events_table(self) -> pa.Table:
        """The events as an Arrow table."""
        return self._journal.events if self._journal is not None else read_table(self.path / EVENTS_FILE)

    def events(self) -> tuple[Event, ...]:
        """Return the whole events, in the order in which they were written."""
        return self._events[0]

    @property
    def unreadable_events(self) -> int:
        """The number of rows in the event table that are not events; `manifest.damage` counts what a journal lost."""
        return self._events[1]

    @cached_property
    def _events(self) -> tuple[tuple[Event, ...], int]:
        table = self.events_table
        if not table.schema.equals(EVENTS_SCHEMA):
            raise LogDamagedError(
                f"{self.path / EVENTS_FILE} does not have the columns of events", advice="restore it from a backup"
            )
        return events_of(table)

    def gaps(self) -> tuple[Gap, ...]:
        """Return the samples that are missing."""
        return tuple(gap_of(event) for event in self.events() if event.kind is EventKind.GAP)
